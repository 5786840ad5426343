"""Find the files of a folder by name, and open each by the format its ending tells."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path

from data.faults import Fault
from data.formats.csv_file import read_csv, write_csv
from data.formats.jsonl_file import read_jsonl, write_jsonl
from data.formats.sheet import Sheet, Unreadable
from data.formats.xlsx_file import read_xlsx, write_xlsx


class Format(StrEnum):
    """The endings of files that are read and written."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


Reader = Callable[[Path], AbstractContextManager[Sheet]]
Writer = Callable[[Path, Sequence[str], Iterable[Sequence[str]]], None]
_READERS: dict[Format, Reader] = {Format.XLSX: read_xlsx, Format.JSONL: read_jsonl}
WRITERS: dict[Format, Writer] = {
    Format.CSV: write_csv,
    Format.XLSX: write_xlsx,
    Format.JSONL: write_jsonl,
}


@contextmanager
def open_sheet(path: Path, separator: str = ",") -> Iterator[Sheet]:
    """Open a file by its ending; `separator` is that of csv.

    Raises
    ------
    Unreadable
        If it cannot be opened, or its format is broken.
    """
    ending = path.suffix.lower().removeprefix(".")
    format_ = Format(ending) if ending in set(Format) else Format.CSV
    opened = read_csv(path, separator) if format_ is Format.CSV else _READERS[format_](path)
    with ExitStack() as stack:
        try:
            sheet = stack.enter_context(opened)
        except OSError as error:
            rule = f"be a file that can be read ({error.strerror or error})"
            raise Unreadable(Fault(path.name, 0, "", "", rule)) from None
        yield sheet


def others(folder: Path, known: Sequence[Path]) -> list[str]:
    """List what looks like a file of a format and is none of those known: a slip of its name, perhaps."""
    endings = {f".{format_}" for format_ in Format}
    return sorted(
        path.name for path in folder.iterdir() if path.suffix.lower() in endings and path not in known
    )


def found(folder: Path, name: str) -> list[Path]:
    """Find what has this name in any format, be it a file, a folder or a broken link."""
    endings = {f".{format_}" for format_ in Format}
    return sorted(path for path in folder.iterdir() if path.stem == name and path.suffix in endings)
