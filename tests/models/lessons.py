"""A synthetic market and what is learned from it, once for all tests of a session."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from data.database import connect, migrate
from data.importer import import_folder
from data.store import Store
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market
from matching.knowledge import Knowledge
from matching.rank import PriorRanker, Trained
from matching.vocabulary import Rung
from models.examples import Examples, build_examples
from models.features.view import DealView
from models.history import Remembered
from models.snapshots import snapshot_days
from models.training import KERNEL, SAMPLE, learn
from tests.matching.worlds import HashedVectors, renamed

DAY = date(2025, 1, 1)
SETTINGS = MarketSettings(n_startups=700, n_funds=50, seed=11, first_year=2021)
VECTORS = HashedVectors()


@cache
def market() -> Knowledge:
    """All that the database knows of the market."""
    with TemporaryDirectory() as folder:
        write_market(draw_market(SETTINGS), Path(folder) / "market")
        database = connect(f"sqlite:///{folder}/ketnoi.db")
        migrate(database)
        assert import_folder(database, Path(folder) / "market", datetime(2026, 1, 1, tzinfo=UTC)).ok
        found = Store(database).knowledge(None)
        database.dispose()
    return found


@cache
def blocks() -> tuple[Examples, ...]:
    """The examples of two years."""
    return examples_of(market())


def examples_of(world: Knowledge) -> tuple[Examples, ...]:
    """Look two years back."""
    days = snapshot_days(date(2023, 1, 1), DAY)
    history = Remembered(world)
    built = build_examples(history, VECTORS, days, DAY, see=DealView.of, sample=SAMPLE, dtype=np.float32)
    return tuple(built)


@cache
def releases() -> Mapping[Rung, Trained]:
    """What each rung has learned."""
    rungs: dict[Rung, Trained] = {Rung.PRIOR: PriorRanker(), Rung.KERNEL: KERNEL}
    for rung in (Rung.LOGISTIC, Rung.BOOSTED):
        rungs[rung] = learn(blocks(), rung)
    return rungs


def told_otherwise(world: Knowledge, seed: int) -> tuple[Knowledge, dict[str, str]]:
    """Give a world other ids and another order of records; return the new id of each old one as well."""
    lot = Random(seed)
    ids = [*(startup.startup_id for startup in world.startups), *(fund.fund_id for fund in world.funds)]
    new = dict(zip(ids, lot.sample([f"x{at}" for at in range(len(ids))], len(ids)), strict=True))
    other = renamed(world, new)
    introductions = [replace(one, introduction_id=f"{lot.random()}") for one in other.introductions]
    other = replace(other, introductions=tuple(introductions))
    shuffled = (
        tuple(lot.sample(rows, len(rows))) for rows in (getattr(other, f.name) for f in fields(other))
    )
    return Knowledge(*shuffled), new
