import asyncio
import json
import stat
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.formparsers import MultiPartParser

from api.http import envelope, uploads
from api.http.routes import imports
from api.http.serving import Serving
from data.audit import AuditAction, AuditEntry, entries
from data.formats.xlsx_file import write_xlsx
from data.importer import import_folder
from matching.roles import Role
from tests.api.http.crowd import Barrier, asking
from tests.api.http.service import FILES, Service
from tests.api.installation import Ketnoi, write

FUNDS = "fund_id,name,stages,sectors,countries,status\nnew,New,seed,fintech,VN,deploying\n"
BAD = "startup_id,name,raising_usd\nx,X,much\ny,Y,1\n"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files go; there is none left behind, whatever a test does."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def send(
    service: Service, *files: tuple[str, str | bytes], role: Role = Role.SERVICE, query: str = ""
) -> Any:
    parts = [("files", (name, content)) for name, content in files]
    return service(role, "POST", f"/v1/imports{query}", files=parts)


def serving_of(service: Service) -> Serving:
    serving: Serving = service.client.app.state.serving  # type: ignore[attr-defined]
    return serving


def test_files_are_imported_and_served(service: Service) -> None:
    answer = send(service, ("funds.csv", FUNDS), ("programs.jsonl", '{"program_id": "p", "name": "P"}'))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["ok"], told["dry_run"]) == (True, False)
    assert [(file["file"], file["added"]) for file in told["files"]] == [
        ("programs.jsonl", 1),
        ("funds.csv", 1),
    ]
    serving_of(service).refresh()
    assert service.get(None, "/readyz").json()["current"]
    assert "new" in serving_of(service).picture.engine.market.funds.row_of
    again = send(service, ("funds.csv", FUNDS)).json()["files"][0]
    assert (again["added"], again["unchanged"]) == (0, 1)


def test_the_report_is_that_of_the_command_line(service: Service, tmp_path: Path, ketnoi: Ketnoi) -> None:
    sent = {"funds": FUNDS, "startups": BAD + "x,X,\n", "investments": FILES["investments"]}
    answer = send(service, *((f"{name}.csv", text) for name, text in sent.items()), query="?dry_run=true")
    printed = ketnoi("import", write(tmp_path / "sent", **sent), "--json", "--dry-run").json
    assert answer.json()["report"] == printed


def test_a_file_with_a_bad_row_is_refused_whole_and_the_others_are_loaded(service: Service) -> None:
    answer = send(service, ("startups.csv", BAD), ("funds.csv", FUNDS))
    told = answer.json()
    assert (answer.status_code, told["type"]) == (422, "/problems/invalid")
    assert told["detail"] == "Refused: startups.csv (faults: 1); what else was sent is loaded."
    money = "be US dollars from 0 to 1,000,000,000,000, in digits without separators"
    assert told["errors"] == [{"field": "startups.csv:2, column raising_usd", "rule": money, "value": "much"}]
    assert [(file["file"], file["ok"]) for file in told["report"]["files"]] == [
        ("startups.csv", False),
        ("funds.csv", True),
    ]
    assert service.get(Role.ADMIN, "/v1/funds/new").status_code == 200
    assert service.get(Role.ADMIN, "/v1/startups/y").status_code == 404


def test_a_dry_run_writes_nothing(service: Service) -> None:
    answer = send(service, ("funds.csv", FUNDS), query="?dry_run=true")
    assert (answer.status_code, answer.json()["dry_run"], answer.json()["files"][0]["added"]) == (
        200,
        True,
        1,
    )
    assert service.get(Role.ADMIN, "/v1/funds/new").status_code == 404
    assert imported(service) == []


def imported(service: Service) -> list[AuditEntry]:
    every = entries(service.app.database, limit=1_000)
    mine = service.get(Role.SERVICE, "/v1/me").json()["account_id"]
    return [e for e in every if e.action is AuditAction.IMPORTED and e.actor == mine]


def test_the_audit_log_counts_and_names_no_record(service: Service) -> None:
    send(service, ("startups.csv", BAD), ("funds.csv", FUNDS))
    send(service, ("funds.csv", FUNDS))
    (entry,) = imported(service)
    assert (entry.object, entry.detail) == ("import/funds", {"added": 1, "changed": 0, "unchanged": 0})


NAMES = (
    "../funds.csv",
    "/etc/funds.csv",
    "..\\funds.csv",
    "funds.csv\0",
    "funds.csv\0.xlsx",
    "Funds.csv",
    "funds.CSV",
    "funds .csv",
    "funds.csv ",
    "fundѕ.csv",
    "ｆunds.csv",
    "fu\u200bnds.csv",
    "funds.csv.gz",
    "funds.txt",
    "funds",
    ".csv",
    "",
    "other.csv",
    "%66unds.csv",
    "x" * 3_000,
)


def test_a_name_that_is_not_of_the_contract_is_refused(service: Service) -> None:
    for name in NAMES:
        body = raw(part(f'name="files"; filename="{name}"', FUNDS))
        answer = service(Role.ADMIN, "POST", "/v1/imports", **body)
        assert answer.status_code in (400, 422), name
        if answer.status_code == 422:
            (error,) = answer.json()["errors"]
            assert error["field"] in ("filename", "files"), name
    assert service.get(Role.ADMIN, "/v1/funds/new").status_code == 404


def part(disposition: str, content: str, more: str = "") -> bytes:
    return f"--b\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n{content}\r\n".encode()


def raw(
    *parts: bytes, end: bytes = b"--b--\r\n", kind: str = "multipart/form-data; boundary=b"
) -> dict[str, Any]:
    return {"content": b"".join(parts) + end, "headers": {"Content-Type": kind}}


GOOD = part('name="files"; filename="funds.csv"', FUNDS)


BODIES: tuple[tuple[dict[str, Any], int, str], ...] = (
    (raw(GOOD, GOOD), 422, "filename must be the name of one file alone, got 'funds.csv'."),
    (raw(), 422, "files must hold at least one file"),
    (raw(GOOD, end=b""), 400, "it has no end"),
    (raw(GOOD, GOOD[:-20], end=b""), 400, "it has no end"),
    (
        raw(part('name="files"; filename="funds.csv"', FUNDS)[: -len(FUNDS)], end=b""),
        400,
        "it has no end",
    ),
    (raw(GOOD, kind="multipart/form-data"), 400, "Missing boundary"),
    (raw(GOOD, kind="multipart/form-data; boundary=c"), 400, "Invalid multipart data"),
    (raw(GOOD, kind="application/json"), 422, "Content-Type must be multipart/form-data"),
    (raw(GOOD, kind="application/x-www-form-urlencoded"), 422, "Content-Type must be"),
    (raw(part('name="files"', FUNDS)), 400, "Too many fields"),
    (raw(part('name="dry_run"', "true"), GOOD), 400, "Too many fields"),
    (raw(part('name="other"; filename="funds.csv"', FUNDS)), 422, "other must be called files"),
    (raw(part('filename="funds.csv"', FUNDS)), 400, '"name" must be provided'),
    (raw(*[GOOD] * 19), 400, "Too many files"),
    (raw(part('name="files"; filename="funds.csv"', FUNDS, "A: b\r\n" * 20)), 400, "Invalid multipart"),
    (raw(part('name="files"; filename="funds.csv"', FUNDS, f"A: {'b' * 9_000}\r\n")), 400, "Invalid"),
)


def test_the_body_is_whole_and_holds_files_alone(service: Service) -> None:
    for told, status, detail in BODIES:
        answer = service(Role.ADMIN, "POST", "/v1/imports", **told)
        assert answer.status_code == status, (detail, answer.text)
        assert detail in answer.json()["detail"]
    assert service.get(Role.ADMIN, "/v1/funds/new").status_code == 404
    assert service(Role.ADMIN, "POST", "/v1/imports", **raw(GOOD)).status_code == 200


def test_the_same_name_in_two_formats_is_refused(service: Service) -> None:
    answer = send(service, ("funds.csv", FUNDS), ("funds.jsonl", '{"fund_id": "b", "name": "B"}'))
    assert answer.status_code == 422 and "only file of its name" in answer.json()["detail"] + answer.text


def test_a_workbook_is_imported_and_a_bomb_is_not(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "funds.xlsx"
    write_xlsx(path, ("fund_id", "name"), [("new", "New")])
    assert send(service, ("funds.xlsx", path.read_bytes())).status_code == 200
    answer = send(service, ("funds.xlsx", b"PK\x05\x06" + b"\xff" * 18))
    assert answer.status_code == 422 and answer.json()["report"]["files"][0]["faults"][0]["line"] == 0


def test_a_body_may_be_larger_than_others_and_is_bounded(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope, "LARGEST_IMPORT", 1 << 20)
    long = "fund_id,name,note\nnew,New," + "x" * (600 << 10)
    assert send(service, ("funds.csv", long)).status_code == 200
    answer = send(service, ("funds.csv", long), ("startups.csv", long))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    body = {"name": "x" * (1 << 19)}
    assert service.put(Role.ADMIN, "/v1/funds/new", body, "").status_code == 413


def test_what_nobody_may_send_is_not_read(service: Service) -> None:
    async def never() -> dict[str, Any]:
        raise AssertionError("the body is read")

    def ask(key: str) -> int:
        statuses = []

        async def send(message: Any) -> None:
            statuses.append(message.get("status"))

        headers = [(b"content-type", b"multipart/form-data; boundary=b"), (b"authorization", key.encode())]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/imports",
            "query_string": b"",
            "headers": headers,
        }
        asyncio.run(service.client.app(scope, never, send))  # type: ignore[arg-type]
        return int(statuses[0])

    assert ask("") == 401
    assert [ask(f"Bearer {service.keys[role]}") for role in (Role.MANAGER, Role.STARTUP, Role.AUDITOR)] == [
        403
    ] * 3


def test_one_import_at_a_time_beside_everything_else(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Barrier()
    monkeypatch.setattr(imports, "import_folder", held.before(import_folder))
    with asking(1, lambda: send(service, ("funds.csv", FUNDS))) as answers:
        held.wait_for_one()
        answer = send(service, ("funds.csv", FUNDS))
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/busy")
        assert "Retry-After" in answer.headers
        assert service.get(Role.ADMIN, "/v1/funds/north").status_code == 200
        held.open()
    assert answers[0].result().status_code == 200
    assert send(service, ("funds.csv", FUNDS)).status_code == 200


def test_files_that_take_too_long_to_come_are_refused(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: object) -> None:
        await asyncio.sleep(3_600)

    monkeypatch.setattr(MultiPartParser, "parse", never)
    monkeypatch.setattr(uploads, "SECONDS", 0.0)
    answer = send(service, ("funds.csv", FUNDS))
    assert (answer.status_code, answer.json()["type"]) == (408, "/problems/too-slow")


def test_the_files_are_their_owner_s_alone_and_gone_even_if_it_breaks(
    service: Service, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def broken(_: object, folder: Path, *__: object, **___: object) -> None:
        seen.append(stat.S_IMODE(folder.stat().st_mode))
        assert [path.name for path in folder.iterdir()] == ["funds.csv"] and folder.parent == temporary
        raise RuntimeError("broken")

    monkeypatch.setattr(imports, "import_folder", broken)
    assert send(service, ("funds.csv", FUNDS)).status_code == 500
    assert seen == [0o700]
    monkeypatch.undo()
    assert send(service, ("funds.csv", FUNDS)).status_code == 200


WORDS = ["mine", "north", "seed", "VN", "1e9", "=1+1", "2021-02-30", '"', "\0", ";"]
COLUMNS = ["startup_id", "fund_id", "name", "stage", "raising_usd", "program_id", "at", "", "x"]
CELLS = st.text(max_size=20) | st.sampled_from(WORDS)
CSV = st.builds(
    lambda header, rows: "\n".join(",".join(row) for row in (header, *rows)).encode(errors="surrogatepass"),
    st.lists(st.sampled_from(COLUMNS), max_size=5),
    st.lists(st.lists(CELLS, max_size=5), max_size=5),
)
OBJECTS = st.dictionaries(st.sampled_from(COLUMNS), st.none() | CELLS | st.lists(CELLS, max_size=2))
JSONL = st.lists(OBJECTS).map(lambda told: "\n".join(map(json.dumps, told)).encode())
BYTES = st.binary(max_size=200)
SENT = st.lists(
    st.tuples(
        st.sampled_from(sorted(uploads.NAMES)) | st.text(max_size=30),
        CSV | JSONL | BYTES | BYTES.map(lambda some: b"PK\x03\x04" + some),
    ),
    max_size=4,
)


def throw(service: Service, examples: int) -> Counter[int]:
    """Send whatever files; count the answers by status."""
    statuses: Counter[int] = Counter()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(SENT, st.booleans())
    def ask(files: list[tuple[str, bytes]], dry_run: bool) -> None:
        answer = send(service, *files, query=f"?dry_run={str(dry_run).lower()}")
        assert answer.status_code in (200, 400, 422), answer.text
        statuses[answer.status_code] += 1
        if answer.status_code == 422 and "report" in answer.json():
            assert all(fault["rule"] for file in answer.json()["report"]["files"] for fault in file["faults"])

    ask()
    return statuses


def test_whatever_is_sent_is_answered(service: Service) -> None:
    assert set(throw(service, 15)) >= {422}


@pytest.mark.acceptance
def test_whatever_is_sent_a_thousand_times_is_answered(service: Service) -> None:
    assert set(throw(service, 1_000)) >= {200, 422}
