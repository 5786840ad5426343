"""What a ranker has learned, as one file that holds data and no code.

A zip of stored entries: `artefact.json` (format, kind, settings, and the names of the parts),
`arrays/NAME.npy` in numpy's own format without pickle, `texts/NAME.txt` in UTF-8, such as the trees of
LightGBM. Nothing is compressed: the same content gives the same bytes whatever zlib is installed, and no
entry unpacks to more than it takes.
"""

import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from math import prod
from tokenize import TokenError
from typing import Any, TypeAlias
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
import numpy.typing as npt

from matching.errors import BadValue

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
Array: TypeAlias = npt.NDArray[Any]

FORMAT = 1
MAX_BYTES = 500_000_000
"""Half of what a cell of SQLite or PostgreSQL holds."""

DTYPES = "biufMSU"
"""Kinds of dtype an array may have: truth values, numbers, dates and texts; no objects, no records."""

_INDEX = "artefact.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Artefact:
    """A bundle of named parts; two are the same where their checksums are.

    Attributes
    ----------
    kind : the ranker that reads it.
    settings : what JSON can say.
    arrays : of one of `DTYPES`, any shape; those read from bytes cannot be written to.
    texts : any text that UTF-8 can say.

    Raises
    ------
    BadValue
        If a name is not of letters, digits, `_`, `.` and `-`, or an array is of another dtype.
    """

    kind: str
    settings: Mapping[str, JSON] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (self.kind, *self.arrays, *self.texts):
            if not _NAME.fullmatch(name):
                raise BadValue("1 to 40 letters, digits, _, . or -", name, "name in an artefact")
        for name, array in self.arrays.items():
            _require_dtype(array.dtype, name)

    @property
    def checksum(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        """Write the file; the same content gives the same bytes.

        Raises
        ------
        BadValue
            If the settings are not plain JSON, a text has no UTF-8, or all is over MAX_BYTES.
        """
        parts = {_array_entry(name): _npy(array) for name, array in self.arrays.items()}
        try:
            parts |= {_text_entry(name): text.encode() for name, text in self.texts.items()}
            told = {"format": FORMAT, "kind": self.kind, "settings": self.settings, "parts": sorted(parts)}
            index = json.dumps(told, sort_keys=True, allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise BadValue("plain JSON values and texts that UTF-8 can say", error, "artefact") from None
        written = _zipped({_INDEX: index, **dict(sorted(parts.items()))})
        _require_size(written)
        return written

    @classmethod
    def from_bytes(cls, data: bytes, checksum: str | None = None) -> "Artefact":
        """Read the file.

        Raises
        ------
        BadValue
            If the bytes do not have the `checksum`, where one is given, or are not what `to_bytes`
            writes: broken, of another format, with parts missing or added, or with objects inside.
        """
        _require_size(data)
        if checksum is not None and checksum != (found := sha256(data).hexdigest()):
            raise BadValue(f"the one with SHA-256 {checksum}", found, "artefact")
        parts = _unzipped(data)
        told = _index(parts.pop(_INDEX, b""))
        if told["parts"] != sorted(parts):
            rule = f"complete and nothing else ({', '.join(told['parts']) or 'no parts'})"
            raise BadValue(rule, ", ".join(sorted(parts)), "artefact")
        arrays, texts = {}, {}
        for entry, part in parts.items():
            name = entry.partition("/")[2][:-4]
            if entry == _array_entry(name):
                arrays[name] = _array(part, name)
            elif entry == _text_entry(name):
                texts[name] = _text(part, name)
            else:
                raise BadValue("made of arrays/NAME.npy and texts/NAME.txt", entry, "artefact")
        return cls(told["kind"], told["settings"], arrays, texts)


def _array_entry(name: str) -> str:
    return f"arrays/{name}.npy"


def _text_entry(name: str) -> str:
    return f"texts/{name}.txt"


def _require_size(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise BadValue(f"at most {MAX_BYTES:,} bytes", f"{len(data):,}", "artefact")


def _require_dtype(dtype: np.dtype[Any], name: str) -> None:
    if dtype.kind not in DTYPES:
        raise BadValue("of truth values, numbers, dates or texts", dtype, f"array {name} of an artefact")


def _npy(array: Array) -> bytes:
    """Write an array, little-endian and row by row whatever it is in memory."""
    stream = BytesIO()
    plain = np.asarray(array, array.dtype.newbyteorder("<"), order="C")
    np.lib.format.write_array(stream, plain, version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def _array(part: bytes, name: str) -> Array:
    """Read an array; its size is held against the bytes that are there before any memory is taken."""
    stream = BytesIO(part)
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("another version of the format")
        shape, by_column, dtype = np.lib.format.read_array_header_1_0(stream)
        _require_dtype(dtype, name)
        body = part[stream.tell() :]
        if by_column or min(shape, default=0) < 0 or prod(shape) * dtype.itemsize != len(body):
            raise ValueError(f"{len(body)} bytes for the shape {shape}")
        return np.frombuffer(body, dtype).reshape(shape) if body else np.empty(shape, dtype)
    except BadValue:
        raise
    except (ValueError, TypeError, SyntaxError, TokenError) as error:  # numpy parses a header like code
        raise BadValue("in numpy's format", error, f"array {name} of an artefact") from None


def _text(part: bytes, name: str) -> str:
    try:
        return part.decode()
    except UnicodeDecodeError as error:
        raise BadValue("in UTF-8", error, f"text {name} of an artefact") from None


def _index(part: bytes) -> dict[str, Any]:
    """Read what the file says of itself."""
    try:
        told = json.loads(part)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise BadValue(f"a zip with {_INDEX}, plain JSON", part[:40], "artefact")
    if told.get("format") != FORMAT:
        raise BadValue(f"of format {FORMAT}, the one this version reads", told.get("format"), "artefact")
    kinds = {"format": int, "kind": str, "settings": dict, "parts": list}
    if {key: type(value) for key, value in told.items()} != kinds:
        raise BadValue(f"told by {', '.join(kinds)}", ", ".join(told), _INDEX)
    return told


def _zipped(entries: Mapping[str, bytes]) -> bytes:
    """Write a zip that tells neither its day nor its system."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_STORED) as file:
        for name, part in entries.items():
            info = ZipInfo(name, _EPOCH)
            info.create_system = 0
            file.writestr(info, part)
    return stream.getvalue()


def _unzipped(data: bytes) -> dict[str, bytes]:
    """Read the entries of a zip; each has to be stored as it is, and its CRC to hold."""
    try:
        with ZipFile(BytesIO(data)) as file:
            infos = file.infolist()
            if any(i.compress_type != ZIP_STORED or i.compress_size != i.file_size for i in infos):
                raise BadZipFile("an entry is compressed")
            if len({info.filename for info in infos}) < len(infos):
                raise BadZipFile("two entries of one name")
            return {info.filename: file.read(info) for info in infos}
    except (
        BadZipFile,
        RuntimeError,
        ValueError,
        LookupError,
        OverflowError,
        OSError,
        EOFError,
        struct.error,
    ) as error:
        raise BadValue("a zip whose entries are whole and not compressed", error, "artefact") from None
