"""The vector cache: every text is embedded once under a model and a prompt."""

from collections.abc import Sequence
from hashlib import sha256
from operator import itemgetter
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
        self._memory: dict[str, FloatMatrix] = {}
        self._keeps = True

    def for_questions(self) -> "CachedVectors":
        """Give a store over the same cache that writes nothing: a question leaves no trace of its text."""
        store = CachedVectors(self._engine, self._encoder)
        store._memory, store._keeps = self._memory, False
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
        unseen = [key for key in wanted if key not in self._memory]
        if unseen:
            self._load(unseen)
        missing = {key: text for key, text in wanted.items() if key not in self._memory}
        if missing:
            self._embed(missing, prompt, progress)
        rows = np.zeros((len(texts), self.width), np.float32)
        for row, key in enumerate(keys):
            if key:
                rows[row] = self._memory[key]
        return rows

    def _key(self, text: str, prompt: Prompt) -> str:
        return sha256("\0".join((self._encoder.name, prompt, text)).encode()).hexdigest()

    def _load(self, keys: Sequence[str]) -> None:
        with self._engine.connect() as connection:
            for start in range(0, len(keys), CHUNK):
                chunk = keys[start : start + CHUNK]
                query = select(embedding.c.key, embedding.c.vector).where(embedding.c.key.in_(chunk))
                for key, vector in connection.execute(query):
                    self._memory[key] = np.frombuffer(vector, "<f4")

    def _embed(self, missing: dict[str, str], prompt: Prompt, progress: Progress | None) -> None:
        keys, total = list(missing), len(missing)
        for start in range(0, total, SAVE_EVERY):
            chunk = keys[start : start + SAVE_EVERY]
            done = self._encoder.encode([missing[key] for key in chunk], prompt)
            rows = [
                {"key": key, "model": self._encoder.name, "vector": vector.astype("<f4").tobytes()}
                for key, vector in zip(chunk, done, strict=True)
            ]
            self._save(rows)
            self._memory.update(zip(chunk, done, strict=True))
            if progress is not None:
                progress(min(start + SAVE_EVERY, total), total)

    def _save(self, rows: list[dict[str, Any]]) -> None:
        """Write vectors, except those another process wrote since they were looked for."""
        if not self._keeps:
            return
        rows.sort(key=itemgetter("key"))  # in one order, so that two writers never wait for each other
        with self._engine.begin() as connection:
            connection.execute(insert_new(connection, embedding), rows)
