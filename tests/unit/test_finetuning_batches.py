"""Batches: nothing lost, nothing twice, little padding."""

import threading

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.finetuning.data import (
    EncodedTexts,
    encode_texts,
    ordered_batches,
    training_batches,
)
from bertlab.models import load_tokenizer


@settings(max_examples=50, deadline=None)
@given(
    lengths=st.lists(st.integers(2, 128), min_size=1, max_size=300),
    batch_size=st.integers(1, 32),
    epoch=st.integers(0, 5),
)
def test_every_index_comes_exactly_once(lengths, batch_size, epoch):
    batches = training_batches(lengths, batch_size=batch_size, seed=1, epoch=epoch)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= batch_size for batch in batches)
    assert len(batches) == -(-len(lengths) // batch_size)


def test_order_depends_on_seed_and_epoch_alone():
    lengths = [(7 * index) % 40 + 2 for index in range(200)]
    make = lambda seed, epoch: training_batches(lengths, batch_size=8, seed=seed, epoch=epoch)  # noqa: E731
    assert make(1, 0) == make(1, 0)
    assert make(1, 0) != make(1, 1)
    assert make(1, 0) != make(2, 0)


def test_batches_within_a_pool_are_as_tight_as_sorting_allows():
    lengths = [9, 2, 8, 3, 2, 9, 3, 8]  # fits one pool: the best cut in pairs wastes nothing
    batches = training_batches(lengths, batch_size=2, seed=0, epoch=0)
    assert all(len({lengths[index] for index in batch}) == 1 for batch in batches)


def test_ordered_batches_go_from_short_to_long():
    assert list(ordered_batches([9, 2, 8, 3], batch_size=2)) == [[1, 3], [2, 0]]


def test_padding_reaches_to_the_longest_of_the_batch_only():
    data = EncodedTexts(
        columns={"input_ids": [[2, 5, 3], [2, 3], [2, 5, 6, 7, 3]]},
        lengths=(3, 2, 5),
        labels=torch.tensor([0, 1, 1]),
        pad_id=9,
    )
    batch = data.batch([0, 1], torch.device("cpu"))
    assert batch.inputs["input_ids"].tolist() == [[2, 5, 3], [2, 3, 9]]
    assert batch.inputs["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert batch.labels.tolist() == [0, 1]


LONG = "the cat sat on the mat and it was good " * 20


@pytest.mark.parametrize("name", ["bertlab-mini-en", "all-MiniLM-L6-v2"])
@pytest.mark.parametrize("pairs", [None, ("a dog", LONG, "", "so it goes " * 9)])
def test_ids_are_those_of_the_tokenizers_own_cutting(name, pairs):
    texts = ("a cat", "", LONG, "the [MASK] of 好 naïve 😀 " * 3)
    data = encode_texts(load_tokenizer(name), texts, pairs=pairs, max_length=16)
    theirs = load_tokenizer(name)(
        list(texts), None if pairs is None else list(pairs), truncation=True, max_length=16
    )
    assert data.columns["input_ids"] == theirs["input_ids"]
    assert data.columns["token_type_ids"] == theirs["token_type_ids"]
    assert data.lengths == tuple(map(len, theirs["input_ids"]))


@pytest.mark.parametrize("name", ["bertlab-mini-en", "all-MiniLM-L6-v2"])
def test_a_tokenizer_serves_threads_that_cut_at_different_lengths(name):
    """The page shares one tokenizer among all sessions: nobody may switch its cutting over."""
    tokenizer = load_tokenizer(name)
    whole = len(tokenizer(LONG, verbose=False)["input_ids"])
    wrong: list[tuple[int, int]] = []

    def work(wanted: int, count: int) -> None:
        for _ in range(count):
            if wanted == whole:  # as a page counts a text's tokens
                found = len(tokenizer(LONG, verbose=False)["input_ids"])
            else:
                (found,) = encode_texts(tokenizer, [LONG], max_length=wanted).lengths
            if found != wanted:
                wrong.append((wanted, found))

    threads = [threading.Thread(target=work, args=(n, 400)) for n in (whole, 16, 32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    backend = tokenizer.backend_tokenizer
    assert (backend.truncation, backend.padding) == (None, None)
