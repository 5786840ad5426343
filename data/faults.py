"""What an import says: the faults of each file, what it changed, what was not understood."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from matching.errors import shortened

LONGEST_TOLD = 1_000
"""Characters of a value that a report shows: a file may hold long ones, in a thousand rows."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule.

    Attributes
    ----------
    line : the line of the file the row starts at, the header being 1; 0 where the whole file is meant.
    rule : words that finish "must ...".
    """

    file: str
    line: int
    column: str
    value: str
    rule: str

    @property
    def place(self) -> str:
        """Where it is."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}, column {self.column}" if self.column else place

    @property
    def told_value(self) -> str:
        """The value, as far as a report shows it."""
        return self.value[:LONGEST_TOLD]

    def __str__(self) -> str:
        """Say it in one line."""
        got = f", got {shortened(self.value)}" if self.value else ""
        return f"{self.place}: must {self.rule}{got}"


@dataclass
class FileReport:
    """What became of one file."""

    file: str
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    not_understood: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        """Whether the file was taken."""
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain values for JSON."""
        words = [
            {"column": column, "value": value, "times": times}
            for (column, value), times in self.not_understood.most_common()
        ]
        return {
            **vars(self),
            "ok": self.ok,
            "faults": [{**asdict(f), "value": f.told_value} for f in self.faults],
            "not_understood": words,
        }


@dataclass
class ImportReport:
    """What became of a folder, file by file; `not_read` are files whose names are none of the contract."""

    files: list[FileReport] = field(default_factory=list)
    not_read: list[str] = field(default_factory=list)
    dry_run: bool = False

    @property
    def ok(self) -> bool:
        """Whether every file was taken."""
        return all(file.ok for file in self.files)

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain values for JSON."""
        files = [file.as_dict() for file in self.files]
        return {"ok": self.ok, "files": files, "not_read": self.not_read, "dry_run": self.dry_run}
