"""Cosines: of two tokens by layer, of a token's neighbours, of all positions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.inspection.embeddings.neighbours import Neighbours
from bertlab.inspection.embeddings.positions import PositionSimilarity
from bertlab.inspection.embeddings.similarity import Baseline
from bertlab.inspection.layers import depth_name
from bertlab.views.shared.diverging import difference_scale
from bertlab.views.shared.layouts import band, base_layout, curve_layout, marks
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape

BAR = 30  # px


def cosine_curve(
    cosines: np.ndarray, baseline: Baseline, depth: int, *, title: str, theme: Theme
) -> go.Figure:
    """Two tokens' cosine by depth, over the band of 95 % of random pairs.

    Args:
        cosines: (depth,), from `cosines_by_depth`.
        baseline: Of random pairs.
        depth: The depth whose point is larger.
        title: What is to be seen, as plain text.
        theme: The page's ground.
    """
    colours = palette_of(theme)
    names = [depth_name(at) for at in range(len(cosines))]
    middle = go.Scatter(
        x=names,
        y=baseline.means,
        mode="lines",
        name="their mean",
        line={"color": colours.muted, "width": 2, "dash": "dash"},
        hovertemplate="%{x}: random pairs %{y:.2f} on average<extra></extra>",
    )
    line = go.Scatter(
        x=names,
        y=cosines,
        mode="lines+markers",
        name="these two tokens",
        line={"color": colours.query, "width": 3},
        marker=marks(len(names), depth),
        hovertemplate="%{x}: cosine %{y:.3f}<extra></extra>",
    )
    behind = band(names, baseline.low, baseline.high, "95 % of random pairs", colours)
    layout = curve_layout(title, names, "cosine", colours, height=380)
    low = min(0.0, float(cosines.min()), float(baseline.low.min()))
    layout["yaxis"]["range"] = [low - 0.05, 1.05]
    return go.Figure([behind, middle, line], layout)


def describe_cosines(cosines: np.ndarray, baseline: Baseline) -> str:
    """Both curves in words."""
    rows = "; ".join(
        f"{depth_name(depth)} {cosine:.2f} (random pairs {mean:.2f})"
        for depth, (cosine, mean) in enumerate(zip(cosines, baseline.means, strict=True))
    )
    return f"Cosine similarity by layer: {rows}."


def cosines_frame(cosines: np.ndarray, baseline: Baseline) -> pd.DataFrame:
    """One row a depth."""
    return pd.DataFrame(
        {
            "depth": [depth_name(depth) for depth in range(len(cosines))],
            "cosine": cosines,
            "random_mean": baseline.means,
            "random_low": baseline.low,
            "random_high": baseline.high,
        }
    )


def neighbour_bars(neighbours: Neighbours, *, theme: Theme) -> go.Figure:
    """The nearest pieces as bars; a line where the best of random directions would end."""
    colours = palette_of(theme)
    rows = neighbours.nearest[::-1]  # the first bar stands lowest
    bars = go.Bar(
        x=[row.cosine for row in rows],
        y=list(range(len(rows))),
        orientation="h",
        marker={"color": colours.query},
        text=[f"{row.cosine:.2f}" for row in rows],
        textposition="outside",
        cliponaxis=False,
        customdata=[[escape(row.token), row.token_id] for row in rows],
        hovertemplate="%{customdata[0]}, id %{customdata[1]}: cosine %{x:.3f}<extra></extra>",
    )
    reach = max(rows[-1].cosine, neighbours.by_chance)
    layout = base_layout(f"Nearest to “{neighbours.token}”", colours) | {
        "height": BAR * len(rows) + 88,
        "margin": {"l": 10, "r": 10, "t": 44, "b": 34},
        "bargap": 0.25,
        **_chance(neighbours.by_chance, colours),
        "xaxis": {"visible": False, "range": [min(0.0, rows[0].cosine), 1.15 * reach],
                  "fixedrange": True},
        "yaxis": {
            **{"tickvals": list(range(len(rows))), "ticktext": [escape(r.token) for r in rows]},
            **{"automargin": True, "fixedrange": True, "ticklabelstandoff": 6},
            "tickfont": {"family": "Source Code Pro, monospace", "size": 14},
        },
    }  # fmt: skip
    return go.Figure([bars], layout)


def _chance(cosine: float, colours: Palette) -> dict[str, Any]:
    """A dashed line with its name below."""
    line = {
        **{"type": "line", "xref": "x", "yref": "paper", "x0": cosine, "x1": cosine},
        **{"y0": 0, "y1": 1, "line": {"color": colours.key, "width": 2, "dash": "dash"}},
    }
    name = {
        **{"x": cosine, "y": 0, "yref": "paper", "yanchor": "top", "yshift": -4},
        **{"text": "chance", "showarrow": False, "font": {"size": 13, "color": colours.key}},
    }
    return {"shapes": [line], "annotations": [name]}


def describe_neighbours(neighbours: Neighbours) -> str:
    """The neighbours in words."""
    rows = ", ".join(f"{row.token} {row.cosine:.2f}" for row in neighbours.nearest)
    return f"Nearest input embeddings to “{neighbours.token}”: {rows}."


def neighbours_frame(neighbours: Neighbours) -> pd.DataFrame:
    """One row a neighbour."""
    rows = [(n.token, n.token_id, n.cosine) for n in neighbours.nearest]
    return pd.DataFrame(rows, columns=["token", "token_id", "cosine"])


def position_map(
    similarity: PositionSimilarity, *, title: str, trained: int | None, theme: Theme
) -> go.Figure:
    """The cosine of all pairs of positions; a line where training ended, if before the end.

    Args:
        similarity: From `compare_positions`.
        title: What is to be seen, as plain text.
        trained: How many positions the model saw; None where its card does not say.
        theme: The page's ground.
    """
    colours = palette_of(theme)
    places = similarity.positions
    step = similarity.step
    cells = go.Heatmap(
        z=similarity.cosines,
        x=places,
        y=places,
        **{"zmin": -1.0, "zmax": 1.0, "colorscale": difference_scale(theme)},
        hovertemplate="positions %{y} and %{x}: cosine %{z:.2f}<extra></extra>",
        colorbar={
            **{"thickness": 12, "tickvals": [-1, 0, 1]},
            "tickfont": {"size": 13, "color": colours.text},
        },
    )
    end = places[-1] + step / 2
    axis = {
        **{"showgrid": False, "zeroline": False, "fixedrange": True, "constrain": "domain"},
        "tickfont": {"size": 13, "color": colours.text},
        "title": {"text": "position", "font": {"size": 13, "color": colours.text}},
    }
    layout = base_layout(title, colours) | {
        "width": 520,
        "height": 500,
        "margin": {"l": 62, "r": 20, "t": 44, "b": 52},
        "xaxis": axis | {"range": [-step / 2, end]},
        "yaxis": axis | {"range": [end, -step / 2], "scaleanchor": "x"},
        "shapes": _trained_lines(trained, end, colours),
    }
    return go.Figure([cells], layout)


def describe_positions(similarity: PositionSimilarity) -> str:
    """The picture in words."""
    return (
        f"Cosine of {len(similarity.positions)} position embeddings with each other: neighbours "
        f"{similarity.next:.2f} on average, positions at least half of the length apart "
        f"{similarity.far:.2f}."
    )


def positions_frame(similarity: PositionSimilarity) -> pd.DataFrame:
    """A square table: rows and columns are positions."""
    table = pd.DataFrame(similarity.cosines, columns=[str(p) for p in similarity.positions])
    table.insert(0, "position", similarity.positions)
    return table


def _trained_lines(trained: int | None, end: float, colours: Palette) -> Sequence[dict[str, Any]]:
    if not trained or trained >= end:
        return []
    pen = {"line": {"color": colours.key, "width": 2, "dash": "dash"}, "type": "line"}
    at = trained - 0.5
    return [
        pen | {"x0": at, "x1": at, "y0": -0.5, "y1": end},
        pen | {"x0": -0.5, "x1": end, "y0": at, "y1": at},
    ]
