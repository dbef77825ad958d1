"""The figures of the test part, with what tells how far they can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from bertlab.datasets import MULTI_LABEL, REGRESSION
from bertlab.datasets.label_sets import join_labels
from bertlab.finetuning.loop import Evaluation
from bertlab.finetuning.metrics import confusion, macro_f1_of, majority_share, wilson_interval
from bertlab.finetuning.metrics_of_numbers import error_interval
from bertlab.finetuning.metrics_of_sets import THRESHOLD, label_figures, macro_f1_of_sets
from bertlab.finetuning.resampling import bootstrap_interval, has_groups

Answers = npt.NDArray[np.float32]


def figures_of_test(
    asked: Evaluation,
    names: Sequence[str],
    median: float,
    *,
    groups: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Add to a part's scores an interval, a simple baseline and what went wrong where.

    Args:
        asked: the finished model's answers to the test part.
        names: the labels, in the order of their ids.
        median: of the training part's numbers, which a baseline always answers; of a task with
            labels it is not looked at.
        groups: of each text, where the table has a column of groups, whose texts go together.

    Returns:
        The scores, and "interval", the 95 % interval of the first of them; "interval_method" says
        how it was found. One label per text: "majority_share", "confusion" and
        "macro_f1_interval". Several: "majority_share", of the commonest set, "macro_f1_interval"
        and "per_label". A number: "baseline_error", of always answering the median.
    """
    told = dict(vars(asked.scores()))
    if asked.task.problem_type == REGRESSION:
        return told | _of_numbers(asked, median)
    groups = groups if has_groups(groups) else None
    if asked.task.problem_type == MULTI_LABEL:
        return told | _of_sets(asked, names, groups)
    return told | _of_classes(asked, len(names), groups)


def answer_of_row(
    problem_type: str, names: Sequence[str], answers: Answers
) -> tuple[str, float | None]:
    """Say what a model answers to one text, and how sure it is.

    names ["neg", "pos"], answers [0.1, 0.9] -> ("pos", 0.9). Of several labels [0.8, 0.1] is
    ("neg", 0.8 * 0.9): the probability of exactly these, were they independent. Of a number
    [3.81] is ("3.81", None), in float32's seven digits.
    """
    if problem_type == REGRESSION:
        return f"{float(answers[0]):.7g}", None  # all digits of float32
    if problem_type == MULTI_LABEL:
        named = [name for name, p in zip(names, answers, strict=True) if p >= THRESHOLD]
        sure = np.where(answers >= THRESHOLD, answers, 1 - answers).prod()
        return join_labels(named), float(sure)
    best = int(np.argmax(answers))
    return names[best], float(answers[best])


def _of_classes(asked: Evaluation, count: int, groups: Sequence[str] | None) -> dict[str, Any]:
    predicted = asked.answers.argmax(axis=1)  # (examples,)
    cells = asked.labels * count + predicted  # (examples,): of the confusion matrix

    def macro(places: npt.NDArray[np.int64]) -> float:
        table = np.bincount(cells[places], minlength=count * count).reshape(count, count)
        return macro_f1_of(table)

    return {
        **_interval(predicted == asked.labels, groups),
        "macro_f1_interval": list(bootstrap_interval(macro, len(predicted), groups=groups)),
        "majority_share": majority_share(asked.labels),
        "confusion": confusion(asked.labels, predicted, count=count).tolist(),
    }


def _of_sets(
    asked: Evaluation, names: Sequence[str], groups: Sequence[str] | None
) -> dict[str, Any]:
    wanted = asked.labels > THRESHOLD  # (examples, labels)
    named = asked.answers >= THRESHOLD

    def macro(places: npt.NDArray[np.int64]) -> float:
        return macro_f1_of_sets(wanted[places], named[places])

    commonest = Counter(map(bytes, wanted)).most_common(1)[0][1]
    figures = label_figures(asked.labels, asked.answers)
    return {
        **_interval((wanted == named).all(axis=1), groups),
        "macro_f1_interval": list(bootstrap_interval(macro, len(wanted), groups=groups)),
        "majority_share": commonest / len(wanted),
        "per_label": [{"label": name, **row} for name, row in zip(names, figures, strict=True)],
    }


def _interval(right: npt.NDArray[np.bool_], groups: Sequence[str] | None) -> dict[str, Any]:
    """Accuracy's interval: Wilson's holds where each text is drawn on its own."""
    if groups is None:
        return {
            "interval": list(wilson_interval(int(right.sum()), len(right))),
            "interval_method": "wilson",
        }
    found = bootstrap_interval(lambda at: float(right[at].mean()), len(right), groups=groups)
    return {"interval": list(found), "interval_method": "bootstrap by group"}


def _of_numbers(asked: Evaluation, median: float) -> dict[str, Any]:
    errors = np.abs(asked.answers[:, 0] - asked.labels)
    return {
        "interval": list(error_interval(errors)),
        "baseline_error": float(np.abs(asked.labels - median).mean()),
    }
