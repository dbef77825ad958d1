"""How good a model is on labels, sets of labels or numbers, and how sure one can be of that."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

RESAMPLES = 1_000

Places = npt.NDArray[np.int64]


def bootstrap_interval(
    measure: Callable[[Places], float], count: int, *, groups: Sequence[str] | None = None
) -> tuple[float, float]:
    """Bound a figure's true value with 95 % confidence (Efron 1979), seeded.

    The examples are drawn again and again, with replacement; where some belong together, such as
    the texts of one customer, whole groups are drawn: their errors go together, and ten texts of
    one group tell less than ten of ten.

    Args:
        measure: The figure of a sample: int64 places of the examples -> its value.
        count: How many examples there are.
        groups: The group of each example; "" is a group of its own.

    Returns:
        Lower and upper end.
    """
    random = np.random.default_rng(0)
    members = group_members(count, groups)
    values = []
    for _ in range(RESAMPLES):  # one at a time: all together they would take gigabytes
        drawn = random.integers(len(members), size=len(members))
        values.append(measure(np.concatenate([members[at] for at in drawn])))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def group_members(count: int, groups: Sequence[str] | None) -> list[Places]:
    """List the places of each group: ["a", "", "a"] -> [[0, 2], [1]].

    Args:
        count: How many examples there are.
        groups: The group of each; "" is a group of its own. None: all are.
    """
    if groups is None:
        return [np.array([at]) for at in range(count)]
    names = [group or at for at, group in enumerate(groups)]
    found: dict[str | int, list[int]] = {}
    for at, name in enumerate(names):
        found.setdefault(name, []).append(at)
    return [np.array(places) for places in found.values()]


def has_groups(groups: Sequence[str] | None) -> bool:
    """Whether some examples belong together."""
    if groups is None:
        return False
    named = [group for group in groups if group]
    return len(set(named)) < len(named)


Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scores:
    """How a model did on one part of the data.

    Args:
        examples: how many were asked.
        accuracy: share answered rightly, 0 to 1.
        macro_f1: mean of the F1 of every class, 0 to 1; rare classes count like common ones.
        loss: mean cross-entropy in nats; log(number of labels) is blind guessing.
    """

    examples: int
    accuracy: float
    macro_f1: float
    loss: float

    @property
    def quality(self) -> float:
        """What validation chooses by; higher is better.

        Accuracy rather than loss: with few texts a model's loss rises while it still gets better
        at answering, as it grows too sure of its mistakes.
        """
        return self.accuracy


def score(labels: Ints, probabilities: npt.NDArray[np.floating]) -> Scores:
    """Sum up predictions in four numbers.

    labels [0, 1], probabilities [[0.9, 0.1], [0.8, 0.2]]
    -> accuracy 0.5, macro-F1 (2/3 + 0) / 2, loss (-ln 0.9 - ln 0.2) / 2 = 0.857

    Args:
        labels: int64 (examples,), the right answers as label ids.
        probabilities: (examples, labels), each row sums to 1.
    """
    predicted = probabilities.argmax(axis=1)  # (examples,)
    chosen = probabilities[np.arange(len(labels)), labels]  # (examples,)
    # A probability of exactly 0 in float32 would make the loss infinite.
    loss = float(-np.log(np.maximum(chosen, 1e-12)).mean())
    return Scores(len(labels), accuracy(labels, predicted), macro_f1(labels, predicted), loss)


def accuracy(labels: Ints, predicted: Ints) -> float:
    """Tell the share of right answers: [0, 1, 1] against [0, 1, 0] -> 2/3."""
    return float((labels == predicted).mean())


def macro_f1(labels: Ints, predicted: Ints) -> float:
    """Average the F1 of the classes that occur in the labels or in the predictions.

    labels [0, 0, 1], predicted [0, 1, 1]: class 0 has F1 2/3, class 1 has 2/3 -> 2/3.
    F1 = 2 TP / (2 TP + FP + FN). It is what scikit-learn's `f1_score(average="macro")` returns.
    """
    parts = []
    for label in np.union1d(labels, predicted):
        right = int(((labels == label) & (predicted == label)).sum())
        parts.append(2 * right / int((labels == label).sum() + (predicted == label).sum()))
    return float(np.mean(parts))


def macro_f1_of(table: Ints) -> float:
    """Average the F1 of the classes from a confusion matrix: [[1, 1], [0, 1]] -> 2/3.

    Classes that occur in neither labels nor predictions are left out.
    """
    asked = table.sum(axis=1) + table.sum(axis=0)  # (labels,): 2 TP + FP + FN
    return float((2 * np.diag(table)[asked > 0] / asked[asked > 0]).mean())


def confusion(labels: Ints, predicted: Ints, *, count: int) -> Ints:
    """Count who was taken for whom: int64 (true label, predicted label).

    labels [0, 0, 1], predicted [0, 1, 1], count 2 -> [[1, 1], [0, 1]]
    """
    table = np.zeros((count, count), dtype=np.int64)
    np.add.at(table, (labels, predicted), 1)
    return table


def majority_share(labels: Ints) -> float:
    """Tell the accuracy of always answering the commonest label: [0, 0, 1] -> 2/3."""
    return float(np.bincount(labels).max() / len(labels))


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """Bound the true share behind `successes` of `n` with 95 % confidence (Wilson, 1927).

    8 of 10 -> (0.490, 0.943); unlike the textbook's +/- it never leaves 0 to 1.

    Args:
        successes: right answers.
        n: answers in all, at least 1.

    Returns:
        Lower and upper end, 0 to 1.
    """
    z = 1.959964  # the normal distribution has 95 % of its mass within +/- z
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


Numbers = npt.NDArray[Any]
RESAMPLES = 2_000


@dataclass(frozen=True)
class NumberScores:
    """How a model did on one part of the data.

    Args:
        examples: how many were asked.
        mean_absolute_error: mean distance from the right number, in its own unit.
        pearson: correlation of right and predicted numbers, -1 to 1; 0 where one is constant.
        spearman: the same of their ranks.
        loss: mean squared error in squared standard deviations of the training part; 1 is what
            always answering the mean comes to, about.
    """

    examples: int
    mean_absolute_error: float
    pearson: float
    spearman: float
    loss: float

    @property
    def quality(self) -> float:
        """What validation chooses by; higher is better."""
        return -self.loss


def score_numbers(targets: Numbers, predicted: Numbers, *, deviation: float = 1.0) -> NumberScores:
    """Sum up predictions.

    targets [1, 2, 4], predicted [1, 3, 3] -> mean absolute error 2/3, Pearson 0.756, Spearman
    0.866, loss 2/3 (deviation 1)

    Args:
        targets: (examples,), the right numbers.
        predicted: (examples,), in the same unit.
        deviation: of the training part, for the loss.
    """
    differences = np.asarray(predicted, dtype=np.float64) - np.asarray(targets, dtype=np.float64)
    return NumberScores(
        examples=len(targets),
        mean_absolute_error=float(np.abs(differences).mean()),
        pearson=correlation(targets, predicted),
        spearman=correlation(ranks(targets), ranks(predicted)),
        loss=float((differences**2).mean() / deviation**2),
    )


def correlation(one: Numbers, other: Numbers) -> float:
    """Pearson's correlation, 0 where one of the two is constant."""
    x = np.asarray(one, dtype=np.float64) - np.mean(one)
    y = np.asarray(other, dtype=np.float64) - np.mean(other)
    size = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return float((x * y).sum() / size) if size > 0 else 0.0


def ranks(values: Numbers) -> Numbers:
    """Rank numbers from 1; equal ones share the mean of their ranks: [3, 1, 3] -> [2.5, 1, 2.5]."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return ((last - counts + 1 + last) / 2)[places]


def error_interval(errors: Numbers) -> tuple[float, float]:
    """Bound the true mean absolute error with 95 % confidence: percentile bootstrap, seeded.

    Args:
        errors: (examples,), absolute errors.

    Returns:
        Lower and upper end (Efron 1979).
    """
    random, values = np.random.default_rng(0), np.asarray(errors)
    means = [  # one at a time: all together they would take gigabytes
        values[random.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


THRESHOLD = 0.5  # a label is named from this probability on

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SetScores:
    """How a model did on one part of the data.

    Args:
        examples: how many were asked.
        accuracy: share with exactly the right labels, 0 to 1.
        micro_f1: F1 of all (text, label) decisions together, 0 to 1.
        macro_f1: mean of the F1 of every label that occurs, 0 to 1.
        loss: mean binary cross-entropy in nats; ln 2 is a coin toss for each label.
    """

    examples: int
    accuracy: float
    micro_f1: float
    macro_f1: float
    loss: float

    @property
    def quality(self) -> float:
        """What validation chooses by: exact matches are rare in the beginning."""
        return self.micro_f1


def score_sets(targets: npt.NDArray[Any], probabilities: npt.NDArray[np.floating]) -> SetScores:
    """Sum up predictions.

    targets [[1, 0], [1, 1]], probabilities [[0.9, 0.2], [0.8, 0.4]]: the first text is right, of
    the second one label of two is found -> accuracy 0.5, micro-F1 4/5, macro-F1 (1 + 0) / 2.

    Args:
        targets: 0 or 1 (examples, labels).
        probabilities: (examples, labels), each 0 to 1.
    """
    wanted, named = targets > THRESHOLD, probabilities >= THRESHOLD
    right = np.where(wanted, probabilities, 1 - probabilities)
    return SetScores(
        examples=len(targets),
        accuracy=float((wanted == named).all(axis=1).mean()),
        micro_f1=_f1(wanted.ravel(), named.ravel()),
        macro_f1=macro_f1_of_sets(wanted, named),
        loss=float(-np.log(np.maximum(right, 1e-12)).mean()),
    )


def label_figures(targets: npt.NDArray[Any], probabilities: npt.NDArray[np.floating]) -> list[dict]:
    """Tell for each label how often it is right, named and found.

    Returns:
        A dict for each label: "examples" that have it, "named" by the model, "found" (both), and
        "precision", "recall" and "f1"; None where there is nothing to divide by.
    """
    wanted, named = targets > THRESHOLD, probabilities >= THRESHOLD
    both = (wanted & named).sum(axis=0)
    rows = zip(wanted.sum(axis=0).tolist(), named.sum(axis=0).tolist(), both.tolist(), strict=True)
    return [
        {
            "examples": have,
            "named": said,
            "found": hit,
            "precision": hit / said if said else None,
            "recall": hit / have if have else None,
            "f1": 2 * hit / (have + said) if have + said else None,
        }
        for have, said, hit in rows
    ]


def macro_f1_of_sets(wanted: Bools, named: Bools) -> float:
    """Labels that neither occur nor are named have no F1."""
    does_occur = (wanted | named).any(axis=0)
    parts = [_f1(wanted[:, at], named[:, at]) for at in np.flatnonzero(does_occur)]
    return float(np.mean(parts)) if parts else 1.0


def _f1(wanted: Bools, named: Bools) -> float:
    """2 TP / (2 TP + FP + FN); 1 where nothing is wanted and nothing named."""
    total = int(wanted.sum() + named.sum())
    return 2 * int((wanted & named).sum()) / total if total else 1.0
