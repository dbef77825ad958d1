"""Figures against values worked out by hand."""

import numpy as np
import pytest

from bertlab.finetuning.metrics import (
    NumberScores,
    label_figures,
    macro_f1_of,
    majority_share,
    score,
    score_numbers,
    score_sets,
    wilson_interval,
)

LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 2, 1])


def test_macro_f1_by_hand():
    # class 0: TP 2, FP 0, FN 1 -> 4/5; class 1: TP 1, FP 2, FN 1 -> 2/5; class 2: TP 0 -> 0
    found = score(LABELS, np.eye(3)[PREDICTED])
    assert found.macro_f1 == pytest.approx((0.8 + 0.4 + 0.0) / 3)
    assert found.accuracy == pytest.approx(3 / 6)
    counts = np.array([2, 1, 0]), np.array([3, 2, 1]), np.array([2, 3, 1])
    assert macro_f1_of(*counts) == pytest.approx((0.8 + 0.4 + 0.0) / 3)


def test_macro_f1_leaves_out_classes_that_nobody_named():
    labels = np.array([0, 0, 3])
    assert score(labels, np.eye(5)[labels]).macro_f1 == 1.0
    assert macro_f1_of(np.array([2, 0]), np.array([2, 0]), np.array([2, 0])) == 1.0
    assert macro_f1_of(np.array([0, 0]), np.array([0, 0]), np.array([0, 0])) == 1.0


def test_macro_f1_of_counts_is_scikit_learns():
    random = np.random.default_rng(0)
    wanted, named = random.random((2, 30, 6)) < 0.3
    counts = ((wanted & named).sum(0), wanted.sum(0), named.sum(0))
    assert macro_f1_of(*counts) == pytest.approx(score_sets(wanted, named * 1.0).macro_f1)


def test_majority_share():
    assert majority_share(LABELS) == 0.5


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [
        # (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n) with z = 1.959964, by hand:
        # 8 of 10: (0.8 + 0.192073 -+ 0.313638) / 1.384146
        (8, 10, 0.4901625, 0.9433178),
        (0, 10, 0.0, 0.2775328),  # z2 / (n + z2) = 3.841459 / 13.841459
        (10, 10, 0.7224672, 1.0),
        (50, 100, 0.4038315, 0.5961685),
    ],
)
def test_wilson_interval(right, n, low, high):
    assert wilson_interval(right, n) == pytest.approx((low, high), abs=1e-6)


def test_score_by_hand():
    scores = score(np.array([0, 1]), np.array([[0.9, 0.1], [0.8, 0.2]], dtype=np.float32))
    assert (scores.examples, scores.accuracy) == (2, 0.5)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert scores.loss == pytest.approx((0.105361 + 1.609438) / 2, abs=1e-5)


def test_a_probability_of_zero_does_not_make_the_loss_infinite():
    scores = score(np.array([1]), np.array([[1.0, 0.0]], dtype=np.float32))
    assert scores.loss == pytest.approx(27.631, abs=1e-3)  # -ln 1e-12


def test_a_set_of_one_label_is_one_label():
    """Of [x, x, -, -] the texts 1 and 3 are named: F1 = 2 / (2 + 1 + 1), not the mean with "-"."""
    targets, probabilities = np.array([[1], [1], [0], [0]]), np.array([[0.9], [0.1], [0.9], [0.1]])
    found = score_sets(targets, probabilities)
    assert (found.accuracy, found.micro_f1, found.macro_f1) == (0.5, 0.5, 0.5)
    (only,) = label_figures(["x"], targets, probabilities)
    assert (only.examples, only.named, only.found, only.f1) == (2, 2, 1, 0.5)


def test_answers_that_are_no_numbers_are_scored_all_the_same():
    found = score_numbers(np.array([1.0, 2.0]), np.array([np.nan, np.inf]))
    assert (found.examples, found.pearson, found.spearman) == (2, 0.0, 0.0)
    assert np.isnan(found.loss)
    assert score_numbers(np.array([1.0]), np.array([3.0])) == NumberScores(1, 2.0, 0.0, 0.0, 4.0)
