"""Rank funds for many startups into a file, which appears only when it is whole."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from matching.engine import Engine, Ranked
from matching.protocols import Progress
from matching.records import Startup

COLUMNS = ("startup_id", "fund_id", "rank", "score", "probability", "event")


def rank_all(engine: Engine, startups: Sequence[Startup], k: int, out: Path, progress: Progress) -> int:
    """Write the `k` best funds of each startup to the csv file `out`; return the number of rows."""
    rows, unfinished = 0, out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for done, startup in enumerate(startups, 1):
                ranked = engine.rank(startup, k)
                writer.writerows(_rows(startup, ranked))
                rows += len(ranked)
                progress(done, len(startups))
        os.replace(unfinished, out)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def _rows(startup: Startup, ranked: Iterable[Ranked]) -> Iterable[tuple[object, ...]]:
    for fund in ranked:
        chance = "" if fund.probability is None else repr(fund.probability)
        yield startup.startup_id, fund.fund_id, fund.rank, repr(fund.score), chance, fund.outcome.value
