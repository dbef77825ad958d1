"""A training curve smoothed, and a learning rate in words."""

from __future__ import annotations

from collections.abc import Sequence

MEAN_OF = 0.9  # share of the old mean in each step of the running mean

Point = tuple[float, float]


def running_mean(points: Sequence[Point]) -> list[Point]:
    """Smooth a curve: an exponential mean, corrected for its start (as in Adam).

    >>> running_mean([(0, 1.0), (1, 1.0), (2, 1.0)])
    [(0, 1.0), (1, 1.0), (2, 1.0)]

    Args:
        points: step or rate, and loss or accuracy.
    """
    mean, weight, smooth = 0.0, 0.0, []
    for x, y in points:
        mean = MEAN_OF * mean + (1 - MEAN_OF) * y
        weight = MEAN_OF * weight + (1 - MEAN_OF)
        smooth.append((x, round(mean / weight, 4)))
    return smooth


def rate_text(rate: float | None) -> str:
    """Write a learning rate as people do.

    >>> rate_text(0.0003), rate_text(0.00015)
    ('3e-4', '1.5e-4')
    """
    if rate is None:
        return "–"
    digits, exponent = f"{rate:.1e}".split("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}"
