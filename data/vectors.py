"""The vector cache: every text is embedded once under a model and a prompt."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import Engine, select

from data.dialects import insert_new
from data.tables import embedding
from matching.protocols import Encoder, FloatMatrix, Progress
from matching.vocabulary import Prompt

CHUNK = 500
"""Keys asked for in one query: SQLite takes at most 32,766 parameters, and short queries read better."""

SAVE_EVERY = 256
"""Texts embedded between two commits: what a stopped import loses."""


class CachedVectors:
    """Implements `matching.protocols.VectorStore` over the table `embedding`.

    The key is a hash of model, prompt and text, so a text is found by its content and the table
    holds no readable profile.
    """

    def __init__(self, engine: Engine, encoder: Encoder) -> None:
        self._engine, self._encoder = engine, encoder
        self._memory = Memory()
        self._keeps = True

    def for_questions(self, encoder: Encoder | None = None, most: int | None = None) -> "CachedVectors":
        """Give a store over the same cache that writes nothing: a question leaves no trace of its text.

        Parameters
        ----------
        encoder : embeds the texts of questions, by default the encoder of the records.
        most : vectors of questions to remember, the last ones asked for; all, and together with those of
            the records, where it is None.
        """
        store = CachedVectors(self._engine, encoder or self._encoder)
        store._memory = self._memory if most is None else Memory(most, self._memory)
        store._keeps = False
        return store

    @property
    def width(self) -> int:
        """Dimensions of a vector."""
        return self._encoder.width

    def vectors(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        """Return one unit row a text, shape (len(texts), width); an empty text has a row of zeros."""
        keys = [self._key(text, prompt) if text else "" for text in texts]
        wanted = dict(zip(keys, texts, strict=True))
        wanted.pop("", None)
        found = self._found(wanted)
        missing = {key: text for key, text in wanted.items() if key not in found}
        if missing:
            found |= self._embed(missing, prompt, progress)
        rows = np.zeros((len(texts), self.width), np.float32)
        for row, key in enumerate(keys):
            if key:
                rows[row] = found[key]
        return rows

    def missing(self, texts: Iterable[str], prompt: Prompt) -> dict[str, str]:
        """Return the texts that are not embedded yet, by their keys."""
        wanted = {self._key(text, prompt): text for text in texts if text}
        found = self._found(wanted)
        return {key: text for key, text in wanted.items() if key not in found}

    def remember(self, keys: Iterable[str], vectors: FloatMatrix) -> None:
        """Remember the vectors of texts that were `missing`."""
        self._memory.add(dict(zip(keys, vectors, strict=True)))

    def _key(self, text: str, prompt: Prompt) -> str:
        return sha256("\0".join((self._encoder.name, prompt, text)).encode()).hexdigest()

    def _found(self, wanted: Iterable[str]) -> dict[str, FloatMatrix]:
        """Return the vectors that are remembered or stored, by key."""
        found = self._memory.get(wanted)
        if unseen := [key for key in wanted if key not in found]:
            loaded = self._load(unseen)
            self._memory.add(loaded)
            found |= loaded
        return found

    def _load(self, keys: Sequence[str]) -> dict[str, FloatMatrix]:
        loaded: dict[str, FloatMatrix] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(keys), CHUNK):
                chunk = keys[start : start + CHUNK]
                query = select(embedding.c.key, embedding.c.vector).where(embedding.c.key.in_(chunk))
                for key, vector in connection.execute(query):
                    loaded[key] = np.frombuffer(vector, "<f4")
        return loaded

    def _embed(
        self, missing: Mapping[str, str], prompt: Prompt, progress: Progress | None
    ) -> dict[str, FloatMatrix]:
        keys, total = list(missing), len(missing)
        made: dict[str, FloatMatrix] = {}
        for start in range(0, total, SAVE_EVERY):
            chunk = keys[start : start + SAVE_EVERY]
            done = self._encoder.encode([missing[key] for key in chunk], prompt)
            rows = [
                {"key": key, "model": self._encoder.name, "vector": vector.astype("<f4").tobytes()}
                for key, vector in zip(chunk, done, strict=True)
            ]
            self._save(rows)
            self.remember(chunk, done)
            made |= zip(chunk, done, strict=True)
            if progress is not None:
                progress(min(start + SAVE_EVERY, total), total)
        return made

    def _save(self, rows: list[dict[str, Any]]) -> None:
        """Write vectors, except those another process wrote since they were looked for."""
        if not self._keeps:
            return
        rows.sort(key=itemgetter("key"))  # in one order, so that two writers never wait for each other
        with self._engine.begin() as connection:
            connection.execute(insert_new(connection, embedding), rows)


class Memory:
    """Vectors by key: all of them, or the `most` that were asked for last, on top of those of `below`."""

    def __init__(self, most: int | None = None, below: "Memory | None" = None) -> None:
        self._most, self._below = most, below
        self._kept: OrderedDict[str, FloatMatrix] = OrderedDict()
        self._lock = Lock()

    def get(self, keys: Iterable[str]) -> dict[str, FloatMatrix]:
        """Return those that are there."""
        keys = list(keys)
        found = self._below.get(keys) if self._below else {}
        with self._lock:
            for key in keys:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found[key] = self._kept[key]
        return found

    def add(self, vectors: Mapping[str, FloatMatrix]) -> None:
        """Keep vectors, and forget those that were asked for longest ago."""
        with self._lock:
            self._kept.update(vectors)
            while self._most is not None and len(self._kept) > self._most:
                self._kept.popitem(last=False)
