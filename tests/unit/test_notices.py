"""What to notice is said when the numbers say so, and only then."""

import pytest

from bertlab.inspection.attention import HeadStatistics, describe
from bertlab.inspection.masked_lm import Blank, Prediction
from bertlab.inspection.minimal_pairs import ComparedAnswer
from bertlab.observations.attention import pattern_notices
from bertlab.observations.masked_words import changed_word_notices, masked_notices
from bertlab.observations.tokenization import tokenization_notices
from bertlab.tokenization.encoding import encode
from bertlab.tokenization.wordpiece import trace_wordpiece, wordpiece_options

VOCABULARY = 1000


def blank(best: float, *, original: tuple[float, int] | None = None) -> Blank:
    hidden = original and Prediction("hid", 7, *original)
    return Blank(3, (Prediction("top", 5, best, 1), Prediction("second", 6, 0.02, 2)), hidden)


@pytest.mark.parametrize(
    ("best", "said"),
    [
        (0.51, "more than half of the belief goes to “top”"),
        (0.5, "no answer has more than half of the belief: the best, “top”, has 50.0%, the next"),
        (0.3, "the best, “top”, has 30.0%, the next, “second”, 2.0%"),  # neither sure nor unsure
        (0.1, "unsure: its best answer “top” has only 10.0%, yet a blind guess would have 0.100%"),
        (0.021, "unsure"),
        (0.02, "no answer stands out: the best, “top”, has 2.000%"),  # 20 times 1/1000: chance
        (0.001, "has 0.100%; a blind guess would have 0.100%"),
    ],
)
def test_how_sure_the_model_is(best, said):
    (notice,) = masked_notices([blank(best)], VOCABULARY)
    assert said in notice
    assert notice.startswith("At position 3")


@pytest.mark.parametrize(
    ("original", "said"),
    [
        ((0.05, 5), "the hidden word “hid” is answer number 5, with 5.0%"),
        ((0.05, 6), "the hidden word “hid” has rank 6 of 1,000, with 5.00%"),
        ((0.019, 2), "has rank 2 of 1,000, with 1.90%"),  # by chance: below 20 times 1/1000
        ((0.0001, 100), "has rank 100 of 1,000, with 0.01%"),
        ((0.0001, 101), "comes only at rank 101 of 1,000"),
    ],
)
def test_where_the_hidden_word_stands(original, said):
    _, notice = masked_notices([blank(0.3, original=original)], VOCABULARY)
    assert said in notice


def test_at_most_four_blanks_are_spoken_of():
    assert len(masked_notices([blank(0.9)] * 9, VOCABULARY)) == 4


def test_a_changed_word_is_told_by_what_moves_most_and_what_comes_first():
    answers = [ComparedAnswer("good", 0.3, 0.25), ComparedAnswer("bad", 0.012, 0.134)]
    assert changed_word_notices(answers, ("loved", "hated")) == (
        "Swapping “loved” for “hated” moves “bad” most: from 1.2% to 13.4%. The first answer "
        "stays “good” (30.0%, then 25.0%).",
    )
    answers.append(ComparedAnswer("awful", 0.01, 0.26))
    assert changed_word_notices(answers, None) == (
        "The second sentence moves “awful” most: from 1.0% to 26.0%. The first answer was “good” "
        "(30.0%, then 25.0%) and is now “awful” (1.0%, then 26.0%).",
    )


def test_heads_without_a_pattern_are_told_by_the_nearest_one():
    """Of four tokens, so that even weights would give 25 %, and a pattern needs more than 50 %."""
    tokens = ("[CLS]", "a", "b", "[SEP]")

    def said(share):
        heads = [
            HeadStatistics(0, 0, 1.0, 1.0, 0.3, 0.2, 0.1, 0.1, 0.3),
            HeadStatistics(0, 1, 1.0, 1.0, 0.1, 0.1, share, 0.1, 0.1),
        ]
        return pattern_notices(heads, [describe(head, tokens) for head in heads])

    assert said(0.51) == (
        "1 of 2 heads show one of five simple patterns in this sentence; the others do not.",
        "Head 0.1 looks at the previous token: 51 % of its weight.",
    )
    assert said(0.49) == (
        "No head shows one of the five simple patterns in this sentence. Head 0.1 comes nearest. "
        "Of the simple patterns the previous token holds most: 49.0 % of the head's weight; even "
        "weights would give it 25.0 %. A pattern needs 50% and twice as much as even weights.",
    )


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
