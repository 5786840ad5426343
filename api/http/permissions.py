"""Who may do what: one table, read by every route, shown in docs/api.md, held by the tests."""

from dataclasses import dataclass
from enum import StrEnum

from data.credentials import Credential
from matching.roles import Role, Scope


class Action(StrEnum):
    """What a route does."""

    READ_STARTUP = "read_startup"
    WRITE_STARTUP = "write_startup"
    DELETE_STARTUP = "delete_startup"
    SHORTLIST = "shortlist"
    SEE_SUGGESTIONS = "see_suggestions"
    GIVE_FEEDBACK = "give_feedback"
    READ_INTRODUCTION = "read_introduction"
    INTRODUCE = "introduce"
    TAKE_STEP = "take_step"
    READ_FUND = "read_fund"
    WRITE_FUND = "write_fund"
    DELETE_FUND = "delete_fund"
    ASK_FUND = "ask_fund"
    ASK = "ask"
    IMPORT_RECORDS = "import_records"
    READ_RELEASE = "read_release"
    CHOOSE_RELEASE = "choose_release"
    TRAIN = "train"
    READ_METRICS = "read_metrics"


class Reach(StrEnum):
    """Whose records a role may do it to: all, those of its own programs, its own, nobody's."""

    EVERY = "every"
    PROGRAM = "program"
    OWN = "own"
    NONE = "none"


@dataclass(frozen=True)
class Rule:
    """One row of the table: the scope that a key needs, and the reach of each role."""

    scope: Scope
    reach: dict[Role, Reach]


def _rule(scope: Scope, *reach: Reach) -> Rule:
    return Rule(scope, dict(zip(Role, reach, strict=True)))


_READ, _WRITE = Scope
_EVERY, _PROGRAM, _OWN, _NONE = Reach

PERMISSIONS = {
    #                                  key     admin   manager   startup  auditor  service
    Action.READ_STARTUP: _rule(_READ, _EVERY, _PROGRAM, _OWN, _EVERY, _EVERY),
    Action.WRITE_STARTUP: _rule(_WRITE, _EVERY, _PROGRAM, _OWN, _NONE, _EVERY),
    Action.DELETE_STARTUP: _rule(_WRITE, _EVERY, _NONE, _OWN, _NONE, _NONE),
    Action.SHORTLIST: _rule(_READ, _EVERY, _PROGRAM, _NONE, _EVERY, _EVERY),
    Action.SEE_SUGGESTIONS: _rule(_READ, _NONE, _NONE, _OWN, _NONE, _NONE),
    Action.GIVE_FEEDBACK: _rule(_WRITE, _EVERY, _PROGRAM, _OWN, _NONE, _NONE),
    Action.READ_INTRODUCTION: _rule(_READ, _EVERY, _PROGRAM, _OWN, _EVERY, _EVERY),
    Action.INTRODUCE: _rule(_WRITE, _EVERY, _PROGRAM, _NONE, _NONE, _NONE),
    Action.TAKE_STEP: _rule(_WRITE, _EVERY, _PROGRAM, _OWN, _NONE, _NONE),
    Action.READ_FUND: _rule(_READ, _EVERY, _EVERY, _NONE, _EVERY, _EVERY),
    Action.WRITE_FUND: _rule(_WRITE, _EVERY, _NONE, _NONE, _NONE, _EVERY),
    Action.DELETE_FUND: _rule(_WRITE, _EVERY, _NONE, _NONE, _NONE, _NONE),
    Action.ASK_FUND: _rule(_WRITE, _EVERY, _EVERY, _NONE, _NONE, _NONE),
    Action.ASK: _rule(_READ, _EVERY, _EVERY, _NONE, _NONE, _EVERY),
    Action.IMPORT_RECORDS: _rule(_WRITE, _EVERY, _NONE, _NONE, _NONE, _EVERY),
    Action.READ_RELEASE: _rule(_READ, _EVERY, _EVERY, _NONE, _EVERY, _EVERY),
    Action.CHOOSE_RELEASE: _rule(_WRITE, _EVERY, _NONE, _NONE, _NONE, _NONE),
    Action.TRAIN: _rule(_WRITE, _EVERY, _NONE, _NONE, _NONE, _NONE),
    Action.READ_METRICS: _rule(_READ, _EVERY, _NONE, _NONE, _EVERY, _EVERY),
}


@dataclass(frozen=True)
class Decision:
    """How far something may be done, and why: `reason` tells of the table, never of a record."""

    reach: Reach
    reason: str


def decide(credential: Credential, action: Action) -> Decision:
    """Tell how far an asker's right to an action reaches."""
    rule, role = PERMISSIONS[action], credential.account.role
    if credential.scopes is not None and rule.scope not in credential.scopes:
        return Decision(Reach.NONE, f"the key has no scope {rule.scope}")
    reach = rule.reach[role]
    return Decision(reach, f"{action} is for {reach} to {role}")


def covers(credential: Credential, reach: Reach, startup_id: str, program_id: str | None) -> bool:
    """Tell whether a startup, of a program or of none, is within reach."""
    account = credential.account
    if reach is Reach.PROGRAM:
        return program_id in account.programs
    if reach is Reach.OWN:
        return startup_id == account.startup_id
    return reach is Reach.EVERY
