"""An installation in a folder of its own, and the command line run in this process."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main

ROOT = Path(__file__).parents[2]
VIETNAM = ROOT / "data" / "vietnam"


@dataclass(frozen=True)
class Said:
    """What one run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Ketnoi:
    """`ketnoi ARGS` in this process, through `main`, so that its error handling is what is tested."""

    home: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *args: object) -> Said:
        self.monkeypatch.setattr(sys, "argv", ["ketnoi", *map(str, args)])
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = self.capsys.readouterr()
        return Said(int(stopped.value.code or 0), out, err)


def write(folder: Path, **files: str) -> Path:
    """Write `startups="a,b\\n1,2\\n"` as startups.csv into a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def write_json(path: Path, told: object) -> Path:
    """Write a file of profiles."""
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path


def fund_ids(answer: dict[str, Any]) -> list[str]:
    """List the funds of a shortlist, best first."""
    return [suggestion["fund_id"] for suggestion in answer["suggestions"]]


def table(header: str, rows: Iterable[str]) -> str:
    """Put csv lines under a header."""
    return "\n".join((header, *rows)) + "\n"
