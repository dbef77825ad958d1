"""How long texts are, and what remains of one that is too long: by hand."""

import pytest

from bertlab.datasets import Examples
from bertlab.finetuning.data import encode_texts
from bertlab.finetuning.planning import lengths
from bertlab.finetuning.planning.lengths import Lengths, measure_lengths
from bertlab.tokenization.batch_encoding import encode_ids, token_counts
from bertlab.tokenization.truncation import kept_places

LONG = "the cat sat on the mat and it"  # 8 known words


def words(tokenizer, ids):
    return tokenizer.convert_ids_to_tokens(ids)


@pytest.mark.parametrize(
    ("kept", "places"),
    [("head", [0, 1, 2, 3]), ("tail", [6, 7, 8, 9]), ("head+tail", [0, 7, 8, 9])],
)
def test_the_tokens_that_remain(kept, places):
    assert kept_places(10, 4, kept) == places
    assert kept_places(4, 4, kept) == [0, 1, 2, 3]
    assert kept_places(3, 0, kept) == []


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("head", "[CLS] the cat sat on [SEP]"),
        ("tail", "[CLS] the mat and it [SEP]"),
        ("head+tail", "[CLS] the mat and it [SEP]"),
    ],
)
def test_a_long_text_is_cut_where_it_was_asked(mini, kept, expected):
    tokenizer = mini.tokenizer
    (ids,) = encode_ids(tokenizer, [LONG], max_length=6, kept=kept)["input_ids"]
    assert " ".join(words(tokenizer, ids)) == expected
    (short,) = encode_ids(tokenizer, ["the cat"], max_length=6, kept=kept)["input_ids"]
    assert words(tokenizer, short) == ["[CLS]", "the", "cat", "[SEP]"]


def test_head_and_tail_of_ten(mini):
    (ids,) = encode_ids(mini.tokenizer, [LONG + " " + LONG], max_length=10, kept="head+tail")[
        "input_ids"
    ]
    # 8 places: a quarter, 2, of the beginning, 6 of the end
    expected = "[CLS] the cat sat on the mat and it [SEP]"
    assert words(mini.tokenizer, ids) == expected.split()


def test_each_text_of_a_pair_keeps_its_end_and_its_segment(mini):
    tokenizer = mini.tokenizer
    columns = encode_ids(tokenizer, [LONG], ["it was a good day"], max_length=9, kept="tail")
    tokens = words(tokenizer, columns["input_ids"][0])
    assert tokens == "[CLS] mat and it [SEP] a good day [SEP]".split()
    assert columns["token_type_ids"][0] == [0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_tokens_are_counted_uncut(mini):
    assert token_counts(mini.tokenizer, [LONG, "the"]) == (10, 3)
    assert token_counts(mini.tokenizer, [LONG], ["the cat"]) == (13,)
    encoded = encode_texts(mini.tokenizer, [LONG], max_length=512)
    assert encoded.lengths == (10,)


def test_what_cutting_costs():
    found = Lengths((10, 20, 30, 40), examples=4)
    assert (found.longer_than(20), found.longer_than(40)) == (2, 0)
    assert found.share_cut(20) == pytest.approx((10 + 20) / 100)
    assert [found.enough_for(share) for share in (0.25, 0.5, 0.51, 1.0)] == [10, 20, 30, 40]


def test_of_very_many_texts_every_n_th_is_counted(mini, monkeypatch):
    monkeypatch.setattr(lengths, "SAMPLE", 3)
    texts = tuple("the " * n for n in range(1, 8))
    examples = Examples(texts, None, ("a",) * 7, ("a",), tuple(range(7)))
    found = measure_lengths(mini.tokenizer, examples)
    assert (found.counts, found.is_sample) == ((3, 6, 9), True)  # texts 1, 4 and 7
