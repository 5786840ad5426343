"""The service over a small invented market, asked in this process by every role."""

from dataclasses import dataclass, field
from typing import Any

from fastapi.testclient import TestClient

from api.compose import App
from data.accounts import add_account
from data.credentials import add_key
from data.jobs import JobKind, JobState, end_job, open_job
from matching.rank import PriorRanker
from matching.roles import Role, Scope
from models.releases import write

FILES = {
    "programs": "program_id,name\nspring,Spring\nautumn,Autumn\n",
    "startups": (
        "startup_id,program_id,name,description,sectors,country,city,stage,raising_usd,exclusions,source\n"
        "mine,spring,Công nghệ Mùa Xuân,Rice insurance for farmers,fintech,VN,Hanoi,seed,500000,,a list\n"
        "rival,autumn,Rival,Crop insurance for farmers,fintech,VN,Hanoi,seed,400000,,\n"
        "free,,Free,Boats,logistics,VN,,seed,,,\n"
        "backed,,Backed,Insurance for cattle,fintech,VN,Hanoi,seed,,,\n"
    ),
    "funds": (
        "fund_id,name,thesis,stages,sectors,countries,status,verified_on\n"
        "north,North,Backs insurance for farmers from the seed on.,seed,fintech,VN,deploying,2026-01-01\n"
        "south,South,Backs payments for shops from its seed round on.,seed,fintech,VN,deploying,2026-01-01\n"
        "late,Late,Backs companies that grow in all of Asia.,series-c,fintech,VN,deploying,2026-01-01\n"
        "closed,Closed,,seed,fintech,VN,inactive,2026-01-01\n"
    ),
    "investments": "startup_id,fund_id,announced_on,round\nbacked,north,2026-03,seed\n",
    "introductions": (
        "introduction_id,startup_id,fund_id,opened_on,released_by\n"
        "old-mine,mine,late,2026-02-01,Lan\nold-rival,rival,late,2026-02-01,Lan\n"
    ),
    "introduction_events": (
        "introduction_id,status,at,reason,by\n"
        "old-mine,investor_declined,2026-03-01,too early,Lan\nold-rival,investor_asked,2026-03-01,,Lan\n"
    ),
}
PASSWORD = "a long enough password"
PROGRAMS = {Role.MANAGER: ["spring"]}
RELEASE, JOB = "2026-11-24-1", "first"
OWNED = {Role.STARTUP: "mine"}


@dataclass
class Service:
    """Asks the service as an account of a role."""

    app: App
    client: TestClient
    keys: dict[Role, str] = field(default_factory=dict)

    def __call__(self, role: Role | None, method: str, path: str, **told: Any) -> Any:
        headers = dict(told.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {self.keys[role]}"
        return self.client.request(method, path, headers=headers, **told)

    def get(self, role: Role | None, path: str, **told: Any) -> Any:
        """Read."""
        return self(role, "GET", path, **told)

    def put(self, role: Role | None, path: str, body: Any, tag: str | None = None, **told: Any) -> Any:
        """Write with the tag that was read; "" stands for a new record."""
        headers = {} if tag is None else {"If-Match": tag} if tag else {"If-None-Match": "*"}
        return self(role, "PUT", path, json=body, headers={**headers, **told.pop("headers", {})}, **told)

    def link(self, path: str) -> str:
        """Make a link that asks about an introduction or a fund; return its token."""
        made = self(Role.ADMIN, "POST", f"{path}/link")
        assert made.status_code == 201, made.text
        return str(made.json()["path"].rpartition("/")[2])


def add_release(app: App) -> str:
    """Register a release that ranks as the prior does; return its id."""
    made = app.releases.register(
        write(PriorRanker()).to_bytes(),
        kind="prior",
        data_until=app.now.date(),
        synthetic=False,
        metrics={"recall@10": 0.25},
        settings={"embedding_model": "none"},
        at=app.now,
    )
    return made.release_id


def add_history(app: App) -> None:
    """Register RELEASE, and a job that is done."""
    assert add_release(app) == RELEASE
    settings = {"as_of": None, "promote": False}
    open_job(app.database, JOB, JobKind.TRAIN, settings, actor="test", now=app.now)
    end_job(app.database, JOB, JobState.DONE, app.now, result={"release_id": RELEASE})


def email(role: Role) -> str:
    """Return the address of the account of a role."""
    return f"{role}@example.vn"


def add_accounts(app: App, password_hash: str) -> dict[Role, str]:
    """Open an account of each role, with a key for everything; return the keys."""
    keys = {}
    for role in Role:
        account = add_account(
            app.database,
            role=role,
            email=email(role),
            name=f"The {role}",
            actor="test",
            at=app.now,
            programs=PROGRAMS.get(role, ()),
            startup_id=OWNED.get(role),
            password_hash=password_hash,
        )
        _, keys[role] = add_key(app.database, account.account_id, list(Scope), 30, actor="test", at=app.now)
    return keys
