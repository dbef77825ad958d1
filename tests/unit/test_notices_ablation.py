"""Each sentence about heads stands exactly where its numbers are clear."""

import numpy as np
import pytest

from bertlab.inspection.ablation.attribution import Integrated
from bertlab.inspection.ablation.explanations import METHODS, Explanations, correlations
from bertlab.inspection.ablation.importance import HeadImportance, MedianImportance
from bertlab.inspection.ablation.prediction_shift import from_to
from bertlab.observations.ablation import (
    explanation_notices,
    head_notices,
    median_notices,
    together_notice,
)
from bertlab.views.ablation.explanations import NAMES


def importance(change, probability=0.2):
    change = np.array(change)
    return HeadImportance(change, np.zeros_like(change), probability)


def explanations(*rows, masked=()):
    values = dict(zip(METHODS, map(np.array, rows), strict=True))
    ranked = tuple(i for i in range(len(rows[0])) if i not in masked)
    table = correlations([np.abs(row[list(ranked)]) for row in values.values()])
    return Explanations(values, Integrated(values["integrated"], 1.0, 32), ranked, table)


def test_the_strongest_head_is_named_with_its_numbers():
    said = head_notices(importance([[-np.log(2), 0.05], [0.0, 0.0]]), "tea")
    assert said[0].startswith("Of all heads, turning head 0.0 off costs “tea” most")
    assert "from 20.0% to 10.0%" in said[0]
    assert said[1].startswith("3 of 4 heads can be off alone")


def test_a_change_of_a_small_probability_is_seen():
    said = head_notices(importance([[-0.2, 0.0]], probability=0.0101), "tea")
    assert "from 1.0% to 0.8%" in said[0]
    assert from_to(0.0005, 0.00048) == ("0.050%", "0.048%")
    assert from_to(0.5, 0.5) == ("50.0%", "50.0%")
    assert from_to(0.0, 1e-9) == ("0.000%", "0.000%")  # more decimals would only pretend


def test_a_head_that_stood_in_the_way_is_named():
    said = head_notices(importance([[0.05, 0.5]]), "tea")
    assert said[0].startswith("Of all heads, turning head 0.1 off helps “tea” most")


def test_small_changes_and_hopeless_words_are_told_as_bare_numbers():
    (small,) = head_notices(importance([[-0.02, 0.09]]), "tea")  # 20 % times e^0.09
    assert small.startswith("No head alone changes ln p of “tea” by 0.1 nats")
    assert small.endswith("head 0.1's, +0.09 nats, from 20.0% to 21.9%.")
    (hopeless,) = head_notices(importance([[-3.0, 0.5]], probability=0.0001), "tea")
    assert "the largest change is head 0.0's, −3.00 nats, from 0.010% to 0.000%" in hopeless


@pytest.mark.parametrize(("together", "is_said"), [(-3.0, True), (-1.55, False), (-0.05, False)])
def test_heads_that_do_not_add_up(together, is_said):
    found, heads = importance([[-0.5, -1.0]]), frozenset({(0, 0), (0, 1)})
    said = together_notice(found, heads, together, "tea")
    assert bool(said) == is_said
    if is_said:
        assert "by −1.50 nats in sum, together by −3.00" in said[0]


def test_one_head_has_nothing_to_add_up():
    assert together_notice(importance([[-0.5]]), frozenset({(0, 0)}), -2.0, "tea") == []


def test_the_median_needs_many_sentences_that_agree():
    def notices(sentences, lost):
        changes = np.full((sentences, 1, 2), 0.01)
        changes[:, 0, 1] = [-0.4] * lost + [0.2] * (sentences - lost)
        return median_notices(MedianImportance(changes))

    (said,) = notices(20, 16)
    assert "head 0.1 is missed most" in said
    assert "−0.40 nats" in said
    assert "80%" in said
    (said,) = notices(20, 12)  # 60 % only
    assert "no head is missed by 0.1 nats at the median and in 75% of them" in said
    assert "head 0.1 comes nearest, with −0.40 nats and 60%" in said
    assert notices(4, 4) == [
        "4 sentences are too few to say which head is missed most: from 10 on."
    ]


def test_methods_that_agree_and_one_that_does_not():
    up = np.arange(1.0, 13.0)
    odd = np.array([6.0, 1, 8, 3, 10, 5, 12, 7, 2, 9, 4, 11.5])
    said = explanation_notices(explanations(up, up * 2, -up, odd), list("abcdefghijkl"), NAMES)
    assert said[0].startswith("The largest weight goes to different tokens. Token ablation: “l”")
    assert "order the 12 tokens much alike: rank correlation 1.00" in said[1]
    assert "attention rollout order them no more alike than chance might" in said[2]
    same = explanation_notices(explanations(up, up, up, up), list("abcdefghijkl"), NAMES)
    assert same[0] == "All four methods give “l” (11) the largest weight."
    assert len(same) == 2


def test_three_tokens_have_no_order_to_compare():
    rows = [np.ones(3)] * 4
    assert explanation_notices(explanations(*rows), list("abc"), NAMES)[-1].startswith("There are")
