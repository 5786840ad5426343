"""Read and write jsonl: UTF-8, one object a line, lists as cells of several items."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data.faults import Fault
from data.formats.csv_file import utf8_lines
from data.formats.sheet import MAX_COLUMNS, Row, Sheet, Unreadable, checked_header

OBJECT = "be one object of json on a line of its own"
NOT_NESTED = "be a text, a number, true or false, or a list of these"


class _Twice(ValueError):
    """A key that an object has twice."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise _Twice(names.most_common(1)[0][0])
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of json")


# Numbers stay as they are written: 0.10 must not become 0.1, nor 1e400 infinity.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=_no_number
)


@contextmanager
def read_jsonl(path: Path) -> Iterator[Sheet]:
    """Read a file of one object a line; its columns are the keys of all of them, in the order met.

    A file without a line has no columns: there is nothing it could say.

    Raises
    ------
    Unreadable
        If it is not UTF-8, has too many keys, or no line has one.
    """
    names: dict[str, None] = {}
    first: Fault | None = None
    lines = 0
    for line, text in utf8_lines(path):
        lines += 1
        found = _object(path.name, line, text)
        if isinstance(found, Fault):
            first = first or found
        else:
            names |= dict.fromkeys(found)
        if len(names) > MAX_COLUMNS:
            rule = f"have at most {MAX_COLUMNS:,} different keys in all its objects"
            raise Unreadable(Fault(path.name, line, "", "", rule))
    if not names and lines:
        raise Unreadable(first or Fault(path.name, 1, "", "{}", "hold objects with the columns as keys"))
    columns = checked_header(path.name, list(names)) if names else []
    sheet = Sheet(columns, iter(()), expected=lines)
    yield sheet.with_rows(_rows(path, sheet))


def _rows(path: Path, sheet: Sheet) -> Iterator[Row]:
    for line, text in utf8_lines(path):
        found = _object(path.name, line, text)
        if isinstance(found, Fault):
            sheet.faults.append(found)
            continue
        nested = [name for name, value in found.items() if is_nested(value)]
        sheet.faults.extend(Fault(path.name, line, name, _shown(found[name]), NOT_NESTED) for name in nested)
        if not nested:
            told = {name.strip(): cell(value) for name, value in found.items()}
            yield line, [told.get(name, "") for name in sheet.columns]


def _object(file: str, line: int, text: str) -> dict[str, Any] | Fault:
    try:
        found = _DECODER.decode(text)
    except _Twice as twice:
        return Fault(file, line, str(twice), text, "name a key of an object once only")
    except (ValueError, RecursionError) as error:
        return Fault(file, line, "", text, f"{OBJECT} ({error})")
    return found if isinstance(found, dict) else Fault(file, line, "", text, OBJECT)


def _shown(value: Any) -> str:
    try:
        return json.dumps(value)
    except RecursionError:  # what could just be read need not be deep enough to be written
        return "[…]"


def is_nested(value: Any) -> bool:
    """Tell whether a json value is more than a cell can hold."""
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict | list) for item in items)


def cell(value: Any) -> str:
    """Write a json value as a csv cell would have it, a nested one as nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return ";".join(cell(item) for item in value if not isinstance(item, list))
    if value is None or isinstance(value, dict):
        return ""
    return json.dumps(value)


def write_jsonl(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write one object of texts a row; an empty cell has no key."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            told = {name: value for name, value in zip(columns, row, strict=True) if value}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
