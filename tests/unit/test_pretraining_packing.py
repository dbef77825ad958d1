"""Documents cut into inputs of one and two segments."""

import itertools
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.pretraining.data.encoded import EncodedText, encode_documents, join_texts
from bertlab.pretraining.data.packing import (
    IS_NEXT,
    IS_RANDOM,
    NO_PAIR,
    PAIR_MARKS,
    SINGLE_MARKS,
    _fill,
    _trim,
    pack,
)


def text_of(*documents: list[int]) -> EncodedText:
    """Documents given by their sentences' lengths: `text_of([3, 2], [4])`; ids count from 0."""
    lengths = [length for document in documents for length in document]
    return EncodedText(
        ids=np.arange(sum(lengths), dtype=np.uint16),
        sentences=np.cumsum([0, *lengths]),
        documents=np.cumsum([0, *[len(document) for document in documents]]),
    )


def packed(text: EncodedText, *, max_length: int, pair_share: float, seed: int = 0) -> list:
    documents = np.arange(len(text))
    rng = random.Random(seed)
    rows = pack(text, documents, max_length=max_length, pair_share=pair_share, rng=rng)
    assert rows.dtype == np.int64
    assert rows.shape[1] == 5
    return [tuple(row) for row in rows.tolist()]


def document_of(text: EncodedText, place: int) -> int:
    sentence = int(np.searchsorted(text.sentences, place, side="right")) - 1
    return int(np.searchsorted(text.documents, sentence, side="right")) - 1


# Sixty documents of six sentences with seven tokens each: 42 tokens a document.
EVEN = text_of(*[[7] * 6] * 60)


def test_sentences_become_token_ids(tiny_bert):
    text = encode_documents([["the cat", "a dog."], ["\u200b", "film"]], tiny_bert.tokenizer)
    pieces = tiny_bert.tokenizer.convert_ids_to_tokens(text.ids.tolist())
    assert pieces == ["the", "cat", "a", "dog", ".", "film"]
    assert text.sentences.tolist() == [0, 2, 5, 5, 6]  # the third has no token and keeps its place
    assert text.documents.tolist() == [0, 2, 4]
    assert len(text) == 2
    assert text.ids.dtype == np.uint16


def test_texts_are_joined_behind_one_another():
    joined = join_texts([text_of([3, 2], [4]), text_of([1])])
    assert len(joined) == 3
    assert len(joined.ids) == 10
    assert joined.sentences.tolist() == [0, 3, 5, 9, 10]
    assert joined.documents.tolist() == [0, 2, 3, 4]


def test_by_hand_sentences_fill_an_input_as_long_as_they_fit():
    """Room for 8 of 10 tokens: 3 + 4 fit, 5 more do not; the next input is 5 + 2."""
    offsets = text_of([3, 4, 5, 2]).sentences.tolist()
    assert _fill(offsets, 0, 4, 8) == 2
    assert _fill(offsets, 2, 4, 8) == 4
    assert _fill(offsets, 2, 4, 3) == 3  # one sentence is taken even where it is too long
    rows = packed(text_of([3, 4, 5, 2]), max_length=10, pair_share=0.0)
    # SHORTEST is 8, so even an input that aims lower has this room
    assert rows == [(0, 7, 0, 0, NO_PAIR), (7, 14, 0, 0, NO_PAIR)]


def test_by_hand_a_sentence_too_long_is_cut_into_pieces():
    rows = packed(text_of([20], [3]), max_length=10, pair_share=1.0)
    ends = [(begin, end) for begin, end, *_ in rows]
    assert ends == [(0, 8), (8, 16), (16, 20), (20, 23)]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((40, 10, 30), (20, 10)),
        ((10, 40, 30), (10, 20)),
        ((40, 40, 30), (15, 15)),
        ((40, 40, 31), (15, 16)),
        ((10, 20, 30), (10, 20)),
    ],
)
def test_trimming_takes_from_the_longer_one(lengths, expected):
    assert _trim(*lengths) == expected


@given(st.integers(0, 200), st.integers(0, 200), st.integers(5, 100))
def test_trimming_fills_the_room_and_never_lengthens(first, second, room):
    a, b = _trim(first, second, room)
    assert a + b == min(first + second, room)
    assert 0 <= a <= first
    assert 0 <= b <= second


def test_every_token_stands_once_in_inputs_of_one_segment():
    rows = packed(EVEN, max_length=20, pair_share=0.0, seed=3)
    seen = Counter(place for begin, end, *_ in rows for place in range(begin, end))
    assert seen == Counter(range(60 * 42))
    assert {row[2:] for row in rows} == {(0, 0, NO_PAIR)}


def test_b_follows_a_or_comes_from_another_document():
    rows = packed(EVEN, max_length=40, pair_share=1.0, seed=1)
    pairs = [row for row in rows if row[4] != NO_PAIR]
    assert {row[4] for row in pairs} == {IS_NEXT, IS_RANDOM} == {0, 1}
    for a_begin, a_end, b_begin, b_end, label in pairs:
        assert a_begin < a_end
        assert b_begin < b_end
        assert a_end % 7 == 0
        assert b_begin % 7 == 0  # both at the border of a sentence
        own = document_of(EVEN, a_begin)
        assert document_of(EVEN, a_end - 1) == own
        if label == IS_NEXT:
            assert b_begin == a_end
        else:
            assert document_of(EVEN, b_begin) == document_of(EVEN, b_end - 1) != own


def test_about_half_of_the_pairs_are_foreign():
    rows = packed(text_of(*[[7] * 6] * 600), max_length=32, pair_share=1.0, seed=2)
    labels = [row[4] for row in rows if row[4] != NO_PAIR]
    deviation = 0.5 / len(labels) ** 0.5
    assert len(labels) > 600
    assert abs(np.mean(labels) - 0.5) < 4 * deviation


def test_about_the_share_asked_for_are_pairs():
    rows = packed(text_of(*[[3] * 400] * 4), max_length=23, pair_share=0.3, seed=5)
    pairs = [row[4] != NO_PAIR for row in rows]
    assert abs(np.mean(pairs) - 0.3) < 4 * (0.3 * 0.7 / len(pairs)) ** 0.5


def test_a_pair_too_long_keeps_the_end_of_a_and_the_beginning_of_b():
    """Two sentences of 30 tokens a document, room for 20 (a tenth aim at less)."""
    text = text_of(*[[30, 30]] * 40)
    rows = packed(text, max_length=23, pair_share=1.0, seed=4)
    pairs = [row for row in rows if row[4] != NO_PAIR]
    full = [row for row in pairs if row[1] - row[0] + row[3] - row[2] == 20]
    assert len(full) > 20
    for a_begin, a_end, b_begin, b_end, _ in full:
        assert (a_end - a_begin, b_end - b_begin) == (10, 10)
        assert a_end % 60 == 30  # A ends where its sentence does
        assert b_begin % 30 == 0  # B begins where its sentence does


def test_what_a_foreign_b_replaced_is_used_again():
    rows = packed(EVEN, max_length=40, pair_share=1.0, seed=1)
    for row, following in itertools.pairwise(rows):
        if row[4] == IS_RANDOM and document_of(EVEN, following[0]) == document_of(EVEN, row[0]):
            assert following[0] == row[1]


def test_the_length_of_b_does_not_tell_whether_it_is_foreign():
    lengths = random.Random(5)
    text = text_of(*[[lengths.randint(3, 12) for _ in range(40)] for _ in range(80)])
    rows = np.array([row for seed in range(8) for row in packed(
        text, max_length=48, pair_share=1.0, seed=seed)])  # fmt: skip
    pairs = rows[rows[:, 4] != NO_PAIR]
    b_lengths, is_foreign = pairs[:, 3] - pairs[:, 2], pairs[:, 4] == IS_RANDOM
    guesses = [np.mean((b_lengths >= cut) == is_foreign) for cut in range(50)]
    assert len(pairs) > 4_000
    # By chance half are right. Only a document's end, nearer for a true B, tells a little.
    assert max(max(right, 1 - right) for right in guesses) < 0.55


@pytest.mark.parametrize("text", [text_of([5] * 9), text_of([5], [4], [6])])
def test_one_document_or_single_sentences_give_no_pairs(text):
    rows = packed(text, max_length=32, pair_share=1.0)
    assert {row[4] for row in rows} == {NO_PAIR}
    assert sum(row[1] - row[0] for row in rows) == len(text.ids)


def test_the_same_rng_gives_the_same_examples():
    first, again, other = (packed(EVEN, max_length=40, pair_share=0.5, seed=s) for s in (1, 1, 2))
    assert first == again != other


def test_no_documents_no_examples():
    nothing = np.zeros(0, dtype=np.int64)
    rows = pack(EVEN, nothing, max_length=40, pair_share=0.5, rng=random.Random(0))
    assert rows.shape == (0, 5)


documents = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=8), min_size=1, max_size=12)


@settings(deadline=None)
@given(documents, st.integers(16, 64), st.sampled_from([0.0, 0.5, 1.0]), st.integers(0, 99))
def test_properties(lengths, max_length, pair_share, seed):
    text = text_of(*lengths)
    for a_begin, a_end, b_begin, b_end, label in packed(
        text, max_length=max_length, pair_share=pair_share, seed=seed
    ):
        marks = SINGLE_MARKS if label == NO_PAIR else PAIR_MARKS
        assert 0 <= a_begin < a_end <= len(text.ids)
        assert a_end - a_begin + b_end - b_begin + marks <= max_length
        own = document_of(text, a_begin)
        assert document_of(text, a_end - 1) == own  # no segment spans two documents
        if label == NO_PAIR:
            assert b_begin == b_end
        else:
            assert 0 <= b_begin < b_end <= len(text.ids)
            assert document_of(text, b_begin) == document_of(text, b_end - 1)
            assert (b_begin == a_end) if label == IS_NEXT else document_of(text, b_begin) != own
