"""The error hierarchy: every message names the field, the rule and the value it got."""


class KetnoiError(Exception):
    """Something the user can act on; its text is shown as it is, without a traceback."""


class BadValue(KetnoiError, ValueError):
    """A value that breaks a rule.

    Attributes
    ----------
    rule : str
        What was wanted, in words that finish "must be ...".
    value : str
        What was given.
    """

    def __init__(self, rule: str, value: object, field: str = "value") -> None:
        self.rule, self.value, self.field = rule, str(value), field
        super().__init__(f"{field} must be {rule}, got {shortened(str(value))}")


class NotFound(KetnoiError):
    """An id that is in no record."""


class Stale(KetnoiError):
    """A record that is no longer what its writer has seen; `tag` is what it is now."""

    def __init__(self, what: str, tag: str) -> None:
        self.tag = tag
        super().__init__(f"{what} was changed since it was read")


class NotReady(KetnoiError):
    """A part that is missing: no database yet, no embedding model installed."""


class Busy(NotReady):
    """More is asked than can be done now; the same works a moment later."""


def shortened(value: str, limit: int = 80) -> str:
    """Quote a value for a message, cut to `limit` characters.

    >>> shortened("x" * 100, 5)
    "'xxxxx…' (100 characters)"
    """
    return repr(value) if len(value) <= limit else f"{value[:limit] + '…'!r} ({len(value)} characters)"
