from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

import numpy as np
import pytest
from sqlalchemy import Engine, event, select

from data.database import connect
from data.tables import embedding
from data.vectors import CHUNK, SAVE_EVERY, CachedVectors
from matching.protocols import FloatMatrix, Progress
from matching.vocabulary import Prompt

WIDTH = 8
PASSAGE, QUERY = Prompt.PASSAGE, Prompt.QUERY


def vector_of(text: str, prompt: Prompt, name: str = "fake") -> FloatMatrix:
    seed = int.from_bytes(sha256(f"{name}|{prompt}|{text}".encode()).digest()[:8])
    vector = np.random.default_rng(seed).normal(size=WIDTH)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


class CountingEncoder:
    """Makes a vector of each text's hash and counts what it is asked for."""

    def __init__(self, name: str = "fake", meanwhile: Callable[[], object] = lambda: None) -> None:
        self.name, self.width = name, WIDTH
        self.asked: Counter[str] = Counter()
        self.meanwhile = meanwhile

    def encode(self, texts: Sequence[str], prompt: Prompt, progress: Progress | None = None) -> FloatMatrix:
        self.asked.update(texts)
        self.meanwhile()
        return np.stack([vector_of(text, prompt, self.name) for text in texts])


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def other_engine(engine: Engine, url: str) -> Iterator[Engine]:
    """Another process's connection to the same database."""
    other = connect(url)
    yield other
    other.dispose()


def rows_in(engine: Engine) -> int:
    with engine.connect() as connection:
        return len(connection.execute(select(embedding.c.key)).all())


def test_rows_come_in_the_order_of_their_texts_with_repetitions(
    engine: Engine, encoder: CountingEncoder
) -> None:
    texts = ["b", "a", "b", "", "c", "a"]
    rows = CachedVectors(engine, encoder).vectors(texts, PASSAGE)
    expected = [vector_of(text, PASSAGE) if text else np.zeros(WIDTH) for text in texts]
    np.testing.assert_array_equal(rows, np.stack(expected))
    assert rows.dtype == np.float32


def test_each_text_is_encoded_once(engine: Engine, encoder: CountingEncoder) -> None:
    store = CachedVectors(engine, encoder)
    store.vectors(["a", "b", "a"], PASSAGE)
    store.vectors(["b", "c"], PASSAGE)
    assert encoder.asked == {"a": 1, "b": 1, "c": 1}
    assert rows_in(engine) == 3


def test_vectors_outlive_the_store_that_made_them(engine: Engine, encoder: CountingEncoder) -> None:
    made = CachedVectors(engine, encoder).vectors(["a", "b"], PASSAGE)
    later = CountingEncoder()
    np.testing.assert_array_equal(CachedVectors(engine, later).vectors(["a", "b"], PASSAGE), made)
    assert not later.asked


def test_more_texts_than_a_query_or_a_commit_holds_are_found_again(
    engine: Engine, encoder: CountingEncoder
) -> None:
    texts = [f"text {i}" for i in range(CHUNK + SAVE_EVERY + 1)]
    made = CachedVectors(engine, encoder).vectors(texts, PASSAGE)
    later = CountingEncoder()
    np.testing.assert_array_equal(CachedVectors(engine, later).vectors(texts, PASSAGE), made)
    assert not later.asked
    assert rows_in(engine) == len(texts)


def test_another_prompt_has_vectors_of_its_own(engine: Engine, encoder: CountingEncoder) -> None:
    store = CachedVectors(engine, encoder)
    store.vectors(["a"], PASSAGE)
    np.testing.assert_array_equal(store.vectors(["a"], QUERY), [vector_of("a", QUERY)])
    assert encoder.asked["a"] == 2


def test_another_model_has_vectors_of_its_own(engine: Engine, encoder: CountingEncoder) -> None:
    CachedVectors(engine, encoder).vectors(["a"], PASSAGE)
    other = CountingEncoder("other")
    rows = CachedVectors(engine, other).vectors(["a"], PASSAGE)
    np.testing.assert_array_equal(rows, [vector_of("a", PASSAGE, "other")])
    assert other.asked == {"a": 1}


def test_empty_texts_never_reach_the_encoder(engine: Engine, encoder: CountingEncoder) -> None:
    store = CachedVectors(engine, encoder)
    assert not store.vectors(["", ""], PASSAGE).any()
    assert store.vectors([], PASSAGE).shape == (0, WIDTH)
    assert not encoder.asked
    assert rows_in(engine) == 0


def test_the_width_is_the_encoders(engine: Engine, encoder: CountingEncoder) -> None:
    assert CachedVectors(engine, encoder).width == WIDTH


def test_progress_counts_the_texts_that_are_new(engine: Engine, encoder: CountingEncoder) -> None:
    store, told = CachedVectors(engine, encoder), list[tuple[int, int]]()
    texts = [f"text {i}" for i in range(SAVE_EVERY + 3)]

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    store.vectors(texts[:2], PASSAGE, progress)
    store.vectors([*texts, "text 5", ""], PASSAGE, progress)
    store.vectors(texts, PASSAGE, progress)
    assert told == [(2, 2), (SAVE_EVERY, SAVE_EVERY + 1), (SAVE_EVERY + 1, SAVE_EVERY + 1)]


def test_what_a_stopped_run_had_saved_is_not_encoded_again(engine: Engine, encoder: CountingEncoder) -> None:
    texts = [f"text {i}" for i in range(2 * SAVE_EVERY)]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CachedVectors(engine, encoder).vectors(texts, PASSAGE, stop)
    CachedVectors(engine, encoder).vectors(texts, PASSAGE)
    assert set(encoder.asked.values()) == {1}


def test_a_text_another_process_writes_while_it_is_encoded_does_not_clash(
    engine: Engine, other_engine: Engine
) -> None:
    other = CachedVectors(other_engine, CountingEncoder())
    encoder = CountingEncoder(meanwhile=lambda: other.vectors(["b", "a"], PASSAGE))
    rows = CachedVectors(engine, encoder).vectors(["a", "b", "c"], PASSAGE)
    np.testing.assert_array_equal(rows[:2], [vector_of("a", PASSAGE), vector_of("b", PASSAGE)])
    assert rows_in(engine) == 3


def test_a_text_another_process_writes_at_the_last_moment_does_not_clash(
    engine: Engine, other_engine: Engine, encoder: CountingEncoder
) -> None:
    other = CachedVectors(other_engine, CountingEncoder())

    @event.listens_for(engine, "before_cursor_execute")
    def meanwhile(*args: object) -> None:
        if str(args[2]).startswith("INSERT INTO embedding"):
            other.vectors(["a"], PASSAGE)

    rows = CachedVectors(engine, encoder).vectors(["a", "b"], PASSAGE)
    np.testing.assert_array_equal(rows, [vector_of("a", PASSAGE), vector_of("b", PASSAGE)])
    assert rows_in(engine) == 2


def test_the_table_holds_no_readable_text(engine: Engine, encoder: CountingEncoder) -> None:
    secret = "Cổng thanh toán cho tiểu thương"
    CachedVectors(engine, encoder).vectors([secret], PASSAGE)
    with engine.connect() as connection:
        (row,) = connection.execute(select(embedding)).all()
    assert (row.model, len(row.vector), len(row.key)) == ("fake", 4 * WIDTH, 64)
    assert secret not in repr(tuple(row))
    assert secret.encode() not in row.vector


def test_a_question_is_answered_from_the_cache_and_leaves_nothing_in_it(
    engine: Engine, encoder: CountingEncoder
) -> None:
    records = CachedVectors(engine, encoder)
    records.vectors(["stored"], QUERY)
    asked = records.for_questions().vectors(["stored", "only asked"], QUERY)
    assert encoder.asked == {"stored": 1, "only asked": 1}
    np.testing.assert_array_equal(asked[1], vector_of("only asked", QUERY))
    assert rows_in(engine) == 1


def test_the_last_questions_are_remembered_and_those_before_forgotten(
    engine: Engine, encoder: CountingEncoder
) -> None:
    records = CachedVectors(engine, encoder)
    records.vectors(["stored"], QUERY)
    questions = records.for_questions(most=2)
    for text in ("a", "b", "a", "c", "a"):  # c takes the place of b
        np.testing.assert_array_equal(questions.vectors([text, "stored"], QUERY)[0], vector_of(text, QUERY))
    assert encoder.asked == {"stored": 1, "a": 1, "b": 1, "c": 1}
    questions.vectors(["b"], QUERY)
    assert encoder.asked["b"] == 2
    records.vectors(["c"], QUERY)  # what a question left behind is not the records'
    assert encoder.asked["c"] == 2 and rows_in(engine) == 2


def test_a_question_longer_than_the_memory_is_answered_whole(
    engine: Engine, encoder: CountingEncoder
) -> None:
    questions = CachedVectors(engine, encoder).for_questions(most=2)
    texts = [f"text {n}" for n in range(5)]
    rows = questions.vectors(texts, QUERY)
    np.testing.assert_array_equal(rows, np.stack([vector_of(text, QUERY) for text in texts]))


def test_what_is_missing_can_be_embedded_elsewhere_and_remembered(
    engine: Engine, encoder: CountingEncoder
) -> None:
    records = CachedVectors(engine, encoder)
    records.vectors(["stored"], QUERY)
    questions = records.for_questions(most=9)
    missing = questions.missing(["stored", "", "new"], QUERY)
    assert list(missing.values()) == ["new"]
    questions.remember(missing, np.stack([vector_of("new", QUERY)]))
    np.testing.assert_array_equal(questions.vectors(["new"], QUERY), [vector_of("new", QUERY)])
    assert encoder.asked == {"stored": 1} and questions.missing(["new"], QUERY) == {}
