"""Rank funds for many startups into a file, which appears only when it is whole."""

import csv
import os
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from matching.engine import Engine
from matching.errors import BadValue, NotReady
from matching.protocols import Progress
from matching.records import Startup

COLUMNS = ("startup_id", "fund_id", "rank", "score", "probability", "event")
Row = tuple[str, str, int, float, float | None, str]


def rank_all(engine: Engine, startups: Sequence[Startup], k: int, out: Path, progress: Progress) -> int:
    """Write the `k` best funds of each startup to `out`, csv or parquet by its ending; count the rows."""
    write = {".csv": _write_csv, ".parquet": _write_parquet}[require_ending(out)]
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        rows = write(unfinished, _rows(engine, startups, k, progress))
        os.replace(unfinished, out)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def require_ending(out: Path) -> str:
    """Return the ending of a file that can be written.

    Raises
    ------
    BadValue
        If it is neither .csv nor .parquet, or stands in no folder.
    NotReady
        If it is .parquet and polars is not installed.
    """
    ending = out.suffix.lower()
    if ending not in {".csv", ".parquet"}:
        raise BadValue("a file that ends in .csv or .parquet", out, "--out")
    if not out.parent.is_dir():
        raise BadValue("in a folder that exists", out, "--out")
    if ending == ".parquet" and find_spec("polars") is None:
        raise NotReady("writing parquet needs polars: run `pip install 'ketnoi[parquet]'`")
    return ending


def _rows(engine: Engine, startups: Sequence[Startup], k: int, progress: Progress) -> Iterator[Row]:
    for done, startup in enumerate(startups, 1):
        for fund in engine.rank(startup, k):
            event = fund.outcome.value
            yield startup.startup_id, fund.fund_id, fund.rank, fund.score, fund.probability, event
        progress(done, len(startups))


def _write_csv(path: Path, rows: Iterator[Row]) -> int:
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow(row)
            written += 1
    return written


def _write_parquet(path: Path, rows: Iterator[Row]) -> int:
    import polars

    types = (polars.String, polars.String, polars.Int32, polars.Float64, polars.Float64, polars.String)
    table = polars.DataFrame(list(rows), schema=dict(zip(COLUMNS, types, strict=True)), orient="row")
    table.write_parquet(path)
    return table.height
