"""Vectors as strips of colour: one small cell a number, orange above 0, purple below."""

from base64 import b64encode
from collections.abc import Iterable
from math import ceil, sqrt

import numpy as np
from plotly.colors import sample_colorscale

from bertlab.views.palette import Theme, palette_of

STEPS = 127  # colours on each side of 0
TOP_SHARE = 99.0  # of all numbers, in per cent, lie within the scale; the rest take its ends
# PuOr (Brewer), from 0 outwards. On a dark ground it runs from the dark tones to the pale ones.
ENDS = {
    "light": (("#FDB863", "#E08214", "#B35806", "#7F3B08"), ("#B2ABD2", "#8073AC", "#542788",
                                                              "#2D004B")),
    "dark": (("#7F3B08", "#B35806", "#E08214", "#FEE0B6"), ("#542788", "#8073AC", "#B2ABD2",
                                                             "#E6E7F5")),
}  # fmt: skip


def diverging_colours(theme: Theme) -> list[str]:
    """255 CSS colours from the strongest below 0 through the page's ground to above 0."""
    ground = palette_of(theme).ground
    points = [i / STEPS for i in range(STEPS + 1)]
    above, below = (sample_colorscale([ground, *end], points) for end in ENDS[theme])
    return [*below[:0:-1], *above]


def common_top(vectors: Iterable[np.ndarray]) -> float:
    """Where the scale of some strips ends: `TOP_SHARE` per cent of their numbers lie within."""
    sizes = np.concatenate([np.abs(vector).ravel() for vector in vectors])
    return max(float(np.percentile(sizes, TOP_SHARE)), 1e-6)


def colour_levels(values: np.ndarray, top: float) -> np.ndarray:
    """Which colour each number has: int8, 0 for 0, 127 for `top` and above.

    The level grows with the root of the number, so that small numbers are seen beside large ones:
    with `top` 4, 1 has the level 64, half of 4's.
    """
    shares = np.clip(np.nan_to_num(values) / top, -1.0, 1.0)
    return np.round(STEPS * np.sign(shares) * np.sqrt(np.abs(shares))).astype(np.int8)


def packed_levels(values: np.ndarray, top: float) -> str:
    """`colour_levels` as base64, one byte a number."""
    return b64encode(colour_levels(values.ravel(), top).tobytes()).decode()


def packed_numbers(values: np.ndarray) -> str:
    """The numbers themselves as base64, float32, little end first."""
    return b64encode(np.ascontiguousarray(values.ravel(), dtype="<f4").tobytes()).decode()


def columns_for(count: int) -> int:
    """In how many columns a strip is wrapped, four times as wide as high: 32 for 256 numbers."""
    return ceil(sqrt(4 * count))
