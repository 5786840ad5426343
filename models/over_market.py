"""A ranker: what was learned, over one Market."""

from collections.abc import Callable
from dataclasses import dataclass

from matching.pairs import Pairs
from matching.rank import Ranking, Trained
from matching.vocabulary import Outcome


@dataclass(frozen=True)
class OverMarket:
    """Ranks the funds of one Market.

    Attributes
    ----------
    look : puts what was learned beside a startup of the Market.
    outcome : the event that its chances are about.
    """

    trained: Trained
    look: Callable[[Pairs], Ranking]
    outcome: Outcome

    @property
    def name(self) -> str:
        """The name of what was trained."""
        return self.trained.name

    def beside(self, pairs: Pairs) -> Ranking:
        """Look at the funds beside a startup."""
        return self.look(pairs)
