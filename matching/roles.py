"""Who uses the service: roles, scopes of keys, verdicts on suggestions."""

from enum import StrEnum

from matching.vocabulary import IntroductionStatus as Status


class Role(StrEnum):
    """What an account is.

    `MANAGER`: runs programs, and sees the startups of their own. `STARTUP`: owns one profile. `AUDITOR`:
    reads everything, changes nothing. `SERVICE`: a machine that keeps the records up to date.
    """

    ADMIN = "admin"
    MANAGER = "manager"
    STARTUP = "startup"
    AUDITOR = "auditor"
    SERVICE = "service"


class Scope(StrEnum):
    """What a key may be used for, within what its account may do."""

    READ = "read"
    WRITE = "write"


_STEPS = {Role.STARTUP: frozenset({Status.FOUNDER_OK, Status.FOUNDER_DECLINED, Status.WITHDRAWN})}


def steps_of(role: Role) -> frozenset[Status]:
    """Return the steps of an introduction that a role may take: a startup its own consent, others any."""
    return _STEPS.get(role, frozenset(Status))


class FeedbackVerdict(StrEnum):
    """What a person makes of a suggestion; `NOTE` is private to the managers."""

    ACCEPT = "accept"
    REJECT = "reject"
    PIN = "pin"
    NOTE = "note"
