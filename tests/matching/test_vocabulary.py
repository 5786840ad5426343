import re
from enum import StrEnum

import pytest

from matching import vocabulary
from matching.vocabulary import CLOSED_STATUSES, PLAIN_FEATURES, FundStatus, PassGroup, PassReason, Stage

VOCABULARIES = [
    kind
    for kind in vars(vocabulary).values()
    if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
]


@pytest.mark.parametrize("kind", VOCABULARIES)
def test_codes_are_plain_and_no_member_is_another_s_alias(kind: type[StrEnum]) -> None:
    assert len(kind.__members__) == len(list(kind)) > 1
    assert all(re.fullmatch("[a-z0-9]+([-_][a-z0-9]+)*", member) for member in kind)


def test_stages_are_in_the_order_of_a_startup_s_life() -> None:
    rounds = [Stage.IDEA, Stage.PRE_SEED, Stage.SEED, Stage.PRE_SERIES_A, Stage.SERIES_A, Stage.SERIES_B]
    assert list(Stage) == [*rounds, Stage.SERIES_C, Stage.SERIES_D_PLUS, Stage.GROWTH]


def test_a_fund_that_raises_its_own_money_is_not_closed() -> None:
    assert frozenset(FundStatus) - CLOSED_STATUSES == {FundStatus.RAISING, FundStatus.DEPLOYING}


def test_the_columns_of_the_feature_matrix_keep_their_order() -> None:
    columns = ["thesis", "portfolio", "sector", "stage", "country", "ticket", "activity", "popularity"]
    assert [feature.value for feature in PLAIN_FEATURES] == columns


@pytest.mark.parametrize(
    ("group", "reasons"),
    [
        (PassGroup.FIT, "fit thesis stage geography ticket conflict"),
        (PassGroup.QUALITY, "quality traction team market product terms"),
        (PassGroup.CAPACITY, "capacity timing no_dry_powder bandwidth"),
    ],
)
def test_every_pass_reason_has_its_group(group: PassGroup, reasons: str) -> None:
    assert [reason for reason in PassReason if reason.group is group] == reasons.split()
