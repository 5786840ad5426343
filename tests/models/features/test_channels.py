import numpy as np
import pytest
from hypothesis import given

from matching.market import Floats, Market
from matching.records import Deal, Fund, Startup
from models.features.channels import (
    COLUMNS,
    DEPTH,
    FUSED,
    OFFSET,
    TINY,
    Channel,
    Channels,
    Scores,
    _places,
    co_investment,
)
from models.features.lenses import Lens, Lenses
from models.features.portfolios import LASTING, Portfolios
from tests.matching.worlds import QUICK, market_of
from tests.models.features.plain import asked, deals_of
from tests.models.features.test_view import ASKING, COMPANIES, FUNDS, deal

AT = {column.name: at for at, column in enumerate(COLUMNS)}


def scores_of(*rows: list[float], eligible: list[int]) -> Scores:
    told: Floats = np.array([*rows, *([[0.0] * len(rows[0])] * (len(Channel) - len(rows)))])
    allowed = np.array(eligible, np.int64)
    return Scores(told, allowed, _places(told, allowed))


def test_places_count_the_eligible_above_and_equal_scores_share_one() -> None:
    found = scores_of([5.0, 3.0, 3.0, 9.0, 1.0], eligible=[0, 1, 2, 4])
    assert found.place[0].tolist() == [1, 2, 2, 1, 4]  # the fourth is above all, but not eligible
    assert scores_of([5.0, 3.0], eligible=[]).place[0].tolist() == [DEPTH, DEPTH]


def test_columns_are_told_against_the_best_and_the_sum_of_the_eligible() -> None:
    found = scores_of([4.0, 2.0, 2.0, 8.0], eligible=[0, 1, 2]).matrix(np.array([1, 3]))
    one, outside = found
    assert one[AT["kernel_gap"]] == pytest.approx(np.log(2 / 4))
    assert one[AT["kernel_share"]] == pytest.approx(np.log(2 / 8))
    assert one[AT["kernel_place"]] == pytest.approx(np.log(2))
    assert outside[AT["kernel_gap"]] == pytest.approx(np.log(2))


def test_fusion_adds_reciprocal_places_and_keeps_all_that_tie() -> None:
    found = scores_of([5.0, 3.0, 3.0, 1.0], [1.0, 3.0, 3.0, 5.0], eligible=[0, 1, 2, 3])
    others = (np.count_nonzero(FUSED) - 2) / (OFFSET + 1)  # all tie at 0, so all are first there
    expected = [
        1 / (OFFSET + 1) + 1 / (OFFSET + 4),
        1 / (OFFSET + 2) + 1 / (OFFSET + 2),
        1 / (OFFSET + 2) + 1 / (OFFSET + 2),
    ]
    assert found.fused[:3] - others == pytest.approx(expected)
    assert found.best(1).tolist() == [1, 2]  # 2/62 is above 1/61 + 1/64
    assert found.best(4).tolist() == [0, 1, 2, 3]


def test_who_invests_with_whom_is_the_share_of_its_companies() -> None:
    market = market_of(
        COMPANIES, FUNDS, [deal("c0", "f"), deal("c0", "g"), deal("c1", "g"), deal("c0", "f", 1)]
    )
    # f backs c0, g backs c0 and c1: half of g's companies are f's, and all of f's are g's
    assert co_investment(market).toarray().tolist() == [[0, 0.5], [1, 0]]


def scores_in(market: Market, asking: Startup) -> Scores:
    """The scores of all channels, every other fund eligible."""
    channels = Channels.of(market, Portfolios.of(market))
    return channels.scores(Lenses.of(market).weights(asking), np.arange(0, len(market.funds), 2))


@QUICK
@given(asked())
def test_scores_are_those_of_plain_python(question: tuple[Market, Startup]) -> None:
    market, asking = question
    like = dict(zip(Lens, Lenses.of(market).weights(asking).astype(np.float64), strict=True))
    weigh = {
        Channel.KERNEL: like[Lens.KERNEL],
        Channel.WIDE: like[Lens.WIDE],
        Channel.RIDGE: like[Lens.RIDGE],
        Channel.REGION: 0.002 + 0.3 * like[Lens.COUNTRY] + like[Lens.COUNTRY_TAG] + 10 * like[Lens.CITY_TAG],
    }
    found = dict(zip(Channel, scores_in(market, asking).scores, strict=True))
    deals, n = deals_of(market), len(market.funds)
    for channel, of_company in weigh.items():
        told = [
            sum(d.weight(LASTING) * of_company[d.company] for d in deals if d.fund == f) for f in range(n)
        ]
        assert found[channel] == pytest.approx(told, rel=1e-4, abs=1e-6), channel
    held = [{deal.company for deal in deals if deal.fund == fund} for fund in range(n)]
    share = [[len(f & g) / len(g) if g and f is not g else 0 for g in held] for f in held]
    kernel = found[Channel.KERNEL]
    syndicate = [sum(share[f][g] * kernel[g] for g in range(n)) for f in range(n)]
    partners = [sum(share[g][f] * kernel[g] for g in range(n)) for f in range(n)]
    assert found[Channel.SYNDICATE] == pytest.approx(syndicate, rel=1e-6, abs=1e-9)
    assert found[Channel.PARTNERS] == pytest.approx(partners, rel=1e-6, abs=1e-9)


@QUICK
@given(asked())
def test_columns_are_those_of_plain_python(question: tuple[Market, Startup]) -> None:
    market, asking = question
    scores = scores_in(market, asking)
    columns = scores.matrix(scores.eligible)
    for channel, row in zip(Channel, scores.scores, strict=True):
        among = row[scores.eligible].tolist()
        best, every = max([0.0, *among]), sum(max(0.0, score) for score in among)
        expected = [
            (
                np.log(max(0.0, score) + TINY) - np.log(best + TINY),
                np.log(1 + sum(other > score for other in among)),
                np.log(max(0.0, score) + TINY) - np.log(every + TINY),
            )
            for score in among
        ]
        found = columns[:, [AT[f"{channel}_{what}"] for what in ("gap", "place", "share")]]
        assert found == pytest.approx(np.array(expected).reshape(-1, 3))


def test_one_like_deal_more_moves_no_column_against_its_direction_and_a_column_of_each_channel() -> None:
    told = [
        deal("c1", "g", 8),
        deal("c3", "g", 8),
        deal("c1", "h", 8),
        deal("c5", "h", 8),
        deal("c4", "f", 8),
    ]

    def columns_of_f(deals: list[Deal]) -> Floats:
        market = market_of(COMPANIES, [*FUNDS, Fund(fund_id="h")], deals)
        channels, rows = Channels.of(market, Portfolios.of(market)), np.arange(3)
        found = channels.scores(Lenses.of(market).weights(ASKING), rows).matrix(rows)
        return np.asarray(found[0])

    gained = columns_of_f([*told, deal("c1", "f", 4)]) - columns_of_f(told)
    moved = [gain * column.direction for gain, column in zip(gained, COLUMNS, strict=True)]
    assert min(moved) >= 0
    assert (np.array(moved).reshape(len(Channel), -1).max(axis=1) > 0).all()


def test_a_channel_that_finds_nobody_sets_nobody_apart() -> None:
    """All places are the first, and the logs of ratios those of 1."""
    found = scores_of([0.0, 0.0, 0.0], eligible=[0, 1, 2])
    assert not found.matrix(np.arange(3)).any()
    assert found.best(1).tolist() == [0, 1, 2]
