import os
import re
import sys
from pathlib import Path

import pytest
from platformdirs import user_cache_path, user_data_path

from api.settings import PREFIX, Settings, read_settings
from matching.errors import BadValue
from matching.vocabulary import Language
from tests.api.installation import ROOT

NAMES = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
EXAMPLE = (ROOT / "ketnoi.env.example").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"^#(KETNOI_\w+)=(.*)$", EXAMPLE, re.MULTILINE))


@pytest.fixture(autouse=True)
def nothing_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take back the settings that `home` makes."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert list(SHOWN) == NAMES
    assert "\nKETNOI_" not in EXAMPLE  # a copy of the file changes nothing until a line is uncommented


@pytest.mark.parametrize("field", ["database_url", "embedding_model", "language", "threads"])
def test_the_example_shows_the_default(field: str) -> None:
    assert str(getattr(read_settings(), field)) == SHOWN[f"{PREFIX}{field.upper()}"]


@pytest.mark.skipif(
    sys.platform != "linux" or bool({"XDG_DATA_HOME", "XDG_CACHE_HOME"} & set(os.environ)),
    reason="the example shows the folders of Linux",
)
def test_the_example_shows_the_default_folders() -> None:
    settings = read_settings()
    assert Path(SHOWN["KETNOI_HOME"]).expanduser() == settings.home
    assert Path(SHOWN["KETNOI_CACHE_DIR"]).expanduser() == settings.cache_dir


def test_the_database_lies_in_the_home_unless_it_is_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETNOI_HOME", str(tmp_path))
    assert read_settings().database == f"sqlite:///{tmp_path}/ketnoi.sqlite3"
    monkeypatch.setenv("KETNOI_DATABASE_URL", "postgresql+psycopg://host/name")
    assert read_settings().database == "postgresql+psycopg://host/name"


def test_a_relative_home_is_meant_from_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KETNOI_HOME", "here")
    assert read_settings().database == f"sqlite:///{tmp_path}/here/ketnoi.sqlite3"


def test_the_home_may_begin_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for name in ("KETNOI_HOME", "KETNOI_CACHE_DIR"):
        monkeypatch.setenv(name, "~/centre")
    assert read_settings().home == read_settings().cache_dir == tmp_path / "centre"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "")
    settings = read_settings()
    assert (settings.home, settings.cache_dir) == (user_data_path("ketnoi"), user_cache_path("ketnoi"))
    assert (settings.language, settings.embedding_model, settings.threads) == (Language.VI, "bundled", 1)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("KETNOI_THREADS", "0", "greater than or equal to 1"),
        ("KETNOI_THREADS", "many", "valid integer"),
        ("KETNOI_LANGUAGE", "fr", "'vi' or 'en'"),
        ("KETNOI_REQUESTS_PER_MINUTE", "0", "greater than or equal to 1"),
        ("KETNOI_TRUSTED_PROXIES", "10.0.0.5, my-proxy", "IPv4 or IPv6 network"),
    ],
)
def test_a_bad_value_is_refused_by_the_variable_s_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, rule: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadValue, match=f"^{name} must be valid .*{rule}.*, got '{value}'$"):
        read_settings()


@pytest.mark.parametrize("name", ["KETNOI_EMBEDING_MODEL", "ketnoi_hom"])
def test_a_misspelt_setting_is_refused_with_the_names_there_are(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "none")
    with pytest.raises(BadValue) as refused:
        read_settings()
    assert str(refused.value) == f"setting must be one of {', '.join(NAMES)}, got {name!r}"
