"""The largest market of the acceptance tests."""

import resource
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data.importer import import_folder
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market


@pytest.mark.acceptance
def test_100_000_startups_and_a_million_deals_in_two_minutes_and_2_gb(tmp_path: Path, engine: Engine) -> None:
    begun = time.perf_counter()
    settings = MarketSettings(100_000, 10_000, seed=1, deals_per_startup=12.5, n_introductions=0)
    written = write_market(draw_market(settings), tmp_path / "market")
    assert time.perf_counter() - begun < 120
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 * 2**20  # kilobytes
    assert (written.startups, written.funds) == (100_000, 10_000)
    assert 950_000 < written.investments < 1_050_000
    report = import_folder(engine, tmp_path / "market", datetime(2026, 1, 1, tzinfo=UTC))
    assert report.ok and [file.added for file in report.files] == [100_000, 10_000, written.investments]
