"""Folders of csv files, and a clock that stands still."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

WriteFolder = Callable[..., Path]


@pytest.fixture
def now() -> datetime:
    """The day of an import."""
    return datetime(2024, 6, 15, 9, 30, tzinfo=UTC)


@pytest.fixture
def write_folder(tmp_path: Path) -> WriteFolder:
    """Write `startups="a,b\\n1,2"` as startups.csv into a folder, new unless named by `at`."""

    def write(at: Path | None = None, /, **files: str) -> Path:
        folder = at or tmp_path / f"folder-{len(list(tmp_path.glob('folder-*')))}"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="")
        return folder

    return write
