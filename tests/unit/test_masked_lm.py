"""What the model puts into the blanks, held against transformers' own pipeline and by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, pipeline

from bertlab.inspection.masked_lm import (
    cover,
    given_away,
    last_word,
    predict_blanks,
    softmax,
    use_mask_token,
    whole_words,
)
from bertlab.inspection.trace import Trace, run_trace
from bertlab.models import load_tokenizer
from bertlab.tokenization.chinese import chinese_words
from bertlab.tokenization.encoding import encode

TEXTS = [
    "The capital of France is [MASK].",
    "[MASK] went to the shop.",
    "She reads a [MASK] and he plays [MASK] ball.",
]


@pytest.fixture(scope="module")
def fill_mask(mini):
    folder = str(mini.info.folder)
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32)
    return pipeline("fill-mask", model=model, tokenizer=mini.tokenizer, device="cpu")


@pytest.mark.parametrize("text", TEXTS)
def test_probabilities_equal_those_of_the_pipeline(text, mini, fill_mask):
    blanks = predict_blanks(mini, run_trace(mini, encode(mini.tokenizer, text)), top_k=5)
    expected = fill_mask(text, top_k=5)
    expected = expected if isinstance(expected[0], list) else [expected]
    assert len(blanks) == len(expected) == text.count("[MASK]")
    for blank, answers in zip(blanks, expected, strict=True):
        assert [p.token_id for p in blank.predictions] == [a["token"] for a in answers]
        np.testing.assert_allclose(
            [p.probability for p in blank.predictions], [a["score"] for a in answers], atol=1e-5
        )


def trace_of(loaded, text: str, position: int, logits: list[float]) -> Trace:
    """A trace whose scores for one masked position are given by hand, all others -100."""
    encoded = encode(loaded.tokenizer, text)
    row = np.full((1, loaded.config.vocab_size), -100.0, dtype=np.float32)
    row[0, : len(logits)] = logits
    return Trace(encoded, encoded.token_ids, (position,), np.zeros(0), np.zeros(0), row)


def test_rank_and_probability_by_hand(tiny_bert):
    # ids 0..3 get the scores ln 1, ln 4, ln 2, ln 1: of 8 parts 1, 4, 2, 1
    logits = np.log([1.0, 4.0, 2.0, 1.0]).tolist()
    cat = tiny_bert.tokenizer.convert_tokens_to_ids("cat")
    trace = trace_of(tiny_bert, "the cat sat", 2, logits)
    (blank,) = predict_blanks(tiny_bert, trace, top_k=4)
    assert [p.token_id for p in blank.predictions] == [1, 2, 0, 3]
    assert [p.probability for p in blank.predictions] == pytest.approx([0.5, 0.25, 0.125, 0.125])
    assert [p.rank for p in blank.predictions] == [1, 2, 3, 3]  # equals share a rank
    assert [p.token for p in blank.predictions] == ["[UNK]", "[CLS]", "[PAD]", "[SEP]"]
    assert (blank.original.token, blank.original.token_id) == ("cat", cat)
    assert blank.original.rank == 5  # four are better
    assert blank.original.probability == pytest.approx(np.exp(-100) / 8, rel=1e-3)


def test_the_original_is_unknown_where_the_text_has_the_mask(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the [MASK] sat")
    blanks = predict_blanks(tiny_bert, run_trace(tiny_bert, encoded, masked=[3]))
    assert [blank.position for blank in blanks] == [2, 3]
    assert blanks[0].original is None
    assert blanks[1].original.token == "sat"


def test_all_probabilities_sum_to_one(mini):
    trace = run_trace(mini, encode(mini.tokenizer, TEXTS[0]))
    (blank,) = predict_blanks(mini, trace, top_k=10**9)
    assert len(blank.predictions) == mini.config.vocab_size
    assert sum(p.probability for p in blank.predictions) == pytest.approx(1)


def test_softmax_does_not_overflow():
    assert softmax(np.array([1e4, 1e4], dtype=np.float32)).tolist() == [0.5, 0.5]
    assert softmax(np.array([1e4, 1e4, -1e4])).tolist() == [0.5, 0.5, 0.0]


def test_two_blanks_know_nothing_of_each_other(mini):
    """Each is answered from the same pass; filling one in changes the other."""
    encoded = encode(mini.tokenizer, "[MASK] is the capital of [MASK].")
    both = predict_blanks(mini, run_trace(mini, encoded))
    first, second = (blank.position for blank in both)
    mask = mini.tokenizer.mask_token_id
    again = predict_blanks(mini, run_trace(mini, encoded, filled={first: mask, second: mask}))
    assert both == again
    one = encode(mini.tokenizer, "paris").token_ids[1]
    (filled,) = predict_blanks(mini, run_trace(mini, encoded, filled={first: one}))
    assert filled.position == second
    assert filled.predictions[0].probability != both[1].predictions[0].probability


def test_mask_is_written_as_the_model_writes_it():
    roberta = SimpleNamespace(mask_token="<mask>")
    assert use_mask_token("a [MASK] b [MASK]", roberta) == "a <mask> b <mask>"


# [CLS] un ##happy ##ly un ##happy [SEP] it ##s [SEP]
#   0    1    2     3   4    5      6   7   8    9
PAIR = ("unhappyly unhappy", "its")


def test_the_pieces_are_as_the_examples_say(tiny_bert):
    expected = "[CLS] un ##happy ##ly un ##happy [SEP] it ##s [SEP]"
    assert list(encode(tiny_bert.tokenizer, *PAIR).tokens) == expected.split()


@pytest.mark.parametrize(
    ("positions", "widened"),
    [([2], (1, 2, 3)), ([1, 3], (1, 2, 3)), ([5], (4, 5)), ([8], (7, 8)), ([0, 6], ()), ([], ())],
)
def test_positions_are_widened_to_whole_words(positions, widened, tiny_bert):
    assert whole_words(encode(tiny_bert.tokenizer, *PAIR), positions) == widened


@pytest.mark.parametrize(
    ("texts", "last"),
    [(["the cat sat!?"], (3,)), (["a", "unhappy."], (3, 4)), ([", ."], ()), ([""], ())],
)
def test_the_last_word_with_a_letter_is_found_whole(texts, last, tiny_bert):
    assert last_word(encode(tiny_bert.tokenizer, *texts)) == last


def test_a_chinese_word_is_hidden_whole():
    """Clicking 天 in 天气 hid one character: each one is a word to BERT's tokenizer."""
    words = load_tokenizer("bertlab-mini-zh")
    encoded = encode(words, "今天天气很好，去公园。", "天气")
    #  [CLS] 今 天 天 气 很 好 ， 去 公 园 。 [SEP] 天 气 [SEP]
    #    0   1  2  3  4  5  6  7  8  9  10 11  12  13 14  15
    assert whole_words(encoded, [3]) == (3, 4)
    assert whole_words(encoded, [2]) == (1, 2)
    assert whole_words(encoded, [5]) == (5,)
    assert whole_words(encoded, [14]) == (13, 14)
    assert last_word(encode(words, "我们去公园。")) == (4, 5)
    assert given_away(encoded, [9]) == (9,)  # 公 without 园
    assert given_away(encoded, [9, 10]) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("今天天气很好", ["今天", "天气"]),  # the dictionary has 今天天气 as a phrase
        ("北京是中国的首都。", ["北京", "中国", "首都"]),
        ("中国的首[MASK]。", ["中国"]),
        ("我用 BERT 学习 AI", ["学习"]),
        ("👍今天", ["今天"]),  # places are counted in characters
        ("a cat", []),
        ("好", []),
        ("", []),
    ],
)
def test_the_words_of_chinese(text, words):
    assert [text[start:end] for start, end in chinese_words(text)] == words


def test_first_words_of_two_sentences_are_two_words(tiny_bert):
    """Both are word 0 of their sentence."""
    encoded = encode(tiny_bert.tokenizer, "cat sat", "dog sat")
    assert whole_words(encoded, [1]) == (1,)


@pytest.mark.parametrize(
    ("masked", "given"),
    [([2], (2,)), ([1, 2], (1, 2)), ([1, 2, 3], ()), ([4, 5, 8], (8,)), ([0], ()), ([], ())],
)
def test_pieces_beside_visible_ones_are_given_away(masked, given, tiny_bert):
    assert given_away(encode(tiny_bert.tokenizer, *PAIR), masked) == given


@pytest.mark.parametrize(
    ("masked", "says"),
    [((), "unhappy or not."), ((1,), "[MASK]ppy or not."), ((1, 2), "[MASK] or not."),
     ((2, 4), "unha[MASK] or [MASK].")],
)  # fmt: skip
def test_masked_words_are_covered_in_the_text(masked, says):
    """Of [CLS] unha ##ppy or not . [SEP], made by hand: pieces that stand together are one."""
    encoded = SimpleNamespace(
        offsets=((0, 0), (0, 4), (4, 7), (8, 10), (11, 14), (14, 15), (0, 0)),
        sequence_ids=(None, 0, 0, 0, 0, 0, None),
    )
    assert cover("unhappy or not.", encoded, masked, "[MASK]") == says
