"""Rows a second of an import into a fresh database, of the same import again, and where the time goes.

python -m benchmarks.import_speed [SCALE] [DATABASE]

SCALE 1: 100,000 startups, 10,000 funds, 1,000,000 deals. DATABASE: the address of an empty database, which is
left full; none: a new SQLite file.
"""

import cProfile
import pstats
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from data.database import connect, migrate
from data.importer import import_folder
from data.tables import METADATA

STARTUPS, FUNDS, DEALS = 100_000, 10_000, 1_000_000
WORDS = ("solar", "rice", "payment", "clinic", "school", "wallet", "farm", "cloud", "factory", "travel")
SECTORS = ("fintech", "edtech;AI", "Nông nghiệp", "healthcare;saas", "Logistics", "zzq;media")
COUNTRIES = ("Vietnam", "SGP", "Indonesia", "United States", "VN")
ROUNDS = ("Seed", "Series A", "Series B", "angel", "pre-seed", "Series C", "venture")
SHOWN = 12


def write_folder(folder: Path, scale: float) -> Path:
    """Write a synthetic folder: invented startups, funds and deals, the same for the same scale."""
    draw = random.Random(11)
    startups, funds, deals = (int(n * scale) for n in (STARTUPS, FUNDS, DEALS))
    _write(folder / "startups.csv", _startups(draw, startups))
    _write(folder / "funds.csv", _funds(draw, funds))
    _write(folder / "investments.csv", _deals(draw, startups, funds, deals))
    return folder


def _write(path: Path, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _prose(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(WORDS, k=words))


def _startups(draw: random.Random, number: int) -> Iterator[str]:
    yield (
        "startup_id,name,description,description_vi,sectors,country,city,stage,"
        "founded_on,raising_usd,first_seen_on,website,source"
    )
    for n in range(number):
        yield (
            f'startup-{n},Công ty {n},"{_prose(draw, 25)}, {n}",Phần mềm số {n},{draw.choice(SECTORS)},'
            f"{draw.choice(COUNTRIES)},Hà Nội,{draw.choice(ROUNDS)},{draw.randint(2000, 2020)},"
            f"{draw.randint(1, 99)}0000,20{draw.randint(10, 22)}-0{draw.randint(1, 9)},"
            f"https://startup-{n}.example,synthetic"
        )


def _funds(draw: random.Random, number: int) -> Iterator[str]:
    yield "fund_id,name,type,thesis,stages,sectors,countries,ticket_min_usd,ticket_max_usd,status"
    for n in range(number):
        yield (
            f"fund-{n},Fund {n},vc,{_prose(draw, 30)},seed;series A,{draw.choice(SECTORS)},"
            f"{draw.choice(COUNTRIES)},{draw.randint(1, 9)}0000,{draw.randint(1, 9)}00000,active"
        )


def _deals(draw: random.Random, startups: int, funds: int, number: int) -> Iterator[str]:
    yield "startup_id,fund_id,announced_on,round,amount_usd,lead"
    seen: set[tuple[int, int, str]] = set()
    while len(seen) < number:
        day = f"20{draw.randint(10, 22)}-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}"
        key = (draw.randrange(startups), draw.randrange(funds), day)
        if key not in seen:
            seen.add(key)
            told = f"{draw.choice(ROUNDS)},{draw.randint(1, 500)}0000,{draw.choice(('', '', 'yes'))}"
            yield f"startup-{key[0]},fund-{key[1]},{day},{told}"


def measure(name: str, engine: Engine, folder: Path) -> None:
    """Import each file by itself and print its row of the table."""
    for file in ("startups.csv", "funds.csv", "investments.csv"):
        with tempfile.TemporaryDirectory() as alone:
            (Path(alone) / file).symlink_to(folder / file)
            begun, used = time.perf_counter(), time.process_time()
            (report,) = import_folder(engine, Path(alone), datetime(2026, 11, 24, tzinfo=UTC)).files
            took, used = time.perf_counter() - begun, time.process_time() - used
        assert report.ok, report.faults[:3]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        speed, at_best = report.rows / took, report.rows / used
        print(
            f"{name:<16}{file:<18}{report.rows:>10,}{took:>8.1f}{speed:>9,.0f}{at_best:>11,.0f}{peak:>10.2f}"
        )


def profiled(engine: Engine, folder: Path) -> None:
    """Print the functions that take most of the time of a first import."""
    migrate(engine)
    with engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())
    profile = cProfile.Profile()
    profile.enable()
    import_folder(engine, folder, datetime(2026, 11, 24, tzinfo=UTC))
    profile.disable()
    stats = pstats.Stats(profile)
    rows = sorted(stats.get_stats_profile().func_profiles.items(), key=lambda item: -item[1].tottime)
    print(f"\nown time of a first import, profiled ({stats.total_tt:.1f} s with the profiler's own cost)")  # type: ignore[attr-defined]
    for function, row in rows[:SHOWN]:
        print(f"  {row.tottime:>7.2f} s {row.ncalls:>12} calls  {function}")


def main(scale: float = 0.1, database: str = "") -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "folder"
        folder.mkdir()
        write_folder(folder, scale)
        engine = connect(database or f"sqlite:///{place}/ketnoi.sqlite3")
        migrate(engine)
        print(
            f"{'import':<16}{'file':<18}{'rows':>10}{'s':>8}{'rows/s':>9}{'rows/CPU s':>11}{'peak GiB':>10}"
        )
        measure("first", engine, folder)
        measure("again, the same", engine, folder)
        profiled(engine, folder)
        engine.dispose()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0, *sys.argv[2:3])
