"""Measure the shapes of a market in a folder of the import contract, synthetic or not, by one code."""

import csv
from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.terms import taxonomy

Deal = tuple[str, str, str, str]
"""Startup, fund, date, round."""


def measure(folder: Path) -> dict[str, float]:
    """Measure startups.csv and investments.csv of a folder by name of the shape.

    Only the first deal of a (startup, fund) pair counts, as Crunchbase exports tell no follow-ons.
    """
    deals = _first_of_each_pair(_rows(folder / "investments.csv"))
    rounds: dict[tuple[str, str, str], list[str]] = {}
    for startup, fund, on, kind in deals:
        rounds.setdefault((startup, on, kind), []).append(fund)
    ordered: dict[str, list[tuple[str, list[str]]]] = {}
    for (startup, on, _), investors in sorted(rounds.items()):
        ordered.setdefault(startup, []).append((on, investors))
    first = [held[0][1] for held in ordered.values()]
    later = [investors for held in ordered.values() for _, investors in held[1:]]
    return {
        **_funds(fund for _, fund, _, _ in deals),
        "pairs a backed startup": len(deals) / len(ordered),
        **_sizes(np.array([len(investors) for investors in rounds.values()])),
        "investors, first rounds": float(np.mean([len(investors) for investors in first])),
        "new investors, later rounds": float(np.mean([len(investors) for investors in later])),
        "share of pairs in first rounds": sum(map(len, first)) / len(deals),
        **_rounds(ordered),
        "repeated co-investors, first rounds": _repeated(first),
        "growth of first rounds a year": _growth(held[0][0] for held in ordered.values()),
        **_places(_rows(folder / "startups.csv")),
    }


def _rows(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _first_of_each_pair(rows: Iterable[dict[str, str]]) -> list[Deal]:
    told = [(r["startup_id"], r["fund_id"], r["announced_on"], r["round"]) for r in rows if r["announced_on"]]
    seen: dict[tuple[str, str], Deal] = {}
    for deal in sorted(told, key=lambda deal: (_as_day(deal[2]), deal)):
        seen.setdefault((deal[0], deal[1]), deal)
    return list(seen.values())


def _funds(investors: Iterable[str]) -> dict[str, float]:
    deals = np.sort(np.array(list(Counter(investors).values())))[::-1]
    n, tail = len(deals), deals[deals >= 5]
    return {
        "deals a fund": float(deals.mean()),
        "funds with one deal": float((deals == 1).mean()),
        "tail exponent from 5 deals": 1 + len(tail) / float(np.log(tail / 4.5).sum())
        if len(tail)
        else np.nan,
        "share of deals of the top 1 %": float(deals[: max(1, n // 100)].sum() / deals.sum()),
        "share of deals of the top 10 %": float(deals[: max(1, n // 10)].sum() / deals.sum()),
        "deals of the most active, share": float(deals[0] / deals.sum()),
    }


def _sizes(sizes: npt.NDArray[np.int64]) -> dict[str, float]:
    return {
        "rounds with one new investor": float((sizes == 1).mean()),
        "rounds with two": float((sizes == 2).mean()),
        "rounds with five or more": float((sizes >= 5).mean()),
        "new investors a round": float(sizes.mean()),
    }


def _rounds(ordered: dict[str, list[tuple[str, list[str]]]]) -> dict[str, float]:
    counts = np.array([len(held) for held in ordered.values()])
    days = [np.array([_as_day(on) for on, _ in held]) for held in ordered.values() if len(held) > 1]
    gaps = np.concatenate([np.diff(np.sort(each)) for each in days]) / 365.25
    return {
        "rounds a backed startup": float(counts.mean()),
        "startups with one round": float((counts == 1).mean()),
        "years between rounds, 1st quartile": float(np.percentile(gaps, 25)),
        "years between rounds, median": float(np.median(gaps)),
        "years between rounds, 3rd quartile": float(np.percentile(gaps, 75)),
    }


def _repeated(rounds: Iterable[list[str]]) -> float:
    """Tell the share of co-investments between two funds that invest together more than once."""
    small = (sorted(investors) for investors in rounds if len(investors) <= 15)
    together = Counter(pair for investors in small for pair in combinations(investors, 2))
    again = sum(times for times in together.values() if times > 1)
    return again / max(1, sum(together.values()))


def _growth(first_days: Iterable[str]) -> float:
    """Fit the log of the yearly count of first rounds, but the first and the last year of the data."""
    years = Counter(int(on[:4]) for on in first_days)
    busy = [year for year in sorted(years) if years[year] * 5 >= max(years.values())][1:-1]
    if len(busy) < 2:
        return float("nan")
    slope = np.polyfit(busy, np.log([years[year] for year in busy]), 1)[0]
    return float(np.expm1(slope))


def _places(startups: Iterable[dict[str, str]]) -> dict[str, float]:
    read = taxonomy().country
    told = [(read(row["country"]).only, row["city"]) for row in startups]
    countries = Counter(country for country, _ in told if country)
    cities = Counter(city for _, city in told if city)
    return {
        "share of the first country": countries.most_common(1)[0][1] / countries.total(),
        "share of the first city": cities.most_common(1)[0][1] / cities.total(),
    }


def _as_day(on: str) -> int:
    """Count days to a date; the middle of a period that is known no better."""
    filled = on + {4: "-07-01", 7: "-15", 10: ""}[len(on)]
    return int(np.datetime64(filled).astype(np.int64))
