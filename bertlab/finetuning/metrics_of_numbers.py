"""How good a model is that predicts a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
