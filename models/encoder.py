"""Embed texts with sentence-transformers; torch is imported when the first text arrives, not before."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from logging import ERROR
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from matching.errors import BadValue, NotReady, shortened
from matching.protocols import Encoder, FloatMatrix, Progress
from matching.vocabulary import Prompt
from models import bundled

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "bundled"
"""The value of the setting EMBEDDING_MODEL that means the weights of `models.bundled`."""
NONE = "none"
"""The value that means no texts at all."""
MISSING = "sentence-transformers is not installed: run `pip install 'ketnoi[bundled]'`"
BATCH = 16
_CHARACTERS_PER_TOKEN = 16
_TOKENS_UNLESS_TOLD = 512


def make_encoder(model: str, cache_dir: Path, threads: int = 1) -> Encoder:
    """Choose the encoder that the setting EMBEDDING_MODEL names; loads nothing yet.

    Parameters
    ----------
    model : str
        `bundled`, `none`, or any sentence-transformers name or folder.
    cache_dir : Path
        Where the bundled model is written when it is first used.
    threads : int
        Threads of torch, at least 1. Workers that share cores want one each.

    Raises
    ------
    BadValue
        When `threads` is below 1 or `model` is empty.
    """
    if threads < 1:
        raise BadValue("at least 1", threads, "threads")
    if not model.strip():
        raise BadValue(
            "'bundled', 'none', or a sentence-transformers name or folder", model, "KETNOI_EMBEDDING_MODEL"
        )
    if model == NONE:
        return BlankEncoder()
    if model == BUNDLED:
        place = partial(bundled.ensure, cache_dir)
        return SentenceTransformerEncoder(bundled.NAME, place, threads, bundled.WIDTH)
    return SentenceTransformerEncoder(identity(model), lambda: model, threads)


def known_width(model: str) -> int | None:
    """Return the dimensions of a model's vectors, None where only the model itself can tell."""
    return {NONE: BlankEncoder.width, BUNDLED: bundled.WIDTH}.get(model)


def identity(model: str) -> str:
    """Name a model so that the name changes when the files of a local folder do.

    A folder's files count by name, size and time of change: reading half a gigabyte at every start would
    cost more than embedding again after a copy.
    """
    folder = Path(model)
    if not folder.is_dir():
        return model
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        status = path.stat()
        digest.update(f"{path.relative_to(folder)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return f"{model}#{digest.hexdigest()[:12]}"


class BlankEncoder:
    """Reads nothing: every text is as good as missing, so matching rests on fields and deals alone."""

    name = NONE
    width = 1

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        """Return a row of zeros for each text, shape (len(texts), 1)."""
        return np.zeros((len(texts), self.width), np.float32)


class SentenceTransformerEncoder:
    """The `Encoder` of the core, by a sentence-transformers model.

    Safe to share between threads: one batch is computed at a time, so a short question waits for one
    batch of a long job and not for all of it.

    Parameters
    ----------
    name : str
        Identity of model and weights.
    place : callable
        Returns the name or folder to load; called once, at the first text.
    threads : int
        Threads of torch while encoding.
    width : int, optional
        Dimensions of a vector; without it, asking for the width loads the model.
    """

    def __init__(
        self, name: str, place: Callable[[], str | Path], threads: int = 1, width: int | None = None
    ) -> None:
        self._name, self._place, self._threads, self._width = name, place, threads, width
        self._model: SentenceTransformer | None = None
        self._prefixes: dict[Prompt, str] = {}
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Identity of the model and its weights."""
        return self._name

    @property
    def width(self) -> int:
        """Dimensions of a vector."""
        if self._width is None:
            self._width = self._embed([""], Prompt.PASSAGE).shape[1]
        return self._width

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        """Embed texts in the role that `prompt` gives them.

        Parameters
        ----------
        texts : sequence of str
            Normalised by `matching.text.normalise`; what passes the model's length (512 tokens for the
            bundled one) is cut.
        prompt : Prompt
            The prefix that the model's own configuration holds for this role is put before each text.
        progress : callable, optional
            Called with (texts done, texts in all) after each batch.

        Returns
        -------
        numpy.ndarray
            Shape (len(texts), width), float32, rows of unit length in the order of `texts`.

        Raises
        ------
        NotReady
            When sentence-transformers or the model is missing.
        """
        vectors = np.zeros((len(texts), self.width), np.float32)
        done = 0
        for chosen in batches(texts):
            vectors[chosen] = self._embed([texts[i] for i in chosen], prompt)
            done += len(chosen)
            if progress:
                progress(done, len(texts))
        return vectors

    def _embed(self, texts: list[str], prompt: Prompt) -> FloatMatrix:
        with self._lock:
            if self._model is None:
                place = self._place()
                self._model = _load(place, self._threads)
                self._prefixes = _prefixes(self._model.prompts, str(place))
            return _vectors(self._model, texts, self._prefixes[prompt], self._threads)


def batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Put texts of like length together, by their places: a batch is padded to its longest text.

    >>> list(batches(["long", "a", "b"]))
    [[1, 2, 0]]
    """
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]


def _vectors(model: "SentenceTransformer", texts: list[str], prefix: str, threads: int) -> FloatMatrix:
    import torch

    torch.set_num_threads(threads)  # of the whole process: another encoder may have set it since
    # A tokeniser reads all of a text before it cuts: bound what it is given, well above what the model takes.
    limit = (model.max_seq_length or _TOKENS_UNLESS_TOLD) * _CHARACTERS_PER_TOKEN
    cut = [text[:limit] for text in texts]
    vectors = model.encode(
        cut, prompt=prefix, batch_size=len(cut), show_progress_bar=False, normalize_embeddings=True
    )
    return np.asarray(vectors, np.float32)


def _prefixes(configured: Mapping[str, str | None], place: str) -> dict[Prompt, str]:
    """Choose what stands before a text; e5 models whose configuration holds nothing want their own.

    >>> _prefixes({"query": "Q: ", "document": ""}, "some/model")[Prompt.QUERY]
    'Q: '
    >>> _prefixes({"query": "", "document": ""}, "intfloat/multilingual-e5-base")[Prompt.PASSAGE]
    'passage: '
    """
    known = {role: text for role, text in configured.items() if text}
    if not known and "e5" in Path(place).name.lower():
        known = dict(bundled.E5_PROMPTS)
    passage = known.get(Prompt.PASSAGE, known.get("document", ""))
    return {Prompt.QUERY: known.get(Prompt.QUERY, ""), Prompt.PASSAGE: passage}


def _load(place: str | Path, threads: int) -> "SentenceTransformer":
    # The tokeniser's own threads would compete with other workers, and warn after a fork.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false" if threads == 1 else "true")
    try:
        with _quiet():
            from sentence_transformers import SentenceTransformer

            return SentenceTransformer(str(place), device="cpu", local_files_only=Path(place).is_dir())
    except ImportError as error:
        raise NotReady(MISSING) from error
    except Exception as error:  # the libraries below raise what a foreign folder's damage happens to meet
        reason = str(error).strip().partition("\n")[0]
        raise NotReady(
            "KETNOI_EMBEDDING_MODEL must be 'bundled' or a sentence-transformers name or folder that loads, "
            f"got {shortened(str(place))}: {reason}"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' progress bars and notices off stderr, which is for our own messages."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    hide: Callable[[], None] = logging.disable_progress_bar
    show: Callable[[], None] = logging.enable_progress_bar
    logging.set_verbosity(ERROR)
    hide()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            show()
