"""An encoder in a process of its own: neither to load a model nor to run it holds up the threads beside."""

import atexit
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Lock

from matching.errors import NotReady
from matching.protocols import Encoder, FloatMatrix, Progress
from matching.vocabulary import Prompt

LONGEST_SECONDS = 300
"""What loading a model and embedding a batch may take together."""
ENDED = "the process that embeds texts has ended; the next text begins another"


class EncoderProcess:
    """Implements `Encoder`; the process begins with the first text, and ends with its parent.

    Parameters
    ----------
    make : makes the encoder in the process; a function or a partial one, as it is sent there.
    name : identity of the model and its weights.
    width : dimensions of a vector; without it, asking for the width begins the process.
    """

    def __init__(self, make: Callable[[], Encoder], name: str, width: int | None) -> None:
        self._make, self.name, self._width = make, name, width
        self._lock = Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    @cached_property
    def width(self) -> int:
        """Dimensions of a vector."""
        return self._width or int(self.encode([""], Prompt.PASSAGE).shape[1])

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        """Embed texts, one call at a time; see `SentenceTransformerEncoder.encode`.

        Raises
        ------
        NotReady
            If the model cannot be loaded, or the process ended.
        """
        with self._lock:
            try:
                pipe = self._pipe or self._begin()
                pipe.send((list(texts), prompt))
                if not pipe.poll(LONGEST_SECONDS):
                    raise EOFError
                answer: FloatMatrix | NotReady = pipe.recv()
            except (EOFError, OSError):
                self._end()
                raise NotReady(ENDED) from None
        if isinstance(answer, NotReady):
            raise answer
        return answer

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process:
            self._process.kill()
        with self._lock:
            self._end()

    def _begin(self) -> Connection:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._make), daemon=True)
        self._process.start()
        theirs.close()
        atexit.register(self._end)  # before the standard library waits for a process that ignores its signal
        return self._pipe

    def _end(self) -> None:
        if self._pipe and self._process:
            self._pipe.close()
            self._process.kill()
            self._process.join()
        self._pipe = self._process = None


def _serve(pipe: Connection, make: Callable[[], Encoder]) -> None:
    """Embed what is sent until the parent has gone; signals to the whole group are for the parent."""
    for sent_to_all in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sent_to_all, signal.SIG_IGN)
    encoder = make()
    with suppress(EOFError, OSError):
        while True:
            texts, prompt = pipe.recv()
            pipe.send(_answer(encoder, texts, prompt))


def _answer(encoder: Encoder, texts: Sequence[str], prompt: Prompt) -> FloatMatrix | NotReady:
    """Return vectors, or why there are none; never the message of any error, which may quote a text."""
    try:
        return encoder.encode(texts, prompt)
    except NotReady as error:
        return error
    except Exception as error:
        return NotReady(f"{type(error).__name__} while a text was embedded")
