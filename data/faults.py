"""What an import says: the faults of each file, what it changed, what was not understood."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from matching.errors import shortened


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

    def __str__(self) -> str:
        """Say it in one line."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{place}, column {self.column}" if self.column else place
        got = f", got {shortened(self.value)}" if self.value else ""
        return f"{where}: must {self.rule}{got}"


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
            "faults": [asdict(f) for f in self.faults],
            "not_understood": words,
        }


@dataclass
class ImportReport:
    """What became of a folder, file by file."""

    files: list[FileReport] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every file was taken."""
        return all(file.ok for file in self.files)

    def as_dict(self) -> dict[str, Any]:
        """Give the report as plain values for JSON."""
        return {"ok": self.ok, "files": [file.as_dict() for file in self.files]}
