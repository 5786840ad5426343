"""`ketnoi synthetic`."""

from dataclasses import asdict
from pathlib import Path

from api.commands.output import console, print_json, progress
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, require_empty, write_market


def run(folder: Path, settings: MarketSettings, *, as_json: bool) -> None:
    """Draw a market and write it into `folder`, which has to be new or empty."""
    require_empty(folder)
    with progress("Drawing deals") as bar:
        market = draw_market(settings, bar)
    written = write_market(market, folder)
    if as_json:
        print_json({"out": str(folder), "synthetic": True, "seed": settings.seed, **asdict(written)})
        return
    told = (
        f"{folder}: synthetic market, seed {settings.seed}: {written.startups:,} startups, "
        f"{written.funds:,} funds, {written.investments:,} deals, "
        f"{written.introductions:,} introductions; none of them is real"
    )
    console().print(told, markup=False, soft_wrap=True)
