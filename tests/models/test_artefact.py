import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as some_numpy

from matching.errors import BadValue, KetnoiError
from models import artefact as module
from models.artefact import Artefact

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", fullmatch=True)
SAYABLE = st.text(st.characters(exclude_categories=["Cs"]))
SETTINGS = st.dictionaries(
    SAYABLE,
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | SAYABLE,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SAYABLE, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)
DTYPES = st.one_of(
    some_numpy.boolean_dtypes(),
    some_numpy.integer_dtypes(endianness="?"),
    some_numpy.unsigned_integer_dtypes(endianness="?"),
    some_numpy.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    some_numpy.datetime64_dtypes(max_period="D", endianness="?"),
    some_numpy.unicode_string_dtypes(endianness="?", min_len=1, max_len=5),
    some_numpy.byte_string_dtypes(min_len=1, max_len=5),
)
ARRAYS = st.dictionaries(
    NAMES, some_numpy.arrays(DTYPES, some_numpy.array_shapes(min_dims=0, min_side=0, max_side=4)), max_size=3
)
ARTEFACTS = st.builds(Artefact, NAMES, SETTINGS, ARRAYS, st.dictionaries(NAMES, SAYABLE, max_size=3))

WEIGHTS = np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -0.25]])
SMALL = Artefact("boosted", {"rate": 0.1}, {"weights": WEIGHTS}, {"trees": "tree\nsplit_gain=ấm\n"})
NO_JSON: Any = {1, 2}
INDEX = b'{"format": 1, "kind": "boosted", "parts": [%s], "settings": {}}'


def zipped(entries: Mapping[str, bytes], compression: int = 0) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", compression) as file:
        for name, part in entries.items():
            file.writestr(name, part)
    return stream.getvalue()


def entries_of(data: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def saved(array: np.ndarray[Any, Any], *, pickle: bool = False) -> bytes:
    stream = BytesIO()
    np.save(stream, array, allow_pickle=pickle)
    return stream.getvalue()


# --- there and back ---


@given(ARTEFACTS)
def test_what_is_written_is_read_back(artefact: Artefact) -> None:
    data = artefact.to_bytes()
    read = Artefact.from_bytes(data, artefact.checksum)
    assert (read.kind, read.settings, read.texts) == (artefact.kind, artefact.settings, artefact.texts)
    assert read.arrays.keys() == artefact.arrays.keys()
    for name, array in artefact.arrays.items():
        mine = read.arrays[name]
        assert (mine.shape, mine.dtype) == (array.shape, array.dtype.newbyteorder("<"))
        np.testing.assert_array_equal(mine, array)
    assert read.to_bytes() == data
    assert read.checksum == sha256(data).hexdigest()


def test_the_file_is_a_zip_that_other_programs_read() -> None:
    entries = entries_of(SMALL.to_bytes())
    assert list(entries) == ["artefact.json", "arrays/weights.npy", "texts/trees.txt"]
    np.testing.assert_array_equal(
        np.load(BytesIO(entries["arrays/weights.npy"]), allow_pickle=False), WEIGHTS
    )
    assert entries["texts/trees.txt"].decode() == "tree\nsplit_gain=ấm\n"


def test_the_same_content_gives_the_same_bytes_whatever_its_order_in_memory() -> None:
    one = Artefact("k", {"a": 1, "b": [2]}, {"x": WEIGHTS, "y": np.arange(3)}, {"s": "1", "t": "2"})
    arrays = {"y": np.arange(6)[::2] // 2, "x": np.asfortranarray(WEIGHTS).astype(">f8")}
    other = Artefact("k", {"b": [2], "a": 1}, arrays, {"t": "2", "s": "1"})
    assert one.to_bytes() == other.to_bytes()
    assert one.checksum != replace(one, kind="l").checksum


def test_the_file_tells_neither_its_day_nor_its_system() -> None:
    with ZipFile(BytesIO(SMALL.to_bytes())) as file:
        told = {(info.date_time, info.create_system, info.external_attr >> 16) for info in file.infolist()}
    assert told == {((1980, 1, 1, 0, 0, 0), 0, 0o600)}


def test_a_file_of_format_1_made_by_hand_is_read() -> None:
    index = INDEX % b'"arrays/x.npy", "texts/t.txt"'
    parts = {"artefact.json": index, "arrays/x.npy": saved(WEIGHTS), "texts/t.txt": "ấm\n".encode()}
    read = Artefact.from_bytes(zipped(parts))
    assert (read.kind, read.settings, read.texts) == ("boosted", {}, {"t": "ấm\n"})
    np.testing.assert_array_equal(read.arrays["x"], WEIGHTS)


def test_an_array_that_was_read_cannot_be_written_to() -> None:
    read = Artefact.from_bytes(SMALL.to_bytes())
    with pytest.raises(ValueError, match="read-only"):
        read.arrays["weights"][0, 0] = 1.0


# --- what is refused when it is made ---


@pytest.mark.parametrize("name", ["", "a/b", "..", ".a", "a" * 41, "ấm", "a\n"])
def test_a_name_that_is_no_plain_name_is_refused(name: str) -> None:
    for kind, arrays, texts in ((name, {}, {}), ("k", {name: WEIGHTS}, {}), ("k", {}, {name: ""})):
        with pytest.raises(BadValue, match=f"^name in an artefact must be .*got {re.escape(repr(name))}"):
            Artefact(kind, {}, arrays, texts)


@pytest.mark.parametrize("array", [np.array([{}]), np.zeros(2, [("a", "f8"), ("b", object)]), np.array([1j])])
def test_an_array_of_anything_but_numbers_dates_and_texts_is_refused(array: np.ndarray[Any, Any]) -> None:
    with pytest.raises(BadValue, match=r"^array x of an artefact must be of truth values, numbers, dates"):
        Artefact("k", arrays={"x": array})


@pytest.mark.parametrize(
    "artefact",
    [
        Artefact("k", {"a": float("nan")}),
        Artefact("k", {"a": NO_JSON}),
        Artefact("k", texts={"t": "\ud800"}),
    ],
)
def test_what_json_or_utf8_cannot_say_is_refused(artefact: Artefact) -> None:
    with pytest.raises(BadValue, match=r"^artefact must be plain JSON values and texts that UTF-8 can say"):
        artefact.to_bytes()


def test_an_artefact_over_the_limit_is_neither_written_nor_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = SMALL.to_bytes()
    monkeypatch.setattr(module, "MAX_BYTES", len(data))
    assert Artefact.from_bytes(SMALL.to_bytes()).kind == "boosted"
    monkeypatch.setattr(module, "MAX_BYTES", len(data) - 1)
    for use in (SMALL.to_bytes, lambda: Artefact.from_bytes(data)):
        with pytest.raises(BadValue, match=f"^artefact must be at most .* bytes, got '{len(data):,}'"):
            use()


# --- what is refused when it is read ---


def test_every_changed_byte_is_refused_or_changes_nothing() -> None:
    data = SMALL.to_bytes()
    refused = 0
    for at, byte in enumerate(data):
        for other in {0, 255, *(byte ^ 1 << bit for bit in range(8))} - {byte}:
            changed = data[:at] + bytes([other]) + data[at + 1 :]
            try:
                assert Artefact.from_bytes(changed).to_bytes() == data
            except KetnoiError as error:
                refused += 1
                assert "\n" not in str(error)
            with pytest.raises(BadValue, match=f"^artefact must be the one with SHA-256 {SMALL.checksum}"):
                Artefact.from_bytes(changed, SMALL.checksum)
    assert refused > len(data)


def test_a_file_that_breaks_off_is_refused() -> None:
    data = SMALL.to_bytes()
    for length in range(len(data)):
        with pytest.raises(KetnoiError):
            Artefact.from_bytes(data[:length])


@pytest.mark.filterwarnings("ignore:Data type alias", "ignore:Reading `.npy`")
def test_an_array_with_any_changed_byte_is_refused_or_read_where_the_zip_vouches_for_it() -> None:
    index = INDEX % b'"arrays/x.npy"'
    part = saved(WEIGHTS)
    read = 0
    for at, byte in enumerate(part):
        for other in {0, 255, *b"(),{}'9OV\n", *(byte ^ 1 << bit for bit in range(8))} - {byte}:
            changed = part[:at] + bytes([other]) + part[at + 1 :]
            try:
                Artefact.from_bytes(zipped({"artefact.json": index, "arrays/x.npy": changed}))
                read += 1
            except KetnoiError:
                pass
    assert read >= WEIGHTS.nbytes, "its numbers may be any"


HUGE = saved(WEIGHTS).replace(b"(2, 3), }       ", b"(99999999, 3), }")
BROKEN = [
    (b"", "a zip whose entries are whole"),
    (b"nonsense", "a zip whose entries are whole"),
    (zipped({}), "a zip with artefact.json"),
    (zipped({"artefact.json": b"{"}), "a zip with artefact.json, plain JSON"),
    (zipped({"artefact.json": b"[" * 100_000}), "a zip with artefact.json, plain JSON"),
    (zipped({"artefact.json": b"[1]"}), "a zip with artefact.json, plain JSON"),
    (
        zipped({"artefact.json": b'{"format": 2, "new": 1}'}),
        "of format 1, the one this version reads, got '2'",
    ),
    (zipped({"artefact.json": b'{"kind": "k"}'}), "of format 1, the one this version reads, got 'None'"),
    (zipped({"artefact.json": b'{"format": 1, "kind": "k"}'}), "artefact.json must be told by format, kind"),
    (
        zipped({"artefact.json": INDEX % b'"arrays/x.npy"'}),
        "complete and nothing else (arrays/x.npy), got ''",
    ),
    (
        zipped({"artefact.json": INDEX % b"", "texts/t.txt": b""}),
        "complete and nothing else (no parts), got 'texts/t.txt'",
    ),
    (zipped({"artefact.json": INDEX % b'"run.py"', "run.py": b""}), "arrays/NAME.npy and texts/NAME.txt"),
    (
        zipped({"artefact.json": INDEX % b'"arrays/../x.npy"', "arrays/../x.npy": saved(WEIGHTS)}),
        "name in an artefact must be 1 to 40 letters",
    ),
    (zipped({"artefact.json": INDEX % b'"texts/t.txt"', "texts/t.txt": b"\xff"}), "text t of an artefact"),
    (
        zipped(
            {"artefact.json": INDEX % b'"arrays/x.npy"', "arrays/x.npy": saved(np.array([{}]), pickle=True)}
        ),
        "array x of an artefact must be of truth values, numbers, dates or texts, got 'object'",
    ),
    (
        zipped({"artefact.json": INDEX % b'"arrays/x.npy"', "arrays/x.npy": HUGE}),
        "array x of an artefact must be in numpy's format, got '48 bytes for the shape (99999999, 3)'",
    ),
    (zipped(entries_of(SMALL.to_bytes()), ZIP_DEFLATED), "got 'an entry is compressed'"),
]


@pytest.mark.parametrize(("data", "told"), BROKEN)
def test_what_is_no_artefact_is_refused_with_what_is_wrong(data: bytes, told: str) -> None:
    with pytest.raises(BadValue, match=re.escape(told)):
        Artefact.from_bytes(data)


def test_two_entries_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        stream = BytesIO()
        with ZipFile(stream, "w") as file:
            file.writestr("artefact.json", INDEX % b"")
            file.writestr("artefact.json", INDEX % b"")
    with pytest.raises(BadValue, match="two entries of one name"):
        Artefact.from_bytes(stream.getvalue())
