import numpy as np
from hypothesis import given

from matching.candidates import retrieve
from matching.knowledge import Knowledge
from matching.likeness import SIMILAR, Likeness
from matching.market import build_market, profile_vectors
from matching.records import Startup
from tests.matching.worlds import QUICK, TODAY, HashedVectors, questions


@QUICK
@given(questions())
def test_likeness_is_what_the_records_share_where_the_kernel_is_near(
    question: tuple[Knowledge, Startup],
) -> None:
    world, asking = question
    market = build_market(world, TODAY, HashedVectors())
    text = profile_vectors([asking], HashedVectors())[0]
    retrieved = retrieve(asking, text, market)
    found = Likeness.of(asking, market, retrieved)
    for row, company in enumerate(market.companies):
        near = bool(retrieved.company_weight[row] > 1)
        cosine = float(market.company_texts[row].astype(np.float64) @ text)
        country = company.country is not None and company.country == asking.country
        city = bool(company.place) and company.place == asking.place
        assert found.near[row] == near
        assert found.shares_sector[row] == (near and bool(company.sectors & asking.sectors))
        assert found.same_country[row] == (near and country)
        assert found.same_city[row] == (near and city)
        if abs(cosine - retrieved.text_floor - SIMILAR) > 1e-6:
            assert found.similar_text[row] == (near and cosine > retrieved.text_floor + SIMILAR)
