"""How good a classifier is, and how sure one can be of that with so few examples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
