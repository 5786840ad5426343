"""Who uses the service: roles, scopes of keys, verdicts on suggestions."""

from enum import StrEnum


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


class FeedbackVerdict(StrEnum):
    """What a person makes of a suggestion; `NOTE` is private to the managers."""

    ACCEPT = "accept"
    REJECT = "reject"
    PIN = "pin"
    NOTE = "note"
