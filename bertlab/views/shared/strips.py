"""Vectors as strips of colour: one small cell a number, purple above 0, orange below."""

from base64 import b64encode
from collections.abc import Iterable
from math import ceil, sqrt

import numpy as np
from plotly.colors import sample_colorscale

from bertlab.views.shared.diverging import difference_scale
from bertlab.views.shared.palette import Theme

STEPS = 127  # colours on each side of 0
SHARE_TOPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
TOP_SHARE = 99.0  # of all numbers, in per cent, lie within the scale; the rest take its ends


def diverging_colours(theme: Theme) -> list[str]:
    """255 CSS colours from the strongest below 0 through the page's ground to above 0."""
    points = [i / (2 * STEPS) for i in range(2 * STEPS + 1)]
    return list(sample_colorscale([list(step) for step in difference_scale(theme)], points))


def common_top(vectors: Iterable[np.ndarray]) -> float:
    """Where the scale of some strips ends: `TOP_SHARE` per cent of their numbers lie within."""
    sizes = np.concatenate([np.abs(vector).ravel() for vector in vectors])
    return max(float(np.percentile(sizes, TOP_SHARE)), 1e-6)


def share_top(shares: np.ndarray) -> float:
    """Where the scale of some shares ends: at 1, or lower where none comes near it.

    Over a long text every weight is small; on a scale to 1 all of them would be the page's ground.

    >>> share_top(np.array([0.3, 0.7])), share_top(np.array([0.004, 0.13]))
    (1.0, 0.2)
    """
    return min(top for top in SHARE_TOPS if top >= min(float(shares.max()), 1.0))


def colour_levels(values: np.ndarray, top: float) -> np.ndarray:
    """Which colour each number has: int8, 0 for 0, 127 for `top` and above.

    The level grows with the root of the number, so that small numbers are seen beside large ones:
    with `top` 4, 1 has the level 64, half of 4's.
    """
    shares = np.clip(np.nan_to_num(values) / top, -1.0, 1.0)
    levels: np.ndarray = np.round(STEPS * np.sign(shares) * np.sqrt(np.abs(shares)))
    return levels.astype(np.int8)


def packed_levels(values: np.ndarray, top: float) -> str:
    """`colour_levels` as base64, one byte a number."""
    return b64encode(colour_levels(values.ravel(), top).tobytes()).decode()


def packed_numbers(values: np.ndarray) -> str:
    """The numbers themselves as base64, float32, little end first."""
    return b64encode(np.ascontiguousarray(values.ravel(), dtype="<f4").tobytes()).decode()


def columns_for(count: int) -> int:
    """In how many columns a strip is wrapped, four times as wide as high: 32 for 256 numbers."""
    return ceil(sqrt(4 * count))
