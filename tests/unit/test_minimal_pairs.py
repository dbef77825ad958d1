"""Two sentences, one word apart: answers, attention and vectors held side by side."""

from dataclasses import replace

import numpy as np
import pytest

from bertlab.errors import InputError, ModelError
from bertlab.inspection.minimal_pairs import (
    align_tokens,
    attention_difference,
    compare_answers,
    cosine_distances,
    head_changes,
    mean_spread,
    most_moved,
    total_variation,
)
from bertlab.inspection.trace import Trace, run_trace
from bertlab.observations.masked_words import moved_notice
from bertlab.tokenization.encoding import encode
from bertlab.ui.widgets.minimal_pair_examples import MINIMAL_PAIRS


def trace_of(loaded, parts: dict[str, float] | None) -> Trace:
    encoded = encode(loaded.tokenizer, "the cat sat")
    rows = None
    if parts is not None:
        rows = np.full((1, loaded.config.vocab_size), -100.0, dtype=np.float32)
        for piece, share in parts.items():
            rows[0, loaded.tokenizer.convert_tokens_to_ids(piece)] = np.log(share)
    return Trace(encoded, encoded.token_ids, (2,), np.zeros(0), np.zeros(0), rows)


def test_every_answer_that_is_best_in_either_stands_once_best_first(tiny_bert):
    first = trace_of(tiny_bert, {"dog": 6, "cat": 3, "mat": 1})
    second = trace_of(tiny_bert, {"mat": 7, "dog": 2, "cat": 1})
    answers = compare_answers(tiny_bert, first, second, top_k=2)
    assert [answer.token for answer in answers] == ["mat", "dog", "cat"]
    assert [(a.first, a.second) for a in answers] == [
        pytest.approx((0.1, 0.7)),
        pytest.approx((0.6, 0.2)),
        pytest.approx((0.3, 0.1)),
    ]


def test_distance_is_half_the_sum_of_the_differences(tiny_bert):
    first = trace_of(tiny_bert, {"dog": 6, "cat": 3, "mat": 1})
    second = trace_of(tiny_bert, {"mat": 7, "dog": 2, "cat": 1})
    # (|0.6 - 0.2| + |0.3 - 0.1| + |0.1 - 0.7|) / 2
    assert total_variation(first, second) == pytest.approx(0.6)
    assert total_variation(first, first) == 0
    apart = trace_of(tiny_bert, {"the": 1})
    assert total_variation(first, apart) == pytest.approx(1)


def test_a_sentence_without_a_blank_is_named_as_the_reason(tiny_bert):
    first = trace_of(tiny_bert, {"dog": 1})
    with pytest.raises(InputError, match=r"no blank number 2.*Mask a word"):
        compare_answers(tiny_bert, first, first, blank=1)


def test_a_model_without_a_head_says_so(tiny_bert):
    first = trace_of(tiny_bert, None)
    with pytest.raises(ModelError, match="no masked-LM head"):
        compare_answers(tiny_bert, first, first)


# --- alignment, attention, vectors ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "pairs", "changed", "missing", "added"),
    [
        ("he is old", "she is old", ((0, 0), (1, 1), (2, 2)), (0,), (), ()),
        ("he is old", "she is very old", ((0, 0), (1, 1), (2, 3)), (0,), (), (2,)),
        ("a b c", "x c", ((2, 1),), (), (0, 1), (0,)),
        ("a b c", "a c", ((0, 0), (2, 1)), (), (1,), ()),
        ("a b", "a b", ((0, 0), (1, 1)), (), (), ()),
        ("a", "x y", (), (), (0,), (0, 1)),
        ("a b", "a not b", ((0, 0), (1, 2)), (), (), (1,)),
    ],
)
def test_tokens_are_aligned_where_it_can_be_told(first, second, pairs, changed, missing, added):
    found = align_tokens(first.split(), second.split())
    assert (found.pairs, found.changed) == (pairs, changed)
    assert (found.missing, found.added) == (missing, added)
    assert found.is_unchanged == (first == second)


def test_a_weights_difference_stands_at_the_first_sentences_place():
    """ "a b c" and "a c": b has no partner."""
    alignment = align_tokens("a b c".split(), "a c".split())
    first = np.array([[[0.5, 0.3, 0.2], [1, 0, 0], [0.1, 0.2, 0.7]]], dtype=np.float32)
    second = np.array([[[0.9, 0.1], [0.4, 0.6]]], dtype=np.float32)
    found = attention_difference(first, second, alignment)
    hole = np.nan
    expected = [[[0.4, hole, -0.1], [hole, hole, hole], [0.3, hole, -0.1]]]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


def traces(loaded, *texts):
    return [run_trace(loaded, encode(loaded.tokenizer, text)) for text in texts]


def test_each_heads_change_is_the_mean_of_its_differences(tiny_bert):
    first, second = traces(tiny_bert, "the cat sat on", "the very good cat sat on")
    alignment = align_tokens(first.token_ids, second.token_ids)
    found = head_changes(first, second, alignment)
    assert found.shape == (first.layers, first.heads)
    for layer, head in np.ndindex(*found.shape):
        sizes = [
            abs(second.attention[layer, head, q2, k2] - first.attention[layer, head, q1, k1])
            for q1, q2 in alignment.pairs
            for k1, k2 in alignment.pairs
        ]
        assert found[layer, head] == pytest.approx(np.mean(sizes), abs=1e-6)


def test_nothing_in_common_gives_no_number(tiny_bert):
    (first,) = traces(tiny_bert, "the cat")
    nothing = align_tokens([1, 2, 3, 4], [5])
    assert np.isnan(head_changes(first, first, nothing)).all()
    assert np.isnan(cosine_distances(first, first, nothing)).all()


def test_the_distance_is_one_minus_the_cosine(tiny_bert):
    (trace,) = traces(tiny_bert, "the cat")  # [CLS] the cat [SEP]
    states = np.zeros((1, 4, 2), dtype=np.float32)
    states[0] = [[1, 0], [1, 0], [1, 0], [2, 0]]
    moved = states.copy()
    moved[0] = [[3, 0], [0, 1], [-1, 0], [1, 1]]
    first, second = replace(trace, hidden_states=states), replace(trace, hidden_states=moved)
    alignment = align_tokens("c a b s".split(), "c x b s".split())
    found = cosine_distances(first, second, alignment)
    assert found[0] == pytest.approx([0, 1, 2, 1 - 2**-0.5], abs=1e-6)
    assert mean_spread(found, alignment) == pytest.approx((0 + 2 + 1 - 2**-0.5) / 3, abs=1e-6)


def test_where_a_change_has_arrived_is_told_from_the_distances():
    """ "c a b m s" against "c a x m s": b was changed; of c, a, m and s "a" moved most."""
    alignment = align_tokens("c a b m s".split(), "c a x m s".split())
    distances = np.array([[0, 0, 0.9, 0, 0], [0.01, 0.30, 0.8, 0.12, 0.02]], dtype=np.float32)
    tokens = ("[CLS]", "a", "b", "[MASK]", "[SEP]")
    assert most_moved(distances, alignment, watched=3) == (1, 2)
    assert most_moved(distances, alignment, watched=2) == (1, 0)  # the changed one has no rank
    assert moved_notice(distances[-1], tokens, 1, 3, 2) == (
        "After the last layer “a” (1) is moved most of all unchanged tokens, by 0.300; the blank "
        "(3) by 0.120, as number 2."
    )
    distances[-1, 3] = 0.5
    assert most_moved(distances, alignment, watched=3) == (3, 1)
    assert moved_notice(distances[-1], tokens, 3, 3, 1).startswith("After the last layer the blank")


def test_the_bundled_pairs_say_what_was_computed(mini):
    """The page said "to the blank above all"; in most of the pairs another token moves more."""
    said = []
    for pair in MINIMAL_PAIRS["en"]:
        first, second = traces(mini, pair.first, pair.second)
        alignment = align_tokens(first.token_ids, second.token_ids)
        blank = first.token_ids.index(mini.tokenizer.mask_token_id)
        distances = cosine_distances(first, second, alignment)
        most, rank = most_moved(distances, alignment, watched=blank)
        kept = [i for i in alignment.first if i not in alignment.changed]
        assert distances[-1, most] == max(distances[-1, kept])
        said.append(rank)
    assert len(said) >= 4
    assert max(said) > 1


def test_before_the_first_layer_a_changed_word_has_moved_alone(tiny_bert):
    first, second = traces(tiny_bert, "the cat sat on the mat", "the dog sat on the mat")
    alignment = align_tokens(first.token_ids, second.token_ids)
    assert alignment.changed == (2,)
    found = cosine_distances(first, second, alignment)
    assert (found[0] > 1e-4).tolist() == [i == 2 for i in range(8)]
    assert (found[1:] > 1e-7).all(), "attention has carried it to every token"
