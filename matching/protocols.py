"""What the core needs from outside, declared here and implemented in `models` and `data`."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from matching.vocabulary import Prompt

FloatMatrix = npt.NDArray[np.float32]
"""Rows of unit length, shape (n, width), float32."""

Progress = Callable[[int, int], None]
"""Called with (done, total) while a long step runs."""


class Encoder(Protocol):
    """Turns texts into unit vectors; an implementation loads its weights only when first asked to encode."""

    @property
    def name(self) -> str:
        """Identity of the model and its weights: the cache key of every vector it makes."""

    @property
    def width(self) -> int:
        """Dimensions of a vector."""

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        """Embed `texts` (normalised by `matching.text.normalise`), shape (len(texts), width), unit rows."""


class VectorStore(Protocol):
    """Vectors by text, cached: only a text never seen under this model and prompt reaches the encoder."""

    @property
    def width(self) -> int:
        """Dimensions of a vector."""

    def vectors(self, texts: Sequence[str], prompt: Prompt) -> FloatMatrix:
        """Return one unit row a text, shape (len(texts), width); an empty text has a row of zeros."""
