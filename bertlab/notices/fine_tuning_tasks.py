"""What there is to notice about a run that predicts label sets, or numbers."""

from collections.abc import Mapping
from typing import Any


def of_sets(test: Mapping[str, Any]) -> list[str]:
    """Compare with always giving the commonest set; name the label that is found least.

    Args:
        test: "test" of a run's result.
    """
    low, high = test["interval"]
    share = test["majority_share"]
    asked = f"On {test['examples']:,} texts that it never saw"
    if low > share:
        found = [
            f"{asked}, it gives exactly the right labels in {test['accuracy']:.1%} of cases: more "
            f"than the {share:.1%} of always giving the commonest set, even at the low end of the "
            "interval."
        ]
    elif high < share:
        found = [
            f"{asked}, it gives exactly the right labels in {test['accuracy']:.1%} of cases: less "
            f"than the {share:.1%} of always giving the commonest set."
        ]
    else:
        found = [
            f"The interval ({low:.1%} to {high:.1%}) includes the {share:.1%} of always giving the "
            "commonest set, so this test does not show that anything was learned."
        ]
    return found + _least_found(test)


def _least_found(test: Mapping[str, Any]) -> list[str]:
    known = [row for row in test["per_label"] if row["examples"]]
    if not known:
        return []
    row = min(known, key=lambda row: row["recall"])
    if row["recall"] > 0.5:
        return []
    return [
        f"The label “{row['label']}” is found least: in {row['found']:,} of the "
        f"{row['examples']:,} test texts that have it."
    ]


def of_numbers(test: Mapping[str, Any], name: str) -> list[str]:
    """Compare with always answering the training part's median.

    Args:
        test: "test" of a run's result.
        name: What the number is called.
    """
    low, high = test["interval"]
    error, baseline = test["mean_absolute_error"], test["baseline_error"]
    if high < baseline:
        return [
            f"On {test['examples']:,} texts that it never saw, “{name}” is off by "
            f"{error:.3g} on average: less than the {baseline:.3g} of always answering the "
            "training part's median, even at the high end of the interval."
        ]
    if low > baseline:
        return [
            f"“{name}” is off by {error:.3g} on average: more than the {baseline:.3g} "
            "of always answering the training part's median."
        ]
    return [
        f"The interval ({low:.3g} to {high:.3g}) includes the {baseline:.3g} of always answering "
        "the training part's median, so this test does not show that anything was learned."
    ]
