"""Read typed values from the cells of one row; what breaks a rule becomes a fault, never an exception."""

import math
import re
from collections.abc import Iterable

from data.faults import Fault, FileReport
from data.glossary import Code, Glossary
from data.reader import Row
from matching.dates import RULE as DATE_RULE
from matching.dates import end_of_period
from matching.errors import BadValue
from matching.text import normalise

MAX_LABEL = 300
MAX_TEXT = 20_000
MAX_MONEY = 1e12
_ID = re.compile(r"[^\s;,\x00-\x1f\x7f]{1,200}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WEBSITE = re.compile(r"(?:https?://)?[^\s/:@]+\.[^\s/:@]+(?::\d+)?(?:/\S*)?", re.IGNORECASE)
_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "có"), True),
    **dict.fromkeys(("false", "0", "no", "không"), False),
}


def _is_id(value: str) -> bool:
    """Tell whether a text can be an id: what looks the same has to be the same."""
    return bool(_ID.fullmatch(value)) and normalise(value) == value


class Cells:
    """The cells of one row; each getter names a column, a missing column reads as empty.

    What the taxonomy does not understand is no fault: it is counted in the report and kept in `raw`.
    """

    def __init__(self, row: Row, report: FileReport) -> None:
        self.raw: dict[str, str] = {}
        self._row, self._report = row, report
        self._at_fault: set[str] = set()

    def fault(self, column: str, rule: str) -> None:
        """Record that `column` of this row breaks a rule ("must ..."); the first of a cell stands for it."""
        if column not in self._at_fault:
            self._at_fault.add(column)
            value = self._row.cells.get(column, "")
            self._report.faults.append(Fault(self._report.file, self._row.line, column, value, rule))

    def id(self, column: str) -> str:
        """Read a required identifier."""
        value = self._row.cells.get(column, "")
        if not _is_id(value):
            self.fault(column, "be an id of 1 to 200 visible characters without spaces, commas or semicolons")
        return value

    def ids(self, column: str) -> str:
        """Read identifiers separated by semicolons, as one text in canonical form."""
        found = self._items(column)
        if not all(map(_is_id, found)):
            self.fault(column, "be ids separated by semicolons")
        return ";".join(sorted(set(found)))

    def text(self, column: str, limit: int = MAX_TEXT, *, required: bool = False) -> str:
        """Read a text, normalised line by line."""
        value = self._row.cells.get(column, "")
        if len(value) > limit:
            self.fault(column, f"have at most {limit:,} characters, not {len(value):,}")
        elif _CONTROL.search(value):
            self.fault(column, "hold no control characters")
        text = "\n".join(filter(None, map(normalise, value.splitlines())))
        if required and not text:
            self.fault(column, "not be empty")
        return text

    def label(self, column: str, *, required: bool = False) -> str:
        """Read a short text such as a name."""
        return self.text(column, MAX_LABEL, required=required)

    def website(self, column: str) -> str:
        """Read a web address."""
        value = self.label(column)
        if value and not _WEBSITE.fullmatch(value):
            self.fault(column, "be a web address (http, https or a bare domain)")
        return value

    def date(self, column: str) -> str | None:
        """Read a date of which the day or the month may be missing, as it is written."""
        value = self._row.cells.get(column, "")
        if not value:
            return None
        try:
            end_of_period(value)
        except BadValue:
            self.fault(column, f"be {DATE_RULE}")
        return value

    def money(self, column: str) -> float | None:
        """Read an amount in US dollars."""
        value = self._row.cells.get(column, "")
        if not value:
            return None
        amount = float(value) if _NUMBER.fullmatch(value) else math.nan
        if not 0 <= amount <= MAX_MONEY:
            self.fault(column, "be US dollars from 0 to 1,000,000,000,000, in digits without separators")
            return None
        return amount

    def count(self, column: str) -> int | None:
        """Read a whole number."""
        value = self._row.cells.get(column, "")
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= 6):
            self.fault(column, "be a whole number from 0 to 999999")
            return None
        return int(value)

    def boolean(self, column: str) -> bool | None:
        """Read true or false."""
        value = normalise(self._row.cells.get(column, "")).casefold()
        if value and value not in _BOOLEANS:
            self.fault(column, "be true or false (1 or 0, yes or no, có or không)")
        return _BOOLEANS.get(value)

    def term(self, column: str, glossary: Glossary[Code]) -> Code | None:
        """Read one text through the taxonomy."""
        found = glossary.read(self.label(column))
        self._note(column, found.not_understood)
        return found.only

    def terms(self, column: str, glossary: Glossary[Code]) -> str:
        """Read texts separated by semicolons through the taxonomy, as one text of sorted codes."""
        found = glossary(self._items(column))
        self._note(column, found.not_understood)
        return ";".join(sorted(found.codes))

    def items(self, column: str) -> str:
        """Read texts separated by semicolons as they are, in canonical form."""
        return ";".join(map(normalise, self._items(column)))

    def _items(self, column: str) -> list[str]:
        value = self.text(column)
        return [item.strip() for item in value.split(";") if item.strip()]

    def _note(self, column: str, not_understood: Iterable[str]) -> None:
        for text in not_understood:
            self._report.not_understood[(column, text)] += 1
            self.raw[column] = self._row.cells[column]
