"""What the learning-rate finder saw: the loss against the rate, on a logarithmic axis."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from bertlab.training.curves import Point, rate_text, running_mean
from bertlab.views.shared.palette import Palette


def rate_curve(points: Sequence[Point], palette: Palette, *, suggestion: float | None) -> go.Figure:
    """Draw each step's loss pale, the running mean strong, the suggestion as a line."""
    figure = go.Figure()
    for name, some, width, opacity in (
        ("loss of each step", points, 1, 0.45),
        ("its running mean", running_mean(points), 2.5, 1.0),
    ):
        figure.add_scatter(
            x=[rate for rate, _ in some], y=[loss for _, loss in some], name=name, mode="lines",
            line={"color": palette.query, "width": width}, opacity=opacity,
            hovertemplate="rate %{x:.1e}: %{y:.3f}<extra></extra>",
        )  # fmt: skip
    if suggestion is not None:
        figure.add_vline(suggestion, line={"color": palette.value, "dash": "dash", "width": 2})
    figure.update_layout(
        height=260, margin={"l": 56, "r": 8, "t": 8, "b": 46}, font_color=palette.text,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1.12, "x": 0},
    )  # fmt: skip
    figure.update_xaxes(
        type="log",
        title="learning rate",
        gridcolor=palette.grid,
        dtick=1,
        exponentformat="power",
    )
    figure.update_yaxes(title="training loss", gridcolor=palette.grid)
    return figure


def rates_table(points: Sequence[Point]) -> pd.DataFrame:
    """One row a step."""
    means = [mean for _, mean in running_mean(points)]
    table = pd.DataFrame(points, columns=["learning rate", "loss"])
    return table.assign(**{"running mean": means})


def describe_rates(points: Sequence[Point], suggestion: float | None) -> str:
    """Say what the curve shows, in a sentence or two."""
    curve = running_mean(points)
    rate, lowest = min(curve, key=lambda point: point[1])
    if suggestion is None:
        ends = f"{rate_text(points[0][0])} to {rate_text(points[-1][0])}"
        return (
            f"In {len(points)} steps from {ends} the loss hardly fell, so nothing clear is to be "
            "seen. Keep the rate that suits the model."
        )
    return (
        f"The smoothed loss fell from {curve[0][1]:.2f} to {lowest:.2f} at a rate of "
        f"{rate_text(rate)}; a tenth of that, {rate_text(suggestion)}, is a cautious choice."
    )
