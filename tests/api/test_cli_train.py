import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from api.compose import App
from api.jobs.ingest import embed_new
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market
from matching.vocabulary import Rung
from models.artefact import Artefact
from tests.api.installation import Ketnoi

MARKET = MarketSettings(n_startups=1_000, n_funds=60, seed=11, first_year=2020, n_introductions=0)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def synthetic_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("learned")
    write_market(draw_market(MARKET), home / "market")
    app = App(Settings(home=home, database_url="", embedding_model="none", threads=1))
    migrate(app.database)
    assert import_folder(app.database, home / "market", NOON).ok
    embed_new(app, lambda done, total: None)
    app.close()
    return home


@pytest.fixture
def synthetic(ketnoi: Ketnoi, synthetic_home: Path) -> Ketnoi:
    shutil.copytree(synthetic_home, ketnoi.home)
    return ketnoi


def test_a_release_is_learned_and_every_answer_names_it(synthetic: Ketnoi, tmp_path: Path) -> None:
    said = synthetic("train", "--as-of", "2025-01-01")
    assert (said.code, said.err) == (0, "")
    assert "Compared on first rounds from 01/01/2024 to 01/01/2025" in said.out
    (release,) = synthetic("releases", "list", "--json").json
    name = f"{release['kind']} {release['release_id']}"
    assert release["kind"] != "prior", said.out
    assert release["synthetic"] and release["status"] == "champion"
    assert f"Release {release['release_id']} ranks from now on" in said.out
    text = ("shortlist", "--text", "payments for street vendors", "--json")
    answer = synthetic(*text).json
    assert answer["ranker"] == name
    fund = answer["suggestions"][0]["fund_id"]
    assert synthetic(*text, "--as-of", "2024-12-31").json["ranker"] == "prior-1"
    assert synthetic(*text, "--as-of", "2025-01-01").json["ranker"] == name
    profile = tmp_path / "p.json"
    profile.write_text('{"name": "A", "country": "VN", "sectors": ["fintech"]}', encoding="utf-8")
    assert synthetic("why", fund, "--profile", profile, "--json").json["ranker"] == name
    batch = synthetic("batch", "--profiles", profile, "--out", tmp_path / "out.csv")
    assert name in batch.out and (tmp_path / "out.csv").exists()
    again = synthetic("train", "--as-of", "2025-01-01", "--lang", "vi")
    assert again.code == 0 and "chưa dùng" in again.out
    checksums = {one["checksum"] for one in synthetic("releases", "list", "--json").json}
    assert len(checksums) == 1, "training again on the same records gives the same bytes"


@pytest.mark.parametrize(
    ("lang", "told"), [("en", "Nothing was learned from deals"), ("vi", "Chưa học được gì từ các thương vụ")]
)
def test_with_nothing_to_learn_from_the_prior_ranks_and_that_is_said(
    ketnoi: Ketnoi, lang: str, told: str
) -> None:
    ketnoi("init")
    said = ketnoi("train", "--lang", lang)
    assert (said.code, said.err) == (0, "")
    assert told in said.out
    ranker = ketnoi("shortlist", "--text", "rice", "--json").json["ranker"]
    assert ranker.startswith("prior-1 20"), "with the release"


def test_the_records_of_vietnam_are_learned_from_without_a_failure(vietnam: Ketnoi) -> None:
    said = vietnam("train", "--json")
    assert (said.code, said.err) == (0, "")
    first = said.json
    assert first["champion"] and first["kind"] in set(Rung) and not first["synthetic"]
    second = vietnam("train", "--promote", "--json").json
    assert second["champion"] and second["release_id"] != first["release_id"]
    assert len(vietnam("shortlist", "coolmate", "--json").json["suggestions"]) == 10


def test_before_the_first_deal_there_is_nothing_to_learn_from(vietnam: Ketnoi) -> None:
    said = vietnam("train", "--as-of", "1990-01-01")
    assert (said.code, said.err) == (0, "")
    assert "before 01/01/1990" in said.out


@pytest.mark.parametrize(
    "artefact",
    [
        Artefact("boosted", {"columns": ["other"], "chances": None}, texts={"trees": "tree"}),
        Artefact("boosted", {}, texts={"trees": "tree"}),
        Artefact("logistic", {"columns": None}),
        Artefact("oracle", {}),
    ],
)
@pytest.mark.parametrize("args", [("shortlist", "--text", "x"), ("why", "coolmate", "mekong-capital")])
def test_a_release_that_this_version_cannot_read_is_one_line(
    vietnam: Ketnoi, artefact: Artefact, args: tuple[str, ...]
) -> None:
    app = App(Settings())
    release = app.releases.register(
        artefact.to_bytes(),
        kind=artefact.kind,
        data_until=date(2020, 1, 1),
        synthetic=False,
        metrics={},
        settings={},
        at=NOON,
    )
    app.releases.promote(release.release_id, "", NOON)
    app.close()
    said = vietnam(*args)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.err.startswith("ketnoi: release must be trained by this version: run `ketnoi train`")
