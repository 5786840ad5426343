"""Turn the rows of a sheet into records, column by column: what makes an import of a million rows fast."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from data.cells import Broken, Words, check_text
from data.contract import Field, FileContract
from data.faults import Fault, FileReport
from data.formats.sheet import Row

Texts = Sequence[str]
NOTHING: dict[str, str] = {}
"""What `raw` and `extra` of most records are; never changed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that were read together: the line of each, and by column of the table what they hold."""

    lines: Sequence[int]
    values: dict[str, Sequence[Any]]

    def __len__(self) -> int:
        """Count the records."""
        return len(self.lines)


class RowReader:
    """Reads the rows of one file by its contract, and notes in the report what breaks a rule.

    What the taxonomy does not understand is no fault: it is counted in the report and kept in `raw`.
    """

    def __init__(self, contract: FileContract, columns: Sequence[str], report: FileReport) -> None:
        self._contract, self._columns, self._report = contract, columns, report
        self._first_lines: dict[str, int] = {}
        self._at_fault: set[tuple[int, str]] = set()
        report.unknown_columns = [name for name in columns if name not in contract.columns]

    @property
    def ids(self) -> set[str]:
        """The keys read so far; of a file whose key is one column, its ids."""
        return set(self._first_lines)

    def read(self, rows: Sequence[Row]) -> Batch:
        """Read rows; where a cell breaks a rule the report has its fault, and the record no value."""
        lines, cells = zip(*rows, strict=True)
        texts: dict[str, Texts] = dict(zip(self._columns, zip(*cells, strict=True), strict=True))
        values = {field.name: self._values(field, lines, texts) for field in self._contract.fields}
        values.update(self._contract.derive(values, self._report.not_understood))
        batch = Batch(lines, values)
        for row, column, rule in self._contract.check(values):
            self.fault(lines[row], column, texts[column][row], rule)
        self._refuse_twice(batch)
        values["extra"] = self._extra(lines, texts)
        if self._contract.versions is not None:
            values["raw"] = self._raw(texts, len(batch))
        self._report.rows += len(batch)
        return batch

    def fault(self, line: int, column: str, value: str, rule: str) -> None:
        """Note that a cell breaks a rule ("must ..."); the first of a cell stands for it."""
        if (line, column) not in self._at_fault:
            self._at_fault.add((line, column))
            self._report.faults.append(Fault(self._report.file, line, column, value, rule))

    def _values(self, field: Field, lines: Sequence[int], texts: dict[str, Texts]) -> Sequence[Any]:
        told = texts.get(field.source)
        if told is None:
            return [field.empty] * len(lines)
        required = field.source in self._contract.required
        try:
            if required:
                return list(map(field.read, told))
            if isinstance(field.read, Words):
                return self._understood(field, field.read, told)
            return [field.read(text) if text else field.empty for text in told]
        except Broken:
            return [self._value(field, *cell, required) for cell in zip(lines, told, strict=True)]

    def _value(self, field: Field, line: int, text: str, required: bool) -> Any:
        """Read one cell of a column in which a rule is broken somewhere."""
        if not text and not required:
            return field.empty
        try:
            return field.read(text)
        except Broken as broken:
            self.fault(line, field.source, text, str(broken))
            return field.empty

    def _understood(self, field: Field, words: Words, told: Texts) -> Sequence[Any]:
        understood = [words.understand(text) if text else None for text in told]
        for found in understood:
            if found is not None and found.unknown:
                self._report.not_understood.update((field.source, word) for word in found.unknown)
        return [field.empty if found is None else found.value for found in understood]

    def _raw(self, texts: dict[str, Texts], size: int) -> Sequence[dict[str, str]]:
        """Keep the cells of which a word was not understood."""
        raw = [NOTHING] * size
        if self._report.faults:
            return raw  # the file is refused, and a broken cell cannot be asked for its words
        for field in self._contract.fields:
            if isinstance(field.read, Words) and field.source in texts:
                strange = {
                    text for text in set(texts[field.source]) if text and field.read.understand(text).unknown
                }
                if strange:
                    _keep(raw, field.source, texts[field.source], strange.__contains__)
        return raw

    def _extra(self, lines: Sequence[int], texts: dict[str, Texts]) -> Sequence[dict[str, str]]:
        """Keep the cells outside the contract."""
        extra = [NOTHING] * len(lines)
        for name in sorted(self._report.unknown_columns):
            _keep(extra, name, texts[name], bool)
            for line, text in zip(lines, texts[name], strict=True):
                if not text.isprintable():
                    self._check_extra(line, name, text)
        return extra

    def _check_extra(self, line: int, name: str, text: str) -> None:
        try:
            check_text(text, limit=len(text))
        except Broken as broken:
            self.fault(line, name, text, str(broken))

    def _refuse_twice(self, batch: Batch) -> None:
        first, columns = self._first_lines, self._contract.key
        at_fault = {line for line, _ in self._at_fault}
        for line, key in zip(batch.lines, keys_of(columns, batch), strict=True):
            before = first.setdefault(key, line)
            if before != line and line not in at_fault:
                rule = f"not repeat the {'+'.join(columns)} of line {before}"
                self.fault(line, columns[0], key.split(SEPARATOR)[0], rule)


SEPARATOR = "\x1f"
"""Between the parts of a key: no text of a record holds control characters."""


def keys_of(columns: Sequence[str], batch: Batch) -> Sequence[str]:
    """Name each record of a batch by its key, as one text."""
    if len(columns) == 1:
        return batch.values[columns[0]]
    return list(map(SEPARATOR.join, zip(*(batch.values[name] for name in columns), strict=True)))


def _keep(kept: list[dict[str, str]], name: str, texts: Texts, wanted: Callable[[str], bool]) -> None:
    for row, text in enumerate(texts):
        if text and wanted(text):
            if kept[row] is NOTHING:
                kept[row] = {}
            kept[row][name] = text
