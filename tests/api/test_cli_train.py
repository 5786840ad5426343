import csv
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from api.compose import App
from api.jobs.ingest import embed_new
from api.jobs.training import train
from api.settings import Settings
from data.database import migrate
from data.importer import import_folder
from data.synthetic.settings import MarketSettings
from data.synthetic.write import draw_market, write_market
from matching.engine import Engine
from matching.market import build_market
from matching.rank import PriorRanker
from matching.vocabulary import IntroductionStatus, Outcome, Rung
from models.artefact import Artefact
from models.history import Remembered
from models.learned_ranker import Learned
from models.linear import OneColumn
from tests.api.installation import Ketnoi
from tests.matching.worlds import HashedVectors
from tests.models.answered import END, answered

MARKET = MarketSettings(n_startups=1_000, n_funds=60, seed=11, first_year=2020, n_introductions=0)
TRAINED = date(2025, 1, 1)
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


@pytest.fixture(scope="module")
def trained_home(synthetic_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose champion was trained on what was known before TRAINED."""
    home = tmp_path_factory.mktemp("trained") / "home"
    shutil.copytree(synthetic_home, home)
    app = App(Settings(home=home, database_url="", embedding_model="none", threads=1))
    train(app, TRAINED, lambda step: None, promote=False)
    app.close()
    return home


@pytest.fixture
def trained(ketnoi: Ketnoi, trained_home: Path) -> Ketnoi:
    shutil.copytree(trained_home, ketnoi.home)
    return ketnoi


def release_of(ketnoi: Ketnoi) -> dict[str, Any]:
    (release,) = ketnoi("releases", "list", "--json").json
    return dict(release)


def test_what_follows_a_yes_is_told_of_acceptances_alone(ketnoi: Ketnoi) -> None:
    app = App(Settings(home=ketnoi.home, database_url="", embedding_model="none", threads=1))
    engine = Engine(
        build_market(Remembered(answered(60)).knowledge(END), END, HashedVectors()),
        PriorRanker(),
        HashedVectors(),
    )
    assert app.after_yes(engine)("f-00") == {}
    accepts = replace(PriorRanker(), outcome=Outcome.ACCEPTS)
    told = app.after_yes(replace(engine, ranker=accepts))("f-00")
    assert list(told) == [IntroductionStatus.MET]  # nobody was met, and none is known to have got further
    assert told[IntroductionStatus.MET].probability < 0.2
    app.close()


def test_a_release_is_learned_and_training_again_gives_the_same_bytes(
    synthetic: Ketnoi, trained_home: Path
) -> None:
    said = synthetic("train", "--as-of", TRAINED)
    assert (said.code, said.err) == (0, "")
    assert "Compared on first rounds from 01/01/2024 to 01/01/2025" in said.out
    release = release_of(synthetic)
    assert release["kind"] != "prior", said.out
    assert release["synthetic"] and release["status"] == "champion"
    assert f"Release {release['release_id']} ranks from now on" in said.out
    app = App(Settings(home=trained_home, database_url="", embedding_model="none", threads=1))
    assert [one.checksum for one in app.releases.list()] == [release["checksum"]]
    app.close()


def test_every_answer_names_the_release_and_an_earlier_day_is_answered_without_it(
    trained: Ketnoi, tmp_path: Path
) -> None:
    release = release_of(trained)
    name = f"{release['kind']} {release['release_id']}"
    text = ("shortlist", "--text", "payments for street vendors", "--json")
    answer = trained(*text).json
    assert answer["ranker"] == name
    fund = answer["suggestions"][0]["fund_id"]
    assert trained(*text, "--as-of", "2024-12-31").json["ranker"] == "prior-1"
    assert trained(*text, "--as-of", TRAINED).json["ranker"] == name
    profile = tmp_path / "p.json"
    profile.write_text('{"name": "A", "country": "VN", "sectors": ["fintech"]}', encoding="utf-8")
    assert trained("why", fund, "--profile", profile, "--json").json["ranker"] == name
    batch = trained("batch", "--profiles", profile, "--out", tmp_path / "out.csv")
    assert name in batch.out and (tmp_path / "out.csv").exists()


def test_batch_tells_the_chances_of_a_release_and_none_before_its_data_end(
    trained: Ketnoi, tmp_path: Path
) -> None:
    out = tmp_path / "all.csv"
    assert trained("batch", "--all", "--k", 20, "--out", out).code == 0
    with out.open(encoding="utf-8", newline="") as file:
        lists = groupby(csv.DictReader(file), key=itemgetter("startup_id"))
        told = [list(mine) for _, mine in lists]
    assert len(told) > 100
    for mine in told:
        assert [row["rank"] for row in mine] == [str(rank) for rank in range(1, len(mine) + 1)]
        for above, below in pairwise(mine):
            assert float(above["score"]) >= float(below["score"])
            assert 1 > float(above["probability"]) >= float(below["probability"]) > 0
    trained("batch", "--all", "--k", 20, "--as-of", "2024-12-31", "--out", out)
    with out.open(encoding="utf-8", newline="") as file:
        assert {row["probability"] for row in csv.DictReader(file)} == {""}


def test_an_evaluation_names_the_release_that_ranks_each_window(trained: Ketnoi) -> None:
    release = release_of(trained)
    name = f"{release['kind']} {release['release_id']}"
    ask = ("evaluate", "--method", "release", "--as-of", "2026-01-01", "--windows")
    assert trained(*ask, 1, "--json").json["releases"] == {"2025-01-01": name}
    lines = trained(*ask, 2).out.splitlines()
    assert [line.split("release: ")[1] for line in lines if "release: " in line] == ["prior-1", name]


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
    assert len(vietnam("shortlist", "coolmate", "--json").json["suggestions"]) == 10


def test_a_promoted_release_ranks_from_the_day_its_data_end_and_the_one_before_it_until_then(
    vietnam: Ketnoi,
) -> None:
    first = vietnam("train", "--as-of", "2022-01-01", "--json").json
    told = vietnam("train", "--as-of", "2023-01-01", "--lang", "vi").out
    assert "chưa dùng" in told and "Dưới 100 vòng gọi vốn đầu tiên" in told and "(dưới 30," in told
    second = vietnam("train", "--as-of", "2023-01-01", "--promote", "--json").json
    assert first["champion"] and second["champion"]
    assert {first["kind"], second["kind"]} == {"prior"}, "fewer first rounds a year than the ladder needs"
    known = vietnam("releases", "list", "--json").json
    assert len(known) == 3
    assert [one["release_id"] for one in known if one["status"] == "champion"] == [second["release_id"]]
    days = ("2021-12-31", "2022-01-01", "2022-12-31", "2023-01-01")
    asked = [vietnam("shortlist", "--text", "rice", "--as-of", day, "--json").json for day in days]
    ids = [answer["ranker"].partition(" ")[2] for answer in asked]
    assert ids == ["", first["release_id"], first["release_id"], second["release_id"]]


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


@pytest.mark.parametrize("args", [("shortlist", "--text", "x"), ("why", "coolmate", "mekong-capital")])
def test_a_release_that_learned_with_another_embedding_model_is_one_line(
    vietnam: Ketnoi, args: tuple[str, ...]
) -> None:
    app = App(Settings())
    artefact = Learned(Rung.KERNEL, OneColumn("kernel_gap")).to_artefact()
    settings = {"embedding_model": "an/other"}
    release = app.releases.register(
        artefact.to_bytes(),
        kind=artefact.kind,
        data_until=date(2020, 1, 1),
        synthetic=False,
        metrics={},
        settings=settings,
        at=NOON,
    )
    app.releases.promote(release.release_id, "", NOON)
    app.close()
    said = vietnam(*args)
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.err.startswith("ketnoi: KETNOI_EMBEDDING_MODEL must be an/other, which release 20")
