"""New texts are embedded one after another, off the threads that answer; few may wait."""

from asyncio import wait_for, wrap_future
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from threading import Lock

import numpy as np

from matching.errors import Busy
from matching.protocols import Encoder, FloatMatrix, Progress
from matching.vocabulary import Prompt
from models.encoder import batches
from models.encoder_process import EncoderProcess

MOST_WAITING = 8
"""Questions that may wait: about a second's work."""
TOO_LONG = "the text could not be embedded in time"
ANSWER_SECONDS = 10.0
"""How long a question waits for its vectors: longer than the model takes to load on a quiet machine."""
THREAD_SECONDS = 2.0
"""How long a thread waits for those of a stored startup that was written a moment ago."""


class Embedding:
    """Implements `Encoder` for the records, a batch at a time, between which questions have their turn.

    Parameters
    ----------
    tell : called with how many questions are embedded or wait, whenever that changes.
    """

    def __init__(self, encoder: Encoder, tell: Callable[[int], object], most: int = MOST_WAITING) -> None:
        self._encoder, self._tell, self._most = encoder, tell, most
        self._thread = ThreadPoolExecutor(1, "embedding")
        self._lock, self._waiting = Lock(), 0

    @property
    def name(self) -> str:
        """Identity of the model and its weights."""
        return self._encoder.name

    @property
    def width(self) -> int:
        """Dimensions of a vector."""
        return self._encoder.width

    def submit(self, texts: Sequence[str], prompt: Prompt) -> Future[FloatMatrix]:
        """Let the texts of one question be embedded.

        Raises
        ------
        Busy
            At once, if as many questions as may are waiting.
        """
        with self._lock:
            if self._waiting >= self._most:
                raise Busy("as many new texts as can wait are waiting")
            self._count(1)
        future = self._thread.submit(self._encoder.encode, texts, prompt)
        future.add_done_callback(self._done)
        return future

    async def embedded(self, texts: Sequence[str], prompt: Prompt) -> FloatMatrix:
        """Embed the texts of one question, while no thread waits for them.

        Raises
        ------
        Busy
            As `submit` does, or if it took too long.
        """
        try:
            return await wait_for(wrap_future(self.submit(texts, prompt)), ANSWER_SECONDS)
        except TimeoutError:
            raise Busy(TOO_LONG) from None

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        """Embed the texts of records, in the batches in which a command embeds them: bit for bit the same."""
        vectors = np.zeros((len(texts), self.width), np.float32)
        for chosen in batches(texts):
            work = self._thread.submit(self._encoder.encode, [texts[i] for i in chosen], prompt)
            vectors[chosen] = work.result()
        return vectors

    def close(self) -> None:
        """Give up what waits, and what is being embedded elsewhere."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        if isinstance(self._encoder, EncoderProcess):
            self._encoder.close()

    def _done(self, _: Future[FloatMatrix]) -> None:
        with self._lock:
            self._count(-1)

    def _count(self, more: int) -> None:
        self._waiting += more
        self._tell(self._waiting)


class Questions:
    """Implements `Encoder` for a thread that asks, and waits for no longer than a question may."""

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding
        self.name, self.width = embedding.name, embedding.width

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        """Embed texts; see `Embedding.submit` for what is refused."""
        future = self._embedding.submit(texts, prompt)
        try:
            return future.result(THREAD_SECONDS)
        except (TimeoutError, CancelledError):
            future.cancel()
            raise Busy(TOO_LONG) from None
