"""A real process that imports is killed at any moment: each file is whole in the database, or not there."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data import tables
from data.database import connect, schema_of
from tests.databases import Databases

IMPORT = (sys.executable, "-m", "api.cli", "import", "--no-embed")


def write_folder(folder: Path, n: int) -> Path:
    """Write a synthetic folder of `n` startups, half as many funds and about twice as many deals."""
    folder.mkdir()
    draw = random.Random(7)
    startups = "".join(f"s{i},Startup {i},Fintech\n" for i in range(n))
    funds = "".join(f"f{i},Fund {i}\n" for i in range(n // 2))
    pairs = {(draw.randrange(n), draw.randrange(n // 2)): None for _ in range(2 * n)}
    deals = "".join(f"s{startup},f{fund},2021\n" for startup, fund in pairs)
    (folder / "startups.csv").write_text("startup_id,name,sectors\n" + startups, encoding="utf-8")
    (folder / "funds.csv").write_text("fund_id,name\n" + funds, encoding="utf-8")
    (folder / "investments.csv").write_text("startup_id,fund_id,announced_on\n" + deals, encoding="utf-8")
    return folder


def kill_after(seconds: float, folder: Path, url: str) -> None:
    environment = {**os.environ, "KETNOI_DATABASE_URL": url, "KETNOI_EMBEDDING_MODEL": "none"}
    process = subprocess.Popen((*IMPORT, folder), env=environment, stdout=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


def counts(url: str) -> dict[str, int]:
    engine = connect(url)
    try:
        if schema_of(engine) is None:
            return {}
        with engine.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (tables.startup_version, tables.fund_version, tables.investment)
            }
    finally:
        engine.dispose()


def prove(kills: int, n: int, tmp_path: Path, databases: Databases) -> None:
    """Kill as many imports, spread over the time a whole one takes, then let one finish."""
    folder = write_folder(tmp_path / "folder", n)
    url = databases.new()
    databases.create(url)
    begun = time.monotonic()
    kill_after(600, folder, url)
    took = time.monotonic() - begun
    whole = counts(url)
    assert whole["startup_version"] == n and whole["fund_version"] == n // 2
    for kill in range(kills):
        url = databases.new()
        databases.create(url)
        kill_after(took * (kill + 1) / (kills + 1), folder, url)
        for table, found in counts(url).items():
            assert found in (0, whole[table])
        kill_after(600, folder, url)
        assert counts(url) == whole


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # PostgreSQL in the long proof alone
def test_a_killed_import_leaves_whole_files_or_none(tmp_path: Path, databases: Databases) -> None:
    prove(2, 500, tmp_path, databases)


@pytest.mark.acceptance
def test_an_import_killed_at_forty_moments_leaves_whole_files_or_none(
    tmp_path: Path, databases: Databases
) -> None:
    prove(40, 8_000, tmp_path, databases)
