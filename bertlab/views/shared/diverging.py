"""The scale of differences: PuOr, orange below 0, purple above, the page's ground at 0."""

from typing import Any

import numpy as np
from plotly.colors import hex_to_rgb

from bertlab.views.shared.palette import Theme, palette_of

# The steps of PuOr (Cynthia Brewer, colorbrewer2.org) from the middle outwards.
ORANGE = ((254, 224, 182), (253, 184, 99), (224, 130, 20), (179, 88, 6), (127, 59, 8))
PURPLE = ((216, 218, 235), (178, 171, 210), (128, 115, 172), (84, 39, 136), (45, 0, 75))


def difference_scale(theme: Theme) -> list[tuple[float, str]]:
    """The colour scale as Plotly takes it: 0 is the lowest difference, 0.5 none, 1 the highest.

    On a dark ground the steps run the other way round, so that what is far from 0 stands out.
    """
    below, above = (_half(steps, theme) for steps in (ORANGE, PURPLE))
    count = len(below)
    lower = [(0.5 - 0.5 * i / (count - 1), _css(below[i])) for i in reversed(range(1, count))]
    upper = [(0.5 + 0.5 * i / (count - 1), _css(above[i])) for i in range(count)]
    return lower + upper


def difference_colour(value: float, top: float, theme: Theme) -> tuple[str, str]:
    """The colour of one difference on the scale from -top to top, and that of ink upon it.

    `difference_colour(0.0, 1.0, "light")` is ("rgb(255, 255, 255)", "#000000").
    """
    steps = _half(PURPLE if value > 0 else ORANGE, theme)
    place = min(1.0, abs(value) / top if top else 0.0) * (len(steps) - 1)
    parts = [np.interp(place, range(len(steps)), column) for column in zip(*steps, strict=True)]
    colour = tuple(round(float(part)) for part in parts)
    inks = ("#000000", "#FFFFFF")
    return _css(colour), max(inks, key=lambda ink: _contrast(hex_to_rgb(ink), colour))


def signed(value: float, decimals: int = 2) -> str:
    """Write a difference with its sign, a true minus among them; nothing has none.

    >>> signed(-0.497), signed(0.2), signed(-0.001)
    ('−0.50', '+0.20', '0.00')
    """
    text = f"{value:+.{decimals}f}"
    return text.replace("-", "−") if text.strip("+-0.") else text[1:]


def numbers_in_cells(
    values: np.ndarray, texts: list[list[str]], top: float, theme: Theme, *, size: int
) -> list[dict[str, Any]]:
    """Write a number into each cell of a heatmap, in the ink that stands out on its colour.

    (Plotly's own texts have one ink for all, or grey.)

    Args:
        values: (rows, columns): differences, on a scale from -top to top.
        texts: What to write, row by row.
        top: The end of the scale.
        theme: The page's ground.
        size: Of the letters, in px.
    """
    return [
        {
            **{"x": column, "y": row, "text": texts[row][column], "showarrow": False},
            "font": {"size": size, "color": difference_colour(value, top, theme)[1]},
        }
        for row, line in enumerate(values.tolist())
        for column, value in enumerate(line)
    ]


def _half(steps: tuple[tuple[int, ...], ...], theme: Theme) -> list[tuple[int, ...]]:
    ground = tuple(hex_to_rgb(palette_of(theme).ground))
    return [ground, *(steps[:0:-1] if theme == "dark" else steps)]


def _css(colour: tuple[int, ...]) -> str:
    return f"rgb({colour[0]}, {colour[1]}, {colour[2]})"


def _contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """As WCAG counts it: 1 for the same colour, 21 for black on white."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[int, ...]) -> float:
    shares = [part / 255 for part in colour]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
