"""Training as a method: for each test, what would have been learned on its day."""

from dataclasses import dataclass

from matching.market import Market
from matching.protocols import VectorStore
from models.history import History
from models.served import Served, Serving
from models.training import Training


@dataclass(frozen=True)
class Retrained:
    """Trains on what a history knew on the day of a Market, then serves."""

    history: History
    name: str = "learned"

    def fit(self, market: Market, vectors: VectorStore) -> Serving:
        """Train."""
        lesson = Training(self.history, vectors, market.as_of).run()
        return Served(lesson.trained).fit(market, vectors)
