"""Runs that predict a number, in pictures: the numbers themselves, and right against predicted."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.runs import PredictedRow
from bertlab.views.fine_tuning.results import printable, thin_layout
from bertlab.views.shared.palette import Palette
from bertlab.views.shared.plotly_text import escape

MOST_BARS = 30
MOST_POINTS = 2_000  # more of them are a cloud either way
HOVERED = 80  # characters of a text


def number_histogram(numbers: Sequence[float], palette: Palette, *, name: str) -> go.Figure:
    """How often which number is to be predicted."""
    counts, edges = _bins(numbers)
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2, y=counts, width=0.92 * np.diff(edges),
            marker_color=palette.query,
            customdata=np.stack([edges[:-1], edges[1:]], axis=-1),
            hovertemplate="%{customdata[0]:.4g} to %{customdata[1]:.4g}: %{y:,}<extra></extra>",
        )
    )  # fmt: skip
    thin_layout(figure, palette, 220)
    figure.update_xaxes(title=_axis_title(name))
    figure.update_yaxes(title=_axis_title("texts"), gridcolor=palette.grid, showgrid=True)
    return figure


def _bins(numbers: Sequence[float]) -> tuple[Any, Any]:
    """Cut the scale into bars; numbers that hardly differ stand in one."""
    try:
        return np.histogram(numbers, bins=min(MOST_BARS, len(set(numbers))))
    except ValueError:
        return np.array([len(numbers)]), np.array([min(numbers) - 0.5, max(numbers) + 0.5])


def histogram_table(numbers: Sequence[float]) -> pd.DataFrame:
    """One row a bar; a number on the border of two is counted in the upper one, but for the last.

    >>> histogram_table([1.0, 2.0, 2.0]).values.tolist()
    [[1.0, 1.5, 1.0], [1.5, 2.0, 2.0]]
    """
    counts, edges = _bins(numbers)
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], "texts": counts})


def describe_numbers(numbers: Sequence[float], *, name: str) -> str:
    """The histogram in words.

    >>> describe_numbers([1.0, 2.0, 6.0], name="stars")
    'stars: from 1 to 6, mean 3, median 2.'
    """
    middle = float(np.median(numbers))
    return (
        f"{name}: from {min(numbers):.4g} to {max(numbers):.4g}, mean {np.mean(numbers):.4g}, "
        f"median {middle:.4g}."
    )


def number_scatter(
    predictions: Sequence[PredictedRow], palette: Palette, *, name: str
) -> go.Figure:
    """Right number across, predicted number up; on the line both are the same."""
    rows = predictions[:: max(1, -(-len(predictions) // MOST_POINTS))]
    right = [float(row.label) for row in rows]
    predicted = [float(row.predicted) for row in rows]
    ends = [min(right + predicted), max(right + predicted)]
    figure = go.Figure(
        [
            go.Scatter(x=ends, y=ends, mode="lines", hoverinfo="skip",
                       line={"color": palette.muted, "dash": "dash", "width": 1.5}),
            go.Scatter(
                x=right, y=predicted, mode="markers", marker={"color": palette.query, "size": 7,
                "opacity": 0.7}, customdata=[escape(printable(row)[:HOVERED]) for row in rows],
                hovertemplate="right %{x:.6g}, predicted %{y:.6g}<br>%{customdata}<extra></extra>",
            ),
        ]
    )  # fmt: skip
    thin_layout(figure, palette, 380)
    figure.update_layout(showlegend=False)
    grid = {"gridcolor": palette.grid, "showgrid": True}
    figure.update_xaxes(title=_axis_title(f"right: {name}"), **grid)
    figure.update_yaxes(title=_axis_title("predicted"), **grid)
    return figure


def _axis_title(text: str) -> dict[str, Any]:
    return {"text": escape(text), "standoff": 12, "font": {"size": 14}}


def describe_scatter(predictions: Sequence[PredictedRow]) -> str:
    """The picture in words: how many predictions are how far off."""
    errors = sorted(abs(float(row.predicted) - float(row.label)) for row in predictions)
    half = errors[(len(errors) - 1) // 2]
    return (
        f"Right against predicted numbers of {len(errors):,} texts: half of the predictions are "
        f"off by {half:.3g} or less, the worst by {errors[-1]:.3g}."
    )


def errors_table(predictions: Sequence[PredictedRow]) -> pd.DataFrame:
    """All rows, those furthest off first."""
    rows = [(row, float(row.predicted) - float(row.label)) for row in predictions]
    rows.sort(key=lambda pair: -abs(pair[1]))
    return pd.DataFrame(
        {
            "row": [row.row for row, _ in rows],
            "right": [float(row.label) for row, _ in rows],
            "predicted": [float(row.predicted) for row, _ in rows],
            "off by": [float(f"{error:.4g}") for _, error in rows],
            "text": [printable(row) for row, _ in rows],
        }
    )
