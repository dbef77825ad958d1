"""Batches of about the same number of tokens, and how an input is laid out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.pretraining.data.batches import Marks, assemble, cut_batches, lengths_of, reading_of
from bertlab.pretraining.data.encoded import EncodedText

MARKS = Marks(cls_id=2, sep_id=3, pad_id=0)


def singles(lengths: list[int]) -> np.ndarray:
    """Examples of one segment with so many tokens, special ones included."""
    return np.array([(0, length - 2, 0, 0, -1) for length in lengths], dtype=np.int64)


def cut(lengths: list[int], *, batch_tokens: int, seed: int = 0) -> list[list[int]]:
    rng = np.random.default_rng(seed)
    return [b.tolist() for b in cut_batches(singles(lengths), batch_tokens=batch_tokens, rng=rng)]


def test_lengths_count_the_special_tokens():
    examples = np.array([(5, 9, 0, 0, -1), (5, 9, 20, 23, 0), (5, 9, 20, 23, 1)])
    assert lengths_of(examples).tolist() == [6, 10, 10]  # [CLS] 4 [SEP]; [CLS] 4 [SEP] 3 [SEP]


def test_what_was_read_is_told_apart():
    """[CLS] 4 [SEP]; [CLS] 4 [SEP] 3 [SEP]; [CLS] 4 [SEP] 3 [SEP], the last 3 at random."""
    examples = np.array([(5, 9, 0, 0, -1), (5, 9, 20, 23, 0), (5, 9, 20, 23, 1)])
    read = reading_of(examples)
    assert (read.text, read.random, read.marks) == (15, 3, 8)
    assert read.total == lengths_of(examples).sum()


def test_by_hand_inputs_of_similar_length_stand_together():
    for seed in range(8):
        found = cut([9, 2, 8, 3], batch_tokens=18, seed=seed)
        assert sorted(sorted(batch) for batch in found) == [[0, 2], [1, 3]]


def test_by_hand_an_input_that_is_too_long_stands_alone():
    assert sorted(cut([50, 4, 4], batch_tokens=10)) in ([[0], [1, 2]], [[0], [2, 1]])


@settings(deadline=None)
@given(st.lists(st.integers(3, 64), min_size=1, max_size=400), st.integers(64, 512))
def test_each_example_once_and_the_budget_kept(lengths, batch_tokens):
    found = cut(lengths, batch_tokens=batch_tokens)
    assert sorted(row for batch in found for row in batch) == list(range(len(lengths)))
    for batch in found:
        assert max(lengths[row] for row in batch) * len(batch) <= batch_tokens


def test_little_is_padding_and_the_order_is_the_seeds():
    lengths = np.random.default_rng(0).integers(3, 65, 5_000).tolist()
    found = cut(lengths, batch_tokens=2_048)
    room = sum(max(lengths[row] for row in batch) * len(batch) for batch in found)
    assert sum(lengths) / room > 0.95  # unsorted it would be about one half
    assert found == cut(lengths, batch_tokens=2_048) != cut(lengths, batch_tokens=2_048, seed=1)


def test_by_hand_how_inputs_are_laid_out():
    text = EncodedText(
        ids=np.array([10, 11, 12, 13, 14, 15, 16], dtype=np.uint16),
        sentences=np.array([0, 2, 5, 7]),
        documents=np.array([0, 2, 3]),
    )
    examples = np.array([(0, 2, 5, 7, 1), (2, 5, 0, 0, -1), (1, 2, 2, 3, 0)])
    inputs = assemble(text, examples, MARKS)
    c, s, p = 2, 3, 0
    assert inputs.ids.tolist() == [
        [c, 10, 11, s, 15, 16, s],
        [c, 12, 13, 14, s, p, p],
        [c, 11, s, 12, s, p, p],
    ]
    assert inputs.segments.tolist() == [
        [0, 0, 0, 0, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 1, 1, 0, 0],
    ]
    assert inputs.attention_mask.tolist() == [
        [1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 0, 0],
        [1, 1, 1, 1, 1, 0, 0],
    ]
    assert inputs.places.tolist() == [
        [-1, 0, 1, -1, 5, 6, -1],
        [-1, 2, 3, 4, -1, -1, -1],
        [-1, 1, -1, 2, -1, -1, -1],
    ]
    assert inputs.may_mask.tolist() == [[place >= 0 for place in row] for row in inputs.places]
    assert inputs.labels.tolist() == [1, -1, 0]
    for name in ("ids", "segments", "attention_mask", "places", "labels"):
        assert getattr(inputs, name).dtype == np.int64


def test_pairs_are_laid_out_as_the_tokenizer_does(tiny_bert):
    tokenizer = tiny_bert.tokenizer
    sentences = ["the cat sat", "on the mat ."]
    rows = [tokenizer(text, add_special_tokens=False).input_ids for text in sentences]
    text = EncodedText(
        np.array([*rows[0], *rows[1]], dtype=np.uint16), np.array([0, 3, 7]), np.array([0, 2])
    )
    marks = Marks(tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id)
    inputs = assemble(text, np.array([(0, 3, 3, 7, 0)]), marks)
    expected = tokenizer(*sentences)
    assert inputs.ids[0].tolist() == expected.input_ids
    assert inputs.segments[0].tolist() == expected.token_type_ids


@pytest.mark.parametrize("largest", [65_535])
def test_ids_use_all_sixteen_bits(largest):
    text = EncodedText(np.array([largest], dtype=np.uint16), np.array([0, 1]), np.array([0, 1]))
    assert assemble(text, singles([3]), MARKS).ids.tolist() == [[2, largest, 3]]
