"""What a column of a learned feature matrix is."""

from dataclasses import dataclass

from matching.vocabulary import Feature


@dataclass(frozen=True, slots=True)
class Column:
    """A feature of a startup beside a fund; NaN is unknown.

    Attributes
    ----------
    unit : what a value counts.
    reason : what it is told as, where it moves a score; None where it is no reason for one fund alone, or
        none that can be checked.
    direction : 1 where more of it can only speak for a fund, -1 against, 0 where nobody knows.
    missing : when it is NaN; "" where it never is.
    source : records it is computed from.
    """

    name: str
    unit: str
    reason: Feature | None
    direction: int = 0
    missing: str = ""
    source: str = "deals"
