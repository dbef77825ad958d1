"""Roles of heads: what they ask for, what they are compared with, and when they are stated."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bertlab.inspection.bundled_sentences import Sentence, bundled_sentences
from bertlab.inspection.heads.baseline import positional_baseline
from bertlab.inspection.heads.entropy import entropy_by_layer
from bertlab.inspection.heads.examples import strongest_inputs, strongest_pairs
from bertlab.inspection.heads.measures import LONGEST, measure, measure_all
from bertlab.inspection.heads.random_twin import random_twin
from bertlab.inspection.heads.roles import FEWEST_INPUTS, WORDS_AT_LEAST, score_roles
from bertlab.inspection.heads.targets import ROLES, close_by, find_targets
from bertlab.tokenization.encoding import encode

PREVIOUS, NEXT, ITSELF, SAME, DELIMITER, SEP, CLS = range(7)


@pytest.fixture
def tokenizer(tiny_bert):
    return tiny_bert.tokenizer


def targets_of(tokenizer, text, pair=None):
    sentence = Sentence(text, pair)
    return find_targets(encode(tokenizer, text, pair), sentence)


def wanted_by(targets, role, query):
    return [int(key) for key in np.flatnonzero(targets.wanted[role, query])]


# --- what a role asks for -------------------------------------------------------------------------


def test_each_role_by_hand(tokenizer):
    targets = targets_of(tokenizer, "a dog, A cat")  # [CLS] a dog , a cat [SEP]
    assert targets.ordinary.tolist() == [False, True, True, True, True, True, False]
    asked = {role: wanted_by(targets, number, 4) for number, role in enumerate(ROLES)}
    assert asked == {
        **{"previous": [3], "next": [5], "itself": [4], "same": [1]},
        **{"delimiter": [3], "sep": [6], "cls": [0]},
    }
    assert wanted_by(targets, PREVIOUS, 1) == []  # [CLS] is nobody's previous token
    assert wanted_by(targets, NEXT, 5) == []
    assert wanted_by(targets, DELIMITER, 3) == []  # a comma does not ask for commas
    assert wanted_by(targets, SAME, 3) == []
    assert not targets.wanted[:, [0, 6]].any()  # [CLS] and [SEP] are not asked


def test_chinese_characters_and_punctuation(tokenizer):
    targets = targets_of(tokenizer, "很好很坏！")  # [CLS] 很 好 很 坏 [UNK] [SEP]
    assert wanted_by(targets, SAME, 1) == [3]
    assert wanted_by(targets, SAME, 3) == [1]
    assert wanted_by(targets, DELIMITER, 2) == [5]  # full-width, and unknown to the vocabulary


def test_two_unknown_words_are_not_the_same_one(tokenizer):
    targets = targets_of(tokenizer, "猫 狗 猫")  # three [UNK]
    assert wanted_by(targets, SAME, 1) == [3]
    assert wanted_by(targets, SAME, 2) == []


def test_two_masks_are_not_the_same_word(tokenizer):
    assert not targets_of(tokenizer, "a [MASK] is not [MASK]").wanted[SAME].any()


def test_both_sentences_of_a_pair_count(tokenizer):
    targets = targets_of(tokenizer, "the cat", "the dog")  # [CLS] the cat [SEP] the dog [SEP]
    assert wanted_by(targets, SAME, 1) == [4]
    assert wanted_by(targets, SEP, 1) == [3, 6]
    assert wanted_by(targets, NEXT, 2) == []  # [SEP] stands between


def test_a_piece_inside_a_word_is_not_the_word(tokenizer):
    targets = targets_of(tokenizer, "happy unhappy")  # [CLS] happy un ##happy [SEP]
    assert not targets.wanted[SAME].any()


def test_bytes_of_one_character_are_not_the_same_word(models_root):
    from tiny_models import save_tiny_model

    from bertlab.models import load_tokenizer

    save_tiny_model("roberta", models_root / "roberta")
    tokenizer = load_tokenizer("roberta")
    once = targets_of(tokenizer, "猫和猫")  # three bytes each
    assert once.tokens == 11
    assert not once.wanted[SAME].any()
    twice = targets_of(tokenizer, "the cat the")
    first = wanted_by(twice, SAME, 1)
    assert first == [twice.tokens - 2]  # "the" and " the"


def test_even_weights_close_by():
    near = close_by(6)
    np.testing.assert_allclose(near[0], [1 / 3, 1 / 3, 1 / 3, 0, 0, 0])
    np.testing.assert_allclose(near[2], [0.2, 0.2, 0.2, 0.2, 0.2, 0])
    np.testing.assert_allclose(near.sum(axis=-1), 1.0)


# --- what is measured -----------------------------------------------------------------------------


def measured_with(tokenizer, text, make, pair=None):
    """One layer, one head; `make(targets)` gives its weights, whose rows are made to sum to 1."""
    sentence = Sentence(text, pair)
    encoded = encode(tokenizer, text, pair)
    weights = np.asarray(make(find_targets(encoded, sentence)), dtype=np.float32)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return measure(weights[None, None], encoded, sentence)


def even(targets):
    return np.ones((targets.tokens, targets.tokens))


def test_even_weights_by_hand(tokenizer):
    one = measured_with(tokenizer, "a b", even)  # [CLS] a b [SEP]
    assert one.asked.tolist() == [1, 1, 2, 0, 0, 2, 2]
    np.testing.assert_allclose(one.sums[:, 0, 0], [0.25, 0.25, 0.5, 0, 0, 0.5, 0.5])
    np.testing.assert_allclose(one.on_words[:, 0, 0], [0.5, 0.5, 1, 0, 0, 1, 1])
    assert one.entropy[0, 0] == pytest.approx(math.log(4))
    np.testing.assert_allclose(one.by_position[0, 0], [0.5] * 4)
    np.testing.assert_allclose(one.by_offset[0, 0], [0, 0.25, 0.5, 0.5, 0.5, 0.25, 0])
    assert one.share("itself", 0, 0) == pytest.approx(0.25)


def test_sums_agree_with_a_loop_over_cells(tokenizer, tiny_bert):
    (_, one), *_ = measure_all(tiny_bert, [Sentence("the cat sat on the mat.", "the dog")])
    from bertlab.inspection.trace import run_trace

    encoded = encode(tokenizer, "the cat sat on the mat.", "the dog")
    attention = run_trace(tiny_bert, encoded).attention[1, 0]
    for number in range(len(ROLES)):
        cells = [
            attention[q, k]
            for q in range(len(encoded.tokens))
            for k in range(len(encoded.tokens))
            if one.targets.wanted[number, q, k]
        ]
        assert one.sums[number, 1, 0] == pytest.approx(sum(cells), abs=1e-5)


def test_a_long_sentence_is_cut_and_says_so(tiny_bert):
    long = Sentence("the cat " * 200)
    (_, one), *_ = measure_all(tiny_bert, [long])
    assert one.is_cut
    assert one.targets.tokens == min(LONGEST, 64)


def test_a_text_of_nothing_is_left_out(tiny_bert):
    assert [n for n, _ in measure_all(tiny_bert, [Sentence("  "), Sentence("a cat")])] == [1]


# --- what position explains -----------------------------------------------------------------------

TEXTS = (
    "the cat saw the dog in the film.",
    "a good film is not a bad film, a movie is.",
    "the dog sat, and the cat sat on the dog.",
    "I loved the film and he loved the movie.",
    "it was good, very good, not bad.",
    "we like it and she likes the play, the very good play.",
    "the mat is the mat, not the cat.",
)


def many(tokenizer, make):
    return [measured_with(tokenizer, text, make) for text in TEXTS]


def two_back(targets):
    """A head that looks two places back, else at itself: position and nothing else."""
    weights = np.eye(targets.tokens, k=-2)
    weights[:2] = np.eye(targets.tokens)[:2]
    return weights


def same_word(targets):
    """A head that looks at the same word, else at [CLS]."""
    weights = targets.wanted[SAME].astype(float)
    weights[weights.sum(axis=-1) == 0, 0] = 1.0
    return weights


def previous(targets):
    weights = np.eye(targets.tokens, k=-1)
    weights[0, 0] = 1.0
    return weights


def test_a_head_that_goes_by_distance_is_explained_by_distance(tokenizer):
    measured = many(tokenizer, two_back)
    scores = score_roles(measured, many(tokenizer, even))
    for number in (SAME, DELIMITER, SEP):
        score, baseline = scores.score[number, 0, 0], scores.baseline[number, 0, 0]
        assert baseline >= score - 0.02
    assert scores.roles(0, 0, threshold=0.05) == ()


def test_a_head_that_looks_at_the_same_word_is_not_explained_by_position(tokenizer):
    scores = score_roles(many(tokenizer, same_word), many(tokenizer, even))
    assert scores.score[SAME, 0, 0] == pytest.approx(1.0)
    assert scores.baseline[SAME, 0, 0] < 0.5
    assert scores.roles(0, 0, threshold=0.4)[0] == "same"


def test_the_baseline_leaves_the_scored_input_out(tokenizer):
    """Three inputs of one length: each is scored with the mean of the other two, by hand."""
    texts = ("a cat", "a dog", "a film")  # [CLS] a x [SEP]
    first, second, third = np.eye(4), np.eye(4), np.tile([0.0, 0, 0, 1], (4, 1))
    rows = iter((first, second, third))
    measured = [measured_with(tokenizer, text, lambda _: next(rows)) for text in texts]
    # [SEP] by position: of the others' weight half lies on position 3 for the first and the second
    # input, a quarter each on 1 and 2; none lies there for the third.
    by_position = (2 * 0.5 + 2 * 0.5 + 2 * 0.0) / 6
    # By distance, for the first and the second: the others' mean weight is 2/4 at the offset 0, 1/4
    # at 1 (the third's query 2 of four) and 1/2 at 2 (its query 1 of two). Query 1 reaches [SEP]
    # with the offset 2, query 2 with 1. For the third the others have the offset 0 alone.
    query_1 = (1 / 2) / (1 / 2 + 1 / 4 + 1 / 2)
    query_2 = (1 / 4) / (1 / 2 + 1 / 4)
    by_distance = (query_1 + query_2 + query_1 + query_2 + 0) / 6
    found = positional_baseline(measured)[SEP, 0, 0]
    assert by_distance < by_position
    assert found == pytest.approx(by_position, abs=1e-6)


def test_the_spread_tells_an_offset_from_a_look_at_the_tokens(tokenizer):
    """Always at the previous token: no spread. Every other time: 0 and 1, half on average."""
    steady = score_roles(many(tokenizer, previous), many(tokenizer, even))
    assert steady.spread[PREVIOUS, 0, 0] == pytest.approx(0.0, abs=1e-6)
    assert steady.knows_place_alone("previous", 0, 0)

    def now_and_then(targets):
        weights = previous(targets)
        weights[2::2] = np.eye(targets.tokens)[2::2]
        return weights

    moody = score_roles(many(tokenizer, now_and_then), many(tokenizer, even))
    share = moody.score[PREVIOUS, 0, 0]
    assert moody.spread[PREVIOUS, 0, 0] == pytest.approx(np.sqrt(share * (1 - share)))
    assert 0.4 < share < 0.6
    assert not moody.knows_place_alone("previous", 0, 0)


def test_neighbours_are_compared_with_even_weights_close_by(tokenizer):
    measured = [measured_with(tokenizer, "a b", even), measured_with(tokenizer, "a b", even)]
    baseline = positional_baseline(measured)  # [CLS] a b [SEP]: 4 places in reach of "a" and "b"
    np.testing.assert_allclose(baseline[[PREVIOUS, NEXT, ITSELF], 0, 0], 0.25)
    assert baseline[CLS, 0, 0] == pytest.approx(0.25)


# --- when a role is stated ------------------------------------------------------------------------


def test_the_threshold_decides(tokenizer):
    scores = score_roles(many(tokenizer, previous), many(tokenizer, even))
    margin = float((scores.score - scores.hurdle)[PREVIOUS, 0, 0])
    assert scores.roles(0, 0, threshold=margin - 1e-9) == ("previous",)
    assert "previous" not in scores.roles(0, 0, threshold=margin + 1e-6)


def test_a_twin_that_does_the_same_takes_the_role_away(tokenizer):
    measured = many(tokenizer, previous)
    assert score_roles(measured, measured).roles(0, 0) == ()
    assert score_roles(measured, measured).twin_roles(0, 0) == ("previous",)


def test_a_place_of_rest_stands_behind(tokenizer):
    def half(targets):
        return previous(targets) + 2 * np.eye(1, targets.tokens)  # two thirds on [CLS]

    scores = score_roles(many(tokenizer, half), many(tokenizer, even))
    assert scores.roles(0, 0, threshold=0.05) == ("previous", "cls")


def test_with_rests_aside_the_whole_is_what_lies_on_words(tokenizer):
    def resting(targets):
        return previous(targets) + 2 * np.eye(1, targets.tokens)

    inputs = many(tokenizer, resting), many(tokenizer, even)
    whole, aside = score_roles(*inputs), score_roles(*inputs, is_aside=True)
    assert whole.score[PREVIOUS, 0, 0] == pytest.approx(1 / 3)
    assert aside.score[PREVIOUS, 0, 0] == pytest.approx(1.0)
    assert aside.roles(0, 0) == ("previous",)
    assert aside.asked[[SEP, CLS]].tolist() == [0, 0]
    assert 0.2 < aside.words[0, 0] < 1 / 3  # the first word of each has [CLS] before it
    crumbs = replace(aside, words=np.full((1, 1), WORDS_AT_LEAST / 2))
    assert crumbs.roles(0, 0) == ()


def test_few_inputs_and_few_tokens_earn_no_role(tokenizer):
    few = many(tokenizer, previous)[: FEWEST_INPUTS - 1], many(tokenizer, even)[: FEWEST_INPUTS - 1]
    assert score_roles(*few).roles(0, 0) == ()
    scores = score_roles(many(tokenizer, same_word), many(tokenizer, even))
    rare = replace(scores, asked=np.full(len(ROLES), 19))
    assert rare.roles(0, 0) == ()


def test_no_head_of_random_weights_has_a_role(mini):
    """Two twins with other weights: by the rule of the page neither has learned anything."""
    first, second = (random_twin(mini, seed=seed) for seed in (11, 12))
    sentences = bundled_sentences("en")[:60]
    inputs = [[one for _, one in measure_all(twin, sentences)] for twin in (first, second)]
    for is_aside in (False, True):
        scores = score_roles(*inputs, is_aside=is_aside)
        places = [(layer, head) for layer in range(4) for head in range(4)]
        assert not any(scores.roles(*place, threshold=0.05) for place in places)
        assert not any(scores.twin_roles(*place, threshold=0.05) for place in places)


def test_the_embedded_model_has_learned_some(mini):
    sentences = bundled_sentences("en")[:60]
    measured = [one for _, one in measure_all(mini, sentences)]
    twin = [one for _, one in measure_all(random_twin(mini), sentences)]
    scores = score_roles(measured, twin)
    assert scores.roles(0, 0)[0] == "previous"
    assert scores.roles(0, 2)[0] == "next"


# --- examples and entropy -------------------------------------------------------------------------


def test_the_strongest_inputs_come_first(tokenizer):
    measured = many(tokenizer, same_word)
    best = strongest_inputs(measured, "same", 0, 0)
    assert len(best) == 3
    assert all(one.share("same", 0, 0) == pytest.approx(1) for one in best)
    lone = [measured_with(tokenizer, "a cat", same_word)]
    assert strongest_inputs(lone, "same", 0, 0) == []


def test_the_strongest_pairs_are_weights_of_the_trace(tiny_bert):
    from bertlab.inspection.trace import run_trace

    sentence = Sentence("the cat sat on the mat.")
    pairs = strongest_pairs(tiny_bert, sentence, "same", 1, 1)
    attention = run_trace(tiny_bert, encode(tiny_bert.tokenizer, sentence.text)).attention[1, 1]
    expected = sorted((attention[1, 5], attention[5, 1]), reverse=True)  # the two "the"
    assert [(pair.query, pair.key) for pair in pairs] == [("the", "the")] * 2
    np.testing.assert_allclose([pair.weight for pair in pairs], expected, atol=1e-6)


def test_entropy_by_layer_by_hand(tokenizer):
    single = measured_with(tokenizer, "a", lambda targets: np.eye(targets.tokens))
    spread = measured_with(tokenizer, "a", even)  # three tokens
    entropy = entropy_by_layer([single, spread])
    assert entropy.nats[0] == pytest.approx(math.log(3) / 2)
    assert entropy.share[0] == pytest.approx(0.5)
    assert (entropy.low[0], entropy.high[0]) == pytest.approx((0.1, 0.9))
    assert entropy.by_head[0, 0] == pytest.approx(0.5)
