"""The bootstrap: by example and by group, against what is known without it."""

import numpy as np
import pytest

from bertlab.datasets.examples import Examples, load_examples, save_examples
from bertlab.finetuning.evaluation import Evaluation
from bertlab.finetuning.metrics import (
    bootstrap_interval,
    confusion,
    group_members,
    has_groups,
    macro_f1,
    macro_f1_of,
    wilson_interval,
)
from bertlab.finetuning.report import figures_of_test
from bertlab.finetuning.tasks import SingleLabel


def evaluation(labels, predicted) -> Evaluation:
    answers = np.eye(2, dtype=np.float32)[predicted] * 0.8 + 0.1
    return Evaluation(np.array(labels), answers, SingleLabel())


def test_a_mean_is_bounded_as_the_normal_distribution_does():
    """150 of 200 right: 0.75 +/- 1.96 sqrt(0.75 x 0.25 / 200) = 0.69 to 0.81."""
    right = np.arange(200) < 150
    low, high = bootstrap_interval(lambda at: float(right[at].mean()), 200)
    assert (low, high) == pytest.approx((0.69, 0.81), abs=0.01)
    assert (low, high) == bootstrap_interval(lambda at: float(right[at].mean()), 200)  # seeded


def test_ten_copies_of_twenty_texts_tell_no_more_than_twenty():
    """Groups of ten, each right or wrong as a whole: the interval is that of 20 texts."""
    right = np.repeat(np.arange(20) < 15, 10)
    groups = [f"g{at // 10}" for at in range(200)]
    low, high = bootstrap_interval(lambda at: float(right[at].mean()), 200, groups=groups)
    assert (low, high) == pytest.approx((0.55, 0.90), abs=0.051)  # 11 and 18 of 20


def test_who_has_no_group_is_a_group():
    members = group_members(4, ["a", "", "a", ""])
    assert [places.tolist() for places in members] == [[0, 2], [1], [3]]
    assert has_groups(["a", "", "a"])
    assert not has_groups(["a", "", "b", ""])
    assert not has_groups(None)


def test_macro_f1_of_a_confusion_matrix_is_that_of_the_answers():
    labels, predicted = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 1, 2])
    table = confusion(labels, predicted, count=4)  # class 3 occurs nowhere
    assert macro_f1_of(table) == pytest.approx(macro_f1(labels, predicted))


def test_accuracy_has_wilsons_interval_and_macro_f1_its_own():
    labels = [0] * 50 + [1] * 50
    predicted = [0] * 40 + [1] * 10 + [1] * 35 + [0] * 15
    told = figures_of_test(evaluation(labels, predicted), ("neg", "pos"), 0.0)
    assert told["interval"] == list(wilson_interval(75, 100))
    assert told["interval_method"] == "wilson"
    low, high = told["macro_f1_interval"]
    assert low < told["macro_f1"] < high
    assert 0.1 < high - low < 0.25


def test_with_groups_both_are_drawn_by_group():
    labels = [0] * 50 + [1] * 50
    predicted = [0] * 40 + [1] * 10 + [1] * 35 + [0] * 15
    groups = [f"g{at // 5}" for at in range(100)]
    alone = figures_of_test(evaluation(labels, predicted), ("neg", "pos"), 0.0)
    told = figures_of_test(evaluation(labels, predicted), ("neg", "pos"), 0.0, groups=groups)
    assert told["interval_method"] == "bootstrap by group"
    for name in ("interval", "macro_f1_interval"):
        assert np.ptp(told[name]) > 1.5 * np.ptp(alone[name])  # whole groups are wrong together


def test_groups_are_kept_with_the_examples(tmp_path):
    rows = Examples(("a", "b"), None, ("x", "y"), ("x", "y"), (2, 3), groups=("one", ""))
    save_examples(rows, tmp_path / "test.csv")
    assert load_examples(tmp_path / "test.csv") == rows
