from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.errors import NotReady
from models import e5_file

TinyFile = Callable[..., bytes]

# Scale 0.25; bytes 0x00, 0x9F, 0x78, then zeros of the 4-bit code: low halves are weights 0-15.
BLOCK = np.float16(0.25).tobytes() + bytes([0x00, 0x9F, 0x78] + [0x88] * 13)
LOW = [-2.0, 1.75, 0.0] + [0.0] * 13
HIGH = [-2.0, 0.25, -0.25] + [0.0] * 13


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], e5_file.E5File]:
    def written_and_read(content: bytes) -> e5_file.E5File:
        path = tmp_path / "weights.bin"
        path.write_bytes(content)
        return e5_file.read(path)

    return written_and_read


def test_blocks_are_multiplied_out_as_by_hand() -> None:
    values = e5_file.dequantise(BLOCK + BLOCK)
    assert values.dtype == np.float32
    assert values.tolist() == (LOW + HIGH) * 2


def test_header_pieces_and_table_are_read(
    tiny_file: TinyFile, read: Callable[[bytes], e5_file.E5File]
) -> None:
    found = read(tiny_file())
    assert found.dimensions == e5_file.Dimensions(32, 1, 2, 64, 12, 16, 2, found.dimensions.epsilon)
    assert found.dimensions.epsilon == pytest.approx(1e-12)
    assert found.pieces.texts[:5] == ("<s>", "<pad>", "</s>", "<unk>", "▁")
    assert found.pieces.scores[3:6] == (0.0, -1.0, -2.0)
    assert (found.pieces.begin, found.pieces.end, found.pieces.pad, found.pieces.unknown) == (0, 2, 1, 3)
    assert found.replacements == (("\x01", ""), ("\u200b", " "), ("ﬁ", "fi"), ("\t", " "))


def test_tensors_come_in_their_shapes(tiny_file: TinyFile, read: Callable[[bytes], e5_file.E5File]) -> None:
    bias = np.arange(32, dtype="<f4")
    found = read(tiny_file(tensors={"emb.word": (1, 384, BLOCK * 12), "l0.q.b": (0, 32, bias.tobytes())}))
    words = found.tensor("emb.word")
    assert words.shape == (12, 32)
    assert words[11].tolist() == LOW + HIGH
    assert found.tensor("l0.q.b").tolist() == list(range(32))
    assert found.tensor("l0.fi.w").shape == (64, 32)
    assert found.tensor("l0.fo.w").shape == (32, 64)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"magic": b"E5S2"}, "magic must be b'E5S1', got b'E5S2'"),
        ({"version": 2}, "version must be 1, got 2"),
        ({"heads": 0}, "dimensions must be positive"),
        ({"heads": 5}, "width must be a multiple of 5 heads, got 32"),
        ({"epsilon": float("nan")}, "epsilon must be below 1, got nan"),
        ({"block": 64}, "block size must be 32, got 64"),
        ({"special": (0, 2, 1, 10)}, "special pieces must be below 10"),
        ({"pieces": [b"x"] * 13}, "number of pieces must be from 1 to 12, got 13"),
        ({"pieces": [b"\xff"] * 10}, "piece 0 must be UTF-8"),
        ({"replacements": [("\ud800", "")]}, "replaced characters must be Unicode"),
        ({"shift": 1}, "must be within the"),
        ({"tensors": {"l1.q.w": (0, 0, b"")}}, "number of tensors must be 21, got 22"),
        ({"tensors": {"emb.word": (2, 384, b"")}}, "kind of emb.word must be 0 or 1, got 2"),
        (
            {"tensors": {"emb.word": (1, 352, BLOCK * 11)}},
            r"elements of emb.word must be .*\(12, 32\), got 352",
        ),
        ({"tensors": {"emb.word": (1, 384, BLOCK * 11)}}, "size of emb.word must be 216 bytes, got 198"),
    ],
)
def test_a_broken_rule_is_named_with_the_file(
    change: dict[str, object],
    rule: str,
    tiny_file: TinyFile,
    read: Callable[[bytes], e5_file.E5File],
) -> None:
    with pytest.raises(NotReady, match=rf"weights\.bin: .*{rule}"):
        read(tiny_file(**change))


def test_a_tensor_of_another_network_is_refused(
    tiny_file: TinyFile, read: Callable[[bytes], e5_file.E5File]
) -> None:
    for other in (b"l0.x.w", b"l0.k.w"):  # unknown, then a second time
        with pytest.raises(NotReady, match="one of the network's, once"):
            read(tiny_file().replace(b"l0.q.w", other))


@pytest.mark.parametrize(
    "raw", [(1, 384, np.float16("inf").tobytes() + bytes(214)), (0, 384, b"\xff" * 1536)]
)
def test_numbers_that_are_not_finite_are_refused(
    raw: tuple[int, int, bytes], tiny_file: TinyFile, read: Callable[[bytes], e5_file.E5File]
) -> None:
    found = read(tiny_file(tensors={"emb.word": raw}))
    with pytest.raises(NotReady, match=r"tensor emb\.word must be finite"):
        found.tensor("emb.word")


def test_a_file_cut_anywhere_is_refused(tiny_file: TinyFile, read: Callable[[bytes], e5_file.E5File]) -> None:
    whole = tiny_file()
    for length in [*range(0, 900), *range(900, len(whole), 997), len(whole) - 1]:
        with pytest.raises(NotReady, match="must be"):
            read(whole[:length])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(at=st.integers(0, 1_199), value=st.integers(0, 255))
def test_a_wrong_byte_in_the_header_is_read_or_refused_and_nothing_else(
    at: int, value: int, tiny_file: TinyFile, read: Callable[[bytes], e5_file.E5File]
) -> None:
    content = bytearray(tiny_file())
    content[at] = value
    try:
        found = read(bytes(content))
        for name in found.tensors:
            assert found.tensor(name).shape == found.tensors[name].shape
    except NotReady as error:
        assert "weights.bin" in str(error)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"none\.bin: file must be readable, got No such file"):
        e5_file.read(tmp_path / "none.bin")
