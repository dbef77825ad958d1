"""The bootstrap: by example and by group, against what is known without it."""

import numpy as np
import pytest

from bertlab.datasets.examples import Examples, load_examples, save_examples
from bertlab.finetuning.evaluation import Evaluation
from bertlab.finetuning.metrics import (
    RESAMPLES,
    bootstrap_interval,
    group_members,
    has_groups,
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
    members = group_members(["a", "", "a", ""])
    assert [places.tolist() for places in members] == [[0, 2], [1], [3]]
    assert has_groups(["a", "", "a"])
    assert not has_groups(["a", "", "b", ""])
    assert not has_groups(None)


def test_within_each_class_by_hand():
    """Class 0 right and wrong, class 1 right: 2, 1 or 0 of class 0 are right, in 1, 2, 1 of 4.

    Both right: macro-F1 1. None right: class 0 has F1 0, class 1 two wrong names, 2 / (1 + 3): 1/4.
    Without the classes one draw in 27 is the wrong text thrice, more than the 2.5 % below: 0.
    """
    told = figures_of_test(evaluation([0, 0, 1], [0, 1, 1]), ("neg", "pos"), 0.0)
    assert told.macro_f1_interval == pytest.approx((0.25, 1.0))
    right = np.array([1.0, 0.0, 1.0])
    classes = np.array([0, 0, 1])
    within = bootstrap_interval(lambda at: float(right[at].mean()), 3, classes=classes)
    assert within == pytest.approx((1 / 3, 1.0))
    assert bootstrap_interval(lambda at: float(right[at].mean()), 3)[0] == 0.0


def test_within_each_class_as_the_normal_distribution_does():
    """90 of 100 and 10 of 20 right, each class by itself: the mean of the two shares is 0.7.

    Its variance is that of both shares, over 4: (0.9 x 0.1 / 100 + 0.5 x 0.5 / 20) / 4 = 0.0579^2.
    """
    classes = np.repeat([0, 1], [100, 20])
    right = np.concatenate([np.arange(100) < 90, np.arange(20) < 10])

    def mean_recall(at):
        return float(np.mean([right[at][classes[at] == one].mean() for one in (0, 1)]))

    found = bootstrap_interval(mean_recall, 120, classes=classes)
    assert found == pytest.approx((0.7 - 1.96 * 0.0579, 0.7 + 1.96 * 0.0579), abs=0.015)


def test_the_only_text_of_a_class_is_always_drawn():
    told = figures_of_test(evaluation([0, 1], [0, 0]), ("neg", "pos"), 0.0)
    assert told.macro_f1_interval == pytest.approx((1 / 3, 1 / 3))  # (2/3 + 0) / 2


def test_every_sample_has_as_many_of_each_class():
    classes = np.repeat([0, 1, 2], [5, 3, 1])
    seen = []
    bootstrap_interval(
        lambda at: float(seen.append(np.bincount(classes[at]).tolist()) or 0), 9, classes=classes
    )
    assert len(seen) >= RESAMPLES
    assert {tuple(counts) for counts in seen} == {(5, 3, 1)}


def test_accuracy_has_wilsons_interval_and_macro_f1_its_own():
    labels = [0] * 50 + [1] * 50
    predicted = [0] * 40 + [1] * 10 + [1] * 35 + [0] * 15
    told = figures_of_test(evaluation(labels, predicted), ("neg", "pos"), 0.0)
    assert told.interval == wilson_interval(75, 100)
    assert told.interval_method == "wilson"
    low, high = told.macro_f1_interval
    assert low < told.macro_f1 < high
    assert 0.1 < high - low < 0.25


def test_with_groups_both_are_drawn_by_group():
    labels = [0] * 50 + [1] * 50
    predicted = [0] * 40 + [1] * 10 + [1] * 35 + [0] * 15
    groups = [f"g{at // 5}" for at in range(100)]
    alone = figures_of_test(evaluation(labels, predicted), ("neg", "pos"), 0.0)
    told = figures_of_test(evaluation(labels, predicted), ("neg", "pos"), 0.0, groups=groups)
    assert told.interval_method == "bootstrap by group"
    for name in ("interval", "macro_f1_interval"):  # whole groups are wrong together
        assert np.ptp(getattr(told, name)) > 1.5 * np.ptp(getattr(alone, name))


def test_groups_are_kept_with_the_examples(tmp_path):
    rows = Examples(("a", "b"), None, ("x", "y"), ("x", "y"), (2, 3), groups=("one", ""))
    save_examples(rows, tmp_path / "test.csv")
    assert load_examples(tmp_path / "test.csv") == rows
