"""What each head's loss does, as a grid of layers and heads: for one sentence, for many."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.views.shared.diverging import (
    difference_colour,
    difference_scale,
    numbers_in_cells,
    signed,
)
from bertlab.views.shared.palette import Palette, Theme, palette_of

SMALLEST_TOP = 0.1  # nats: differences below it are not blown up to the whole scale
NUMBERED_AT_MOST = 16  # heads in a row; past it cells are too small for numbers


@dataclass(frozen=True)
class HeadCell:
    """One head as a switch shows it: its number, the colour of its ground and of its ink."""

    layer: int
    head: int
    text: str
    fill: str
    ink: str


def scale_top(*grids: np.ndarray) -> float:
    """Where a scale ends that all these grids share, in nats."""
    return max(SMALLEST_TOP, *(float(np.abs(grid).max()) for grid in grids))


def switch_cells(change: np.ndarray, top: float, theme: Theme) -> list[HeadCell]:
    """Every head of a grid (layers, heads) of changes in nats, layer by layer."""
    return [
        HeadCell(layer, head, signed(value), *difference_colour(value, top, theme))
        for layer, row in enumerate(change.tolist())
        for head, value in enumerate(row)
    ]


def importance_grid(
    change: np.ndarray,
    *,
    title: str,
    top: float,
    theme: Theme,
    hover: np.ndarray | None = None,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """Draw a grid: a row for each layer, a column for each head.

    Args:
        change: (layers, heads), in nats.
        title: What is to be seen, as plain text.
        top: The change at both ends of the scale; grids that are compared need the same.
        theme: The page's ground.
        hover: str (layers, heads): more to say about each head.
        chosen: The (layer, head) to outline.
    """
    palette = palette_of(theme)
    layers, heads = change.shape
    texts = [[signed(value) for value in row] for row in change]
    size = 13 if heads <= 8 else 11
    numbers = numbers_in_cells(change, texts, top, theme, size=size)
    cells = go.Heatmap(
        z=change,
        zmin=-top,
        zmax=top,
        colorscale=difference_scale(theme),
        text=texts,
        customdata=hover,
        hovertemplate="Head %{y}.%{x}: %{text} nats"
        + ("<br>%{customdata}" if hover is not None else "")
        + "<extra></extra>",
        xgap=2,
        ygap=2,
        colorbar={
            "title": {"text": "nats", "font": {"size": 13}},
            "tickfont": {"size": 13},
            "thickness": 12,
            "outlinewidth": 1,
            "outlinecolor": palette.grid,
        },
    )
    layout = _grid_layout(layers, heads, title, palette, chosen)
    return go.Figure(
        [cells], layout | {"annotations": numbers if heads <= NUMBERED_AT_MOST else []}
    )


def _grid_layout(
    layers: int, heads: int, title: str, palette: Palette, chosen: tuple[int, int] | None
) -> dict:
    shapes = []
    if chosen is not None:
        layer, head = chosen
        sides = {"x0": head - 0.5, "x1": head + 0.5, "y0": layer - 0.5, "y1": layer + 0.5}
        shapes = [{"type": "rect", **sides, "line": {"color": palette.query, "width": 3}}]
    width = 56 if heads <= 8 else 46
    flat = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticks": ""}
    numbers = {"tickmode": "array", "tickfont": {"size": 13}, **flat}
    return {
        "width": max(360, heads * width + 150),
        "height": layers * 36 + 106,
        "margin": {"l": 52, "r": 80, "t": 92, "b": 10},
        "title": {
            **{"text": title.replace("<", "&lt;"), "font": {"size": 16}, "x": 0, "y": 1},
            **{"xanchor": "left", "yanchor": "top", "yref": "container", "pad": {"t": 12}},
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": palette.ground,
        "font": {"color": palette.text, "size": 13, "family": "Source Sans, sans-serif"},
        "xaxis": {
            **numbers,
            **{"tickvals": list(range(heads)), "title": _axis_name("head"), "side": "top"},
            "range": [-0.5, heads - 0.5],
        },
        "yaxis": {
            **numbers,
            **{"tickvals": list(range(layers)), "title": _axis_name("layer")},
            "range": [layers - 0.5, -0.5],
        },
        "shapes": shapes,
    }


def _axis_name(name: str) -> dict:
    return {"text": name, "font": {"size": 13}, "standoff": 4}


def describe_importance(change: np.ndarray, word: str) -> str:
    """The grid in words: its two ends."""
    low, high = (np.unravel_index(i, change.shape) for i in (change.argmin(), change.argmax()))
    return (
        f"Grid of {change.size} heads: what turning each one off does to the log-probability of "
        f"{word}. Lowest: {change[low]:.3f} nats, head {low[0]}.{low[1]}; highest: "
        f"{change[high]:.3f} nats, head {high[0]}.{high[1]}."
    )


def importance_table(**columns: np.ndarray) -> pd.DataFrame:
    """Grids (layers, heads) as a table with a row for each head."""
    first = next(iter(columns.values()))
    places = {name: axis.ravel() for name, axis in zip(
        ("layer", "head"), np.indices(first.shape), strict=True)}  # fmt: skip
    return pd.DataFrame(places | {name: grid.ravel() for name, grid in columns.items()})
