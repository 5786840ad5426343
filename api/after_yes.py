"""What may follow once a fund has accepted an introduction: chances by step of the funnel."""

from collections.abc import Callable, Mapping

from matching.chances import Chance
from matching.vocabulary import IntroductionStatus

AfterYes = Callable[[str], Mapping[IntroductionStatus, Chance]]
"""Tells of a fund, by its id, the chance of each step that enough is known of."""


def nothing_more(fund_id: str) -> Mapping[IntroductionStatus, Chance]:
    """Tell of no step."""
    return {}
