from datetime import UTC, datetime
from pathlib import Path

from api.compose import App
from api.jobs.ingest import embed_new, texts
from data.importer import import_folder
from tests.api.installation import write

NOW = datetime(2024, 6, 15, tzinfo=UTC)
STARTUPS = "startup_id,name,description,description_vi,sectors\na,A,Payments,Thanh toán,\nb,B,,,rice; farms\n"
SENTENCE = "We back the seed rounds of companies all over Vietnam."
FUNDS = f"fund_id,name,thesis\nf,F,{SENTENCE}\ng,G,{SENTENCE}\n"


def embedded(app: App) -> int:
    """Embed what is new and count the texts the encoder was given."""
    given: list[int] = []

    def count(done: int, total: int) -> None:
        if done == total:
            given.append(total)

    embed_new(app, count)
    return sum(given)


def test_profiles_and_theses_are_embedded_each_text_once(app: App, tmp_path: Path) -> None:
    import_folder(app.database, write(tmp_path / "in", startups=STARTUPS, funds=FUNDS), NOW)
    profiles, theses = texts(app.store.knowledge(None))
    assert (profiles, theses) == (["Payments", "Thanh toán", "rice; farms"], [SENTENCE])
    assert embedded(app) == 4
    assert app.store.counts()["embedding"] == 4


def test_what_was_embedded_is_not_embedded_again(app: App, tmp_path: Path) -> None:
    import_folder(app.database, write(tmp_path / "in", startups=STARTUPS), NOW)
    assert (embedded(app), embedded(app)) == (3, 0)
    fresh = App(app.settings)  # without the vectors it holds in memory
    assert embedded(fresh) == 0
    fresh.close()


def test_a_changed_description_is_embedded_anew(app: App, tmp_path: Path) -> None:
    import_folder(app.database, write(tmp_path / "in", startups=STARTUPS), NOW)
    embedded(app)
    changed = STARTUPS.replace("Payments", "Payments for street vendors")
    import_folder(app.database, write(tmp_path / "in", startups=changed), NOW)
    assert embedded(app) == 1
