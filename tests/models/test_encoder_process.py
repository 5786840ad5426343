import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest

from matching.errors import NotReady
from matching.protocols import FloatMatrix, Progress
from matching.vocabulary import Prompt
from models import bundled, encoder_process
from models.encoder import make_encoder
from models.encoder_process import EncoderProcess
from tests.api.installation import ROOT

PASSAGE = Prompt.PASSAGE


class Told:
    """Does what a text says."""

    name, width = "told", 2

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        if "raise" in texts:
            raise ValueError("a text")
        if "refuse" in texts:
            raise NotReady("there is no model")
        if "hang" in texts:
            signal.pause()
        return np.array([[len(text), os.getpid()] for text in texts], np.float32)


@pytest.fixture
def aside() -> Iterator[EncoderProcess]:
    made = EncoderProcess(Told, "told", None)
    yield made
    made.close()


def test_texts_are_embedded_elsewhere_and_errors_come_back(aside: EncoderProcess) -> None:
    assert aside.width == 2
    first = aside.encode(["a", "abc"], PASSAGE)
    assert first[:, 0].tolist() == [1, 3]
    pid = int(first[0, 1])
    assert psutil.Process(pid).ppid() == os.getpid()
    with pytest.raises(NotReady, match="there is no model"):
        aside.encode(["refuse"], PASSAGE)
    with pytest.raises(NotReady, match="ValueError while a text was embedded") as told:
        aside.encode(["raise"], PASSAGE)
    assert "a text:" not in str(told.value)
    np.testing.assert_array_equal(aside.encode(["a"], PASSAGE)[0], first[0])
    aside.close()
    assert not psutil.pid_exists(pid)


def test_what_is_embedded_when_it_is_closed_is_given_up(aside: EncoderProcess) -> None:
    aside.encode(["a"], PASSAGE)
    with ThreadPoolExecutor(1) as thread:
        hanging = thread.submit(aside.encode, ["hang"], PASSAGE)
        while not aside._lock.locked():
            pass
        aside.close()
        with pytest.raises(NotReady, match="has ended"):
            hanging.result()


def test_a_process_that_ends_or_hangs_is_followed_by_another(
    aside: EncoderProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pid,) = aside.encode(["a"], PASSAGE)[:, 1].astype(int)
    os.kill(pid, signal.SIGTERM)  # as the whole group is told to stop: requests in flight are answered first
    assert aside.encode(["a"], PASSAGE)[0, 1] == pid
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(NotReady, match="has ended; the next text begins another"):
        aside.encode(["a"], PASSAGE)
    assert aside.encode(["a"], PASSAGE)[0, 1] != pid
    monkeypatch.setattr(encoder_process, "LONGEST_SECONDS", 0.05)
    with pytest.raises(NotReady, match="has ended"):
        aside.encode(["hang"], PASSAGE)


PARENT = """
import sys
from models.encoder_process import EncoderProcess
from tests.models.test_encoder_process import Told
aside = EncoderProcess(Told, "told", 2)
print(int(aside.encode(["a"], "passage")[0, 1]), flush=True)
sys.stdin.read()
"""


@pytest.mark.acceptance
@pytest.mark.parametrize("killed", [True, False])
def test_it_ends_with_its_parent_however_that_ends(killed: bool) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdin and parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    if killed:
        parent.kill()
    parent.stdin.close()
    assert parent.wait(30) == (-signal.SIGKILL if killed else 0)
    parent.stdout.close()
    assert psutil.wait_procs([child], timeout=30)[1] == []


@pytest.mark.acceptance
@pytest.mark.bundled
def test_vectors_are_the_same_bits_as_here(tmp_path: Path) -> None:
    make = partial(make_encoder, "bundled", Path.home() / ".cache" / "ketnoi")
    here, there = make(), EncoderProcess(make, bundled.NAME, bundled.WIDTH)
    for texts in (["Bảo hiểm cho nông dân"], ["Boats", "Sàn kết nối nông dân với siêu thị"]):
        for prompt in Prompt:
            np.testing.assert_array_equal(there.encode(texts, prompt), here.encode(texts, prompt))
    there.close()
