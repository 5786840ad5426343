from dataclasses import replace

import numpy as np
import pytest

from models.judging import NOBODY, SHOWN
from models.rank_rates import ENOUGH_HITS, rank_rates, with_rank_rates
from tests.models.test_metrics import judged_of


def test_the_rate_of_each_place_over_all_earlier_queries() -> None:
    # 40 queries: 20 hits in the first place, 10 in the second, 2 in the fourth, none elsewhere
    places = [[0]] * 20 + [[1]] * 10 + [[3]] * 2 + [[None]] * 8
    rates = rank_rates([judged_of(places[:25]), judged_of(places[25:])])
    weight = 40 + 1 / (32 / 400)
    assert rates[0] == pytest.approx(21 / weight)
    assert rates[1] == pytest.approx(11 / weight)
    assert rates[2] == rates[3] == pytest.approx((1 + 3) / 2 / weight), "neighbours out of order are pooled"
    assert rates[4:] == pytest.approx(1 / weight)


def test_too_few_hits_say_nothing() -> None:
    assert np.isnan(rank_rates([])).all()
    assert np.isnan(rank_rates([judged_of([[0]] * (ENOUGH_HITS - 1))])).all()
    assert not np.isnan(rank_rates([judged_of([[0]] * ENOUGH_HITS)])).any()


def test_short_lists_count_only_what_they_showed() -> None:
    judged = judged_of([[0]] * 40)
    shown = judged.shown.copy()
    shown[:, 1:] = NOBODY
    rates = rank_rates([replace(judged, shown=shown)])
    assert rates[0] == pytest.approx(41 / 41)
    told = with_rank_rates(replace(judged, shown=shown), rates)
    assert told.chance.shape == (40, SHOWN)
    assert not np.isnan(told.chance[:, 0]).any()
    assert np.isnan(told.chance[:, 1:]).all()
