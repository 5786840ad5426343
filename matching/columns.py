"""The columns of a Market: one entry a fund, a deal, a company held, and what they add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from matching.bitsets import COUNTRY_WORDS, Words, bits, country_words, positions
from matching.dates import DAYS_PER_YEAR
from matching.groups import Groups
from matching.records import Deal, Fund, Startup
from matching.tallies import UNTOLD, Tally, counted
from matching.vocabulary import CLOSED_STATUSES, Sector, Stage

HALF_LIFE_YEARS = 2.0
"""A deal this old counts half; ACCURACY's best kernel had 1.6, the best simple baseline 2."""

RECENT_YEARS = 2.0

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FundColumns:
    """One entry a fund, in the order of `records`; NaN and empty sets are unknown.

    Attributes
    ----------
    stages, sectors, excluded_sectors, partly_excluded : bit sets, shape (n,).
    countries : bit sets, shape (n, COUNTRY_WORDS).
    countries_told, stages_told, sectors_told, status_told : whether the field is known and understood whole.
    exclusions_told : whether excluded sectors, if any, are understood as a whole.
    closed : the fund is known not to make new investments.
    ticket_min, ticket_max : US dollars.
    capacity : introductions it takes in a month; taken : those of the Market's month.
    tie_key : the fund told without its id, so that an id never decides a tie.
    """

    records: tuple[Fund, ...]
    row_of: Mapping[str, int]
    stages: Ints
    sectors: Ints
    excluded_sectors: Ints
    partly_excluded: Ints
    countries: Words
    countries_told: Bools
    stages_told: Bools
    sectors_told: Bools
    status_told: Bools
    exclusions_told: Bools
    closed: Bools
    ticket_min: Floats
    ticket_max: Floats
    capacity: Floats
    taken: Ints
    tie_key: tuple[bytes, ...]

    def __len__(self) -> int:
        """Count the funds."""
        return len(self.records)


@dataclass(frozen=True)
class DealColumns:
    """One entry a deal; company and fund are rows.

    Attributes
    ----------
    stage : position in `Stage`, -1 where unknown.
    age_years : at the Market's date; an undated deal is as old as the median dated one.
    dated : whether the date is known.
    weight : 0.5 ** (age / HALF_LIFE_YEARS).
    last : date of the newest dated deal of each fund; None where it has none.
    by_company : the deals of each company.
    """

    records: tuple[Deal, ...]
    company: Ints
    fund: Ints
    stage: Ints
    age_years: Floats
    dated: Bools
    weight: Floats
    last: tuple[date | None, ...]
    by_company: Groups


@dataclass(frozen=True)
class HoldingColumns:
    """One entry a (company, fund) pair with at least one deal.

    Attributes
    ----------
    newest : entry of its newest deal; `weight` : of that deal.
    by_company, by_fund : the entries of each.
    """

    company: Ints
    fund: Ints
    newest: Ints
    weight: Floats
    by_company: Groups
    by_fund: Groups


@dataclass(frozen=True)
class TrackColumns:
    """What each fund did, whoever asks.

    Attributes
    ----------
    sector_sets : the sets of sectors that companies have, as bits: what the codes of `sector` mean.
    country_code : of each country that a company has.
    sector, country : of the companies it backed; `stage` : of its deals.
    companies : how many it backed, shape (n_funds,); `recent` : dated deals of the last RECENT_YEARS.
    """

    sector_sets: Ints
    country_code: Mapping[str, int]
    sector: Tally
    country: Tally
    stage: Tally
    companies: Floats
    recent: Floats


def fund_columns(funds: tuple[Fund, ...], row_of: Mapping[str, int], taken: Ints) -> FundColumns:
    """Lay out funds; `taken` are the introductions they were given in the month, shape (n_funds,)."""

    def money(values: Sequence[float | None]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], np.float64)

    def told(field: str) -> Bools:
        return np.array([bool(getattr(f, field)) and field not in f.not_understood for f in funds], np.bool_)

    countries = [country_words(fund.countries) for fund in funds]
    return FundColumns(
        records=funds,
        row_of=row_of,
        stages=np.array([bits(fund.stages, Stage) for fund in funds], np.int64),
        sectors=np.array([bits(fund.sectors, Sector) for fund in funds], np.int64),
        excluded_sectors=np.array([bits(fund.excluded_sectors, Sector) for fund in funds], np.int64),
        partly_excluded=np.array([bits(fund.partly_excluded, Sector) for fund in funds], np.int64),
        countries=np.stack(countries) if countries else np.zeros((0, COUNTRY_WORDS), np.uint64),
        countries_told=told("countries"),
        stages_told=told("stages"),
        sectors_told=told("sectors"),
        status_told=told("status"),
        exclusions_told=np.array(["excluded_sectors" not in f.not_understood for f in funds], np.bool_),
        closed=np.array([fund.status in CLOSED_STATUSES for fund in funds], np.bool_),
        ticket_min=money([fund.ticket_min_usd for fund in funds]),
        ticket_max=money([fund.ticket_max_usd for fund in funds]),
        capacity=money([fund.monthly_capacity for fund in funds]),
        taken=taken,
        tie_key=tuple(f"{f.name}\0{f.type}\0{f.thesis}\0{f.thesis_vi}".encode() for f in funds),
    )


def deal_columns(
    deals: tuple[Deal, ...], company_row: Mapping[str, int], fund_row: Mapping[str, int], as_of: date
) -> DealColumns:
    """Lay out deals; ages are counted to `as_of`."""
    stage_at = positions(Stage)
    days = np.array(
        [np.nan if d.announced_on is None else (as_of - d.announced_on).days for d in deals], np.float64
    )
    dated = ~np.isnan(days)
    usual = float(np.median(days[dated])) if dated.any() else 0.0
    ages = np.maximum(np.where(dated, days, usual), 0) / DAYS_PER_YEAR
    last: list[date | None] = [None] * len(fund_row)
    for deal in deals:
        row, day = fund_row[deal.fund_id], deal.announced_on
        last[row] = max(filter(None, (last[row], day)), default=None)
    company = np.array([company_row[d.startup_id] for d in deals], np.int64)
    return DealColumns(
        records=deals,
        company=company,
        fund=np.array([fund_row[d.fund_id] for d in deals], np.int64),
        stage=np.array([-1 if d.stage is None else stage_at[d.stage] for d in deals], np.int64),
        age_years=ages,
        dated=dated,
        weight=0.5 ** (ages / HALF_LIFE_YEARS),
        last=tuple(last),
        by_company=Groups.by(company, len(company_row)),
    )


def holding_columns(deals: DealColumns, n_companies: int, n_funds: int) -> HoldingColumns:
    """Gather the deals of each company and fund."""
    pairs, entry = np.unique(deals.company * max(1, n_funds) + deals.fund, return_inverse=True)
    newest_first = np.lexsort((deals.age_years, entry))
    newest = newest_first[np.searchsorted(entry[newest_first], np.arange(len(pairs)))]
    company, fund = np.divmod(pairs, max(1, n_funds))
    return HoldingColumns(
        company=company,
        fund=fund,
        newest=newest,
        weight=deals.weight[newest],
        by_company=Groups.by(company, n_companies),
        by_fund=Groups.by(fund, n_funds),
    )


def track_columns(
    companies: tuple[Startup, ...], deals: DealColumns, held: HoldingColumns, n_funds: int
) -> TrackColumns:
    """Count what funds did."""
    told = np.array([bits(company.sectors, Sector) for company in companies], np.int64)
    sets, sector = np.unique(told, return_inverse=True)
    sector = np.where(told == 0, UNTOLD, sector)
    countries = sorted({company.country for company in companies if company.country})
    country_code = {country: code for code, country in enumerate(countries)}
    country = np.array([country_code.get(c.country or "", UNTOLD) for c in companies], np.int64)
    recent = deals.dated & (deals.age_years <= RECENT_YEARS)
    return TrackColumns(
        sector_sets=sets,
        country_code=country_code,
        sector=Tally.by(held.fund, sector[held.company], len(sets), n_funds),
        country=Tally.by(held.fund, country[held.company], len(countries), n_funds),
        stage=Tally.by(deals.fund, deals.stage, len(Stage), n_funds),
        companies=counted(held.fund, n_funds),
        recent=counted(deals.fund[recent], n_funds),
    )
