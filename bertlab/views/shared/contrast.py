"""Numbers that can be read on cells of any colour."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from plotly.colors import unlabel_rgb

INKS = ("#000000", "#FFFFFF")


def luminance(colour: Sequence[float] | np.ndarray) -> float:
    """How light a colour is, by WCAG 2: 0 for black, 1 for white.

    Args:
        colour: Red, green and blue in 0..1.
    """
    parts = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in colour]
    return float(0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2])


def contrast(first: float, second: float) -> float:
    """WCAG's contrast of two luminances: 1 for the same, 21 for black on white."""
    low, high = sorted((first, second))
    return (high + 0.05) / (low + 0.05)


def ink_on(ground: Sequence[float] | np.ndarray) -> str:
    """Black or white, whichever stands out more: at least 4.5 to 1 on any colour."""
    return max(INKS, key=lambda ink: contrast(luminance(ground), float(ink == "#FFFFFF")))


def cell_colours(shares: np.ndarray, scale: Sequence[tuple[float, str]]) -> np.ndarray:
    """The colours of cells: (..., 3), red, green and blue in 0..1.

    Args:
        shares: (...), where each cell is on the scale, 0 to 1.
        scale: Points in 0..1 and their colours as "rgb(1, 2, 3)".
    """
    points = [point for point, _ in scale]
    channels = np.array([unlabel_rgb(colour) for _, colour in scale]).T / 255  # (3, points)
    return np.stack([np.interp(shares, points, channel) for channel in channels], axis=-1)


def cell_texts(
    grid: np.ndarray,
    texts: Sequence[Sequence[str]],
    *,
    scale: Sequence[tuple[float, str]],
    top: float,
    size: int | None = None,
) -> list[dict[str, Any]]:
    """Write a number into each cell of a heatmap, as Plotly's annotations.

    Args:
        grid: (row, column), the values behind the colours, 0 at the weak end.
        texts: What is written, row by row.
        scale: The heatmap's colour scale.
        top: The value at the strong end.
        size: Of the letters in px; the figure's own where it is left out.
    """
    grounds = cell_colours(np.nan_to_num(grid) / top, scale)  # (row, column, 3)
    return [
        {"x": column, "y": row, "text": texts[row][column], "showarrow": False,
         "font": {"color": ink_on(grounds[row, column]), "size": size}}
        for row, column in np.ndindex(*grid.shape)
    ]  # fmt: skip
