"""A chance as it is told: with the interval it is known to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of an event.

    Attributes
    ----------
    probability : from 0 to 1.
    low, high : its 95 % interval: how surely the data tell the chance, not what one outcome may be.
    """

    probability: float
    low: float
    high: float
