"""How alike two lists rank the same things."""

from collections.abc import Sequence

import numpy as np


def ranks(values: np.ndarray) -> np.ndarray:
    """Number values from the smallest, 1, on; equal ones share the mean of their numbers.

    >>> ranks(np.array([10.0, 30.0, 20.0, 20.0])).tolist()
    [1.0, 4.0, 2.5, 2.5]
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)  # the number of the last one of each value
    return (last - (counts - 1) / 2)[place]


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation: 1 for the same order, -1 for the opposite one.

    The correlation of the ranks (Spearman 1904), so that ties are counted right. [1, 2, 3, 4] and
    [1, 3, 2, 4] -> 1 - 6 * 2 / (4 * 15) = 0.8. NaN where one of them is all the same.
    """
    one, other = (ranks(values) - ranks(values).mean() for values in (first, second))
    spread = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / spread) if spread > 0 else float("nan")


def correlations(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Compare each with each: float64 (rows, rows) of `spearman`, 1 on the diagonal."""
    table = np.eye(len(rows))
    for i, first in enumerate(rows):
        for j, second in enumerate(rows[:i]):
            table[i, j] = table[j, i] = spearman(first, second)
    return table
