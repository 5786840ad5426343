"""Write a synthetic market as the import contract's files; everything in them says that it is synthetic."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from data.contract import FUNDS as FUNDS_FILE
from data.contract import INVESTMENTS, STARTUPS
from data.synthetic import rows
from data.synthetic.deals import Deals, Rounds, draw_deals, draw_rounds
from data.synthetic.market import Funds, Startups, draw_funds, draw_startups
from data.synthetic.settings import MarketSettings
from matching.errors import BadValue
from matching.protocols import Progress

MARK = "synthetic"
"""The column, outside the contract, that says so in every row; imports keep it in `extra`."""

README = """# Synthetic market: not real data

Every startup, fund and deal in this folder was drawn by a program (`ketnoi synthetic`). Nobody here exists,
no deal took place, and nothing measured here is a fact about a real market. Ids begin with `syn-`, names end
in "(synthetic)" or "(dữ liệu tổng hợp)", and every row has the column `synthetic`.

# Thị trường tổng hợp: không phải dữ liệu thật

Mọi startup, quỹ và thương vụ trong thư mục này đều do chương trình sinh ra (`ketnoi synthetic`). Không đơn vị
nào có thật, không thương vụ nào diễn ra, và không số liệu nào ở đây nói lên điều gì về thị trường thật.

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


@dataclass(frozen=True)
class Written:
    """How many rows each file got."""

    startups: int
    funds: int
    investments: int


def draw_market(settings: MarketSettings, progress: Progress = lambda done, total: None) -> SyntheticMarket:
    """Draw a market from its settings alone; `progress` counts kinds of rounds."""
    startups, funds = draw_startups(settings), draw_funds(settings)
    rounds = draw_rounds(settings, startups)
    deals = draw_deals(settings, startups, funds, rounds, progress)
    return SyntheticMarket(settings, startups, funds, rounds, deals)


def write_market(market: SyntheticMarket, folder: Path) -> Written:
    """Write startups.csv, funds.csv, investments.csv and README.md into a new or empty folder.

    Raises
    ------
    BadValue
        If `folder` is a file or holds anything.
    """
    require_empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tables = rows.Tables(market.settings, market.startups, market.funds, market.rounds, market.deals)
    written = Written(
        startups=_write(folder / "startups.csv", (*STARTUPS.columns, MARK), tables.startups()),
        funds=_write(folder / "funds.csv", (*FUNDS_FILE.columns, "born_on", MARK), tables.funds()),
        investments=_write(folder / "investments.csv", (*INVESTMENTS.columns, MARK), tables.investments()),
    )
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
    """Write records by column; a column that no record has is left out."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for record in records:
            if writer is None:
                writer = csv.DictWriter(
                    file, [c for c in columns if c in record or c == MARK], lineterminator="\n"
                )
                writer.writeheader()
            writer.writerow({**record, MARK: "true"})
            written += 1
    return written


def _readme(settings: MarketSettings, written: Written) -> str:
    told = {f"{name}.csv": rows for name, rows in asdict(written).items()} | asdict(settings)
    told |= {f"missing.{name}": share for name, share in told.pop("missing").items()}
    return README + "".join(f"| {name} | {value} |\n" for name, value in told.items())
