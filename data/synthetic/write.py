"""Write a synthetic market as the import contract's files; everything in them says that it is synthetic."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from data.contract import FUNDS as FUNDS_FILE
from data.contract import INTRODUCTION_EVENTS, INTRODUCTIONS, INVESTMENTS, STARTUPS
from data.synthetic import rows
from data.synthetic.acceptance import acceptance
from data.synthetic.catalogue import Floats, Ints
from data.synthetic.deals import Deals, Rounds, draw_deals, draw_rounds
from data.synthetic.exposure import Exposures, draw_exposures
from data.synthetic.introduction_rows import (
    TRUE_FUND,
    TRUE_INTRODUCTION,
    events,
    introductions,
    true_funds,
    true_introductions,
)
from data.synthetic.introductions import Introductions, close_deals, draw_introductions
from data.synthetic.market import Funds, Startups, alive, draw_funds, draw_startups, log_weight
from data.synthetic.settings import MarketSettings
from matching.errors import BadValue
from matching.protocols import Progress

MARK = "synthetic"
"""The column, outside the contract, that says so in every row; imports keep it in `extra`."""

README = """# Synthetic market: not real data

Every startup, fund, deal and introduction in this folder was drawn by a program (`ketnoi synthetic`). Nobody
here exists, no deal or introduction took place, and nothing measured here is a fact about a real market. Ids
begin with `syn-`, names end in "(synthetic)" or "(dữ liệu tổng hợp)", every row has the column `synthetic`.
The folder `truth`, which imports do not read, tells how introductions were drawn and what became of funds.

# Thị trường tổng hợp: không phải dữ liệu thật

Mọi startup, quỹ, thương vụ và lượt giới thiệu trong thư mục này đều do chương trình sinh ra
(`ketnoi synthetic`). Không đơn vị nào có thật, không thương vụ hay lượt giới thiệu nào diễn ra, và không số
liệu nào ở đây nói lên điều gì về thị trường thật. Thư mục `truth`, mà lệnh nhập dữ liệu không đọc, cho biết
các lượt giới thiệu được sinh ra thế nào và các quỹ về sau ra sao.

| | |
|---|---|
"""


@dataclass(frozen=True)
class SyntheticMarket:
    """A market with its latent truth."""

    settings: MarketSettings
    startups: Startups
    funds: Funds
    rounds: Rounds
    deals: Deals
    exposures: Exposures
    introductions: Introductions

    def acceptance(self, startups: Ints, funds: Ints, on: Ints, load: Floats) -> Floats:
        """Tell the true chance that funds accept introductions to startups; all broadcast.

        Parameters
        ----------
        startups, funds : rows, which `ids` turns into ids.
        on : days counted from 1970-01-01.
        load : as of `acceptance.loads`; 0 is that of a fund nobody asked lately.
        """
        return acceptance(self.settings, self.startups, startups, self.funds, funds, on, load)

    def log_weight(self, startups: Ints, funds: Ints, on: Ints) -> Floats:
        """Weigh funds for the first rounds of startups on a day, -inf for those that make no deal then."""
        stage = self.startups.first_stage[startups]
        found = log_weight(self.funds, funds, self.startups, startups, stage, on)
        able = alive(self.funds, funds, on) & ~self.funds.quiet[funds]
        return np.where(able, found, -np.inf)


@dataclass(frozen=True)
class Written:
    """How many rows each file got."""

    startups: int
    funds: int
    investments: int
    introductions: int
    introduction_events: int


def draw_market(settings: MarketSettings, progress: Progress = lambda done, total: None) -> SyntheticMarket:
    """Draw a market from its settings alone; `progress` counts kinds of rounds."""
    startups, funds = draw_startups(settings), draw_funds(settings)
    rounds = draw_rounds(settings, startups)
    deals = draw_deals(settings, startups, funds, rounds, progress)
    exposures = draw_exposures(settings, startups, funds, rounds, deals)
    drawn = draw_introductions(settings, startups, funds, exposures)
    rounds, deals, drawn = close_deals(startups, funds, rounds, deals, drawn)
    return SyntheticMarket(settings, startups, funds, rounds, deals, exposures, drawn)


def write_market(market: SyntheticMarket, folder: Path) -> Written:
    """Write the files of the contract, README.md and the truth into a new or empty folder.

    Imports do not look into the folder `truth`: the future of each fund, and how each introduction was drawn.

    Raises
    ------
    BadValue
        If `folder` is a file or holds anything.
    """
    require_empty(folder)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    drawn = market.introductions
    tables = rows.Tables(
        market.settings,
        market.startups,
        market.funds,
        market.rounds,
        market.deals,
        known_exactly=drawn.round[drawn.round >= 0],
    )
    written = Written(
        startups=_write(folder / "startups.csv", (*STARTUPS.columns, MARK), tables.startups()),
        funds=_write(folder / "funds.csv", (*FUNDS_FILE.columns, "born_on", MARK), tables.funds()),
        investments=_write(folder / "investments.csv", (*INVESTMENTS.columns, MARK), tables.investments()),
        introductions=_write(
            folder / "introductions.csv", (*INTRODUCTIONS.columns, MARK), introductions(drawn)
        ),
        introduction_events=_write(
            folder / "introduction_events.csv", (*INTRODUCTION_EVENTS.columns, MARK), events(drawn)
        ),
    )
    _write(folder / "truth" / "funds.csv", (*TRUE_FUND, MARK), true_funds(market.funds))
    _write(folder / "truth" / "introductions.csv", (*TRUE_INTRODUCTION, MARK), true_introductions(drawn))
    (folder / "README.md").write_text(_readme(market.settings, written), encoding="utf-8", newline="\n")
    return written


def require_empty(folder: Path) -> None:
    """Check that nothing would be mixed or overwritten.

    Raises
    ------
    BadValue
        If `folder` is a file or holds anything.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadValue("a folder that is new or empty", folder, "DIR")


def _write(path: Path, columns: Sequence[str], records: Iterable[dict[str, str]]) -> int:
    """Write records by column; a column that no record has is left out, and a file that has none."""
    written, records = 0, iter(records)
    first = next(records, None)
    if first is None:
        return 0
    with path.open("w", encoding="utf-8", newline="") as file:
        told = [column for column in columns if column in first or column == MARK]
        writer = csv.DictWriter(file, told, lineterminator="\n")
        writer.writeheader()
        for record in chain((first,), records):
            writer.writerow({**record, MARK: "true"})
            written += 1
    return written


def _readme(settings: MarketSettings, written: Written) -> str:
    told = {f"{name}.csv": rows for name, rows in asdict(written).items()} | asdict(settings)
    told |= {f"missing.{name}": share for name, share in told.pop("missing").items()}
    return README + "".join(f"| {name} | {value} |\n" for name, value in told.items())
