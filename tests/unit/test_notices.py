"""What to notice is said when the numbers say so, and only then."""

import pytest

from bertlab.inputs import encode
from bertlab.masked_lm import Blank, Prediction
from bertlab.notices.masked_words import masked_notices
from bertlab.notices.tokenization import tokenization_notices
from bertlab.wordpiece import trace_wordpiece, wordpiece_options

VOCABULARY = 1000


def blank(best: float, *, original: tuple[float, int] | None = None) -> Blank:
    hidden = original and Prediction("hid", 7, *original)
    return Blank(3, (Prediction("top", 5, best, 1),), hidden or None)


@pytest.mark.parametrize(
    ("best", "said"),
    [
        (0.51, "more than half of the belief goes to “top”"),
        (0.5, None),  # not more than half
        (0.3, None),  # neither sure nor unsure
        (0.1, "unsure: its best answer “top” has only 10.0%, yet a blind guess would have 0.100%"),
        (0.021, "unsure"),
        (0.02, None),  # 20 times 1/1000: no better than chance can be
        (0.001, None),
    ],
)
def test_how_sure_the_model_is(best, said):
    notices = masked_notices([blank(best)], VOCABULARY)
    assert len(notices) == (said is not None)
    assert all(said in notice and notice.startswith("At position 3") for notice in notices)


@pytest.mark.parametrize(
    ("original", "said"),
    [
        ((0.05, 5), "the hidden word “hid” is answer number 5, with 5.0%"),
        ((0.05, 6), None),
        ((0.019, 2), None),  # a high rank by chance: less than 20 times 1/1000
        ((0.0001, 100), None),
        ((0.0001, 101), "comes only at rank 101 of 1,000"),
    ],
)
def test_where_the_hidden_word_stands(original, said):
    notices = masked_notices([blank(0.3, original=original)], VOCABULARY)
    assert len(notices) == (said is not None)
    assert all(said in notice for notice in notices)


def test_at_most_four_blanks_are_spoken_of():
    assert len(masked_notices([blank(0.9)] * 9, VOCABULARY)) == 4


def notices_of(loaded, text: str) -> tuple[str, ...]:
    trace = trace_wordpiece(text, wordpiece_options(loaded.tokenizer))
    return tokenization_notices(encode(loaded.tokenizer, text), trace)


def test_counts_by_hand(tiny_bert):
    # "Unhappy" -> un ##happy: look-ups unhappy, unhapp, unhap, unha, unh, un; ##happy: 7, 5 failed
    # "cats" -> cat ##s: cats, cat; ##s: 3, 1 failed
    assert notices_of(tiny_bert, "Unhappy cats") == (
        "4 tokens of your text and 2 special ones make 6.",
        "2 of 2 words had to be cut; “Unhappy” into most pieces: un ##happy.",
        "Normalization changed the text at 1 place before anything was looked up.",
        "Of 10 look-ups 6 failed.",
    )


def test_one_is_not_written_as_many(tiny_bert):
    assert notices_of(tiny_bert, "cat") == (
        "1 token of your text and 2 special ones make 3.",
        "Nothing had to be cut: 1 word, all in the vocabulary.",
    )


def test_an_unknown_word_is_not_said_to_be_in_the_vocabulary(tiny_bert):
    assert notices_of(tiny_bert, "😀") == (
        "1 token of your text and 2 special ones make 3.",
        "Lost to the unknown token: 1 word (😀).",
        "Of 1 look-up 1 failed.",
    )


def test_without_a_trace_only_the_tokens_are_counted(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the cat")
    assert tokenization_notices(encoded, None) == (
        "2 tokens of your text and 2 special ones make 4.",
    )
