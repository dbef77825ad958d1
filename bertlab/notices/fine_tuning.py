"""What there is to notice about a finished run: what its figures allow to say, and no more."""

from collections.abc import Mapping, Sequence
from typing import Any

FEW = 100  # test examples; below that the interval is wide whatever the model does
OVERFIT = 1.25  # a last validation loss this many times the best one


def result_notices(result: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what is true of this run's figures.

    Args:
        result: What the run's `result.json` holds.
        events: The run's history.
    """
    found = []
    if test := result.get("test"):
        found += _of_test(test)
    found += _of_validation(events)
    if result.get("was_stopped"):
        found.append("The run was stopped early, so its model learned less than planned.")
    return found


def _of_test(test: Mapping[str, Any]) -> list[str]:
    low, high = test["interval"]
    majority = test["majority_share"]
    found = []
    if low > majority:
        found.append(
            f"On {test['examples']} examples that it never saw, it is right in "
            f"{test['accuracy']:.1%} of cases: more than the {majority:.1%} of always answering "
            "the commonest label, even at the low end of the interval."
        )
    else:
        found.append(
            f"The interval ({low:.1%} to {high:.1%}) includes the {majority:.1%} of always "
            "answering the commonest label, so this test does not show that anything was learned."
        )
    if test["examples"] < FEW:
        found.append(
            f"{test['examples']} test examples are few: the true accuracy may lie anywhere from "
            f"{low:.0%} to {high:.0%}."
        )
    if test["accuracy"] - test["macro_f1"] > 0.1:
        found.append(
            f"Macro-F1 ({test['macro_f1']:.3f}) is far below accuracy: a rare class is missed."
        )
    return found


def _of_validation(events: Sequence[Mapping[str, Any]]) -> list[str]:
    losses = [event["loss"] for event in events if event["kind"] == "validation"]
    if len(losses) < 3:
        return []
    best = min(losses)
    if losses[-1] > OVERFIT * best:
        return [
            f"The validation loss was best at {best:.3f} and ended at {losses[-1]:.3f}: late in "
            "the run the model learned its training examples by heart."
        ]
    return []
