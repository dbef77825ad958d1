"""The frame that Plotly figures share: title, legend, ground, ink."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from bertlab.views.shared.palette import Palette
from bertlab.views.shared.plotly_text import escape


def base_layout(title: str, colours: Palette) -> dict[str, Any]:
    """Title, ground and ink; a figure adds its size, margins and axes.

    Args:
        title: What is to be seen, as plain text; markup in it stays text.
        colours: Of the page's theme.
    """
    return {
        "title": {
            "text": escape(title),
            "font": {"size": 16, "color": colours.text},
            **{"x": 0.0, "xanchor": "left", "y": 1.0, "yanchor": "top", "yref": "container"},
            "pad": {"t": 10, "l": 4},
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.text, "family": "Source Sans, sans-serif"},
        "hoverlabel": {"font": {"size": 15}, "align": "left"},
        "dragmode": False,
    }


def see_through(colour: str, opacity: float) -> str:
    """A palette's colour, thinned: `see_through("#FF0000", 0.3)` is "rgba(255, 0, 0, 0.3)"."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def curve_layout(
    title: str, names: Sequence[str], unit: str, colours: Palette, *, height: int
) -> dict[str, Any]:
    """The frame of a curve over the depths: their names below, a legend below them.

    Args:
        title: As in `base_layout`.
        names: Of the depths, the embedding's first.
        unit: What the y-axis measures.
        colours: Of the page's theme.
        height: In px.
    """
    ink = {"size": 13, "color": colours.text}
    return base_layout(title, colours) | {
        "height": height,
        "margin": {"l": 56, "r": 14, "t": 44, "b": 80},
        "legend": {"orientation": "h", "x": 0, "y": -0.14, "yanchor": "top", "font": ink},
        "xaxis": {
            **{"tickfont": ink, "showgrid": False, "zeroline": False, "fixedrange": True},
            **{"type": "category", "categoryarray": names, "categoryorder": "array"},
        },
        "yaxis": {
            **{"tickfont": ink, "gridcolor": colours.grid, "zerolinecolor": colours.muted},
            **{"title": {"text": unit, "font": ink}, "fixedrange": True},
        },
    }


def band(
    names: Sequence[str], low: np.ndarray, high: np.ndarray, name: str, colours: Palette
) -> go.Scatter:
    """A grey band behind a curve: between `low` and `high` at each depth."""
    return go.Scatter(
        x=[*names, *names[::-1]],
        y=[*high, *low[::-1]],
        mode="lines",
        fill="toself",
        fillcolor=see_through(colours.muted, 0.28),
        line={"width": 0},
        hoverinfo="skip",
        name=name,
    )


def marks(count: int, chosen: int) -> dict[str, Any]:
    """The points of a curve: the chosen depth's is larger."""
    sizes = [15 if at == chosen else 10 for at in range(count)]
    return {"size": sizes, "opacity": 1}  # Plotly thins markers of several sizes


def frame(
    figure: go.Figure, palette: Palette, title: str, *, height: int, left: int = 60, top: int = 48
) -> None:
    """Give a figure its title, colours and margins; the title is plain text.

    Args:
        figure: To be changed.
        palette: The page's colours.
        title: What is to be seen.
        height: In pixels.
        left: Margin in pixels.
        top: Margin in pixels; a legend needs about 80.
    """
    figure.update_layout(
        height=height,
        margin={"l": left, "r": 50 if left > 60 else 8, "t": top, "b": 50},
        title={"text": escape(title), "font": {"size": 16, "color": palette.text}, "x": 0,
               "xanchor": "left", "pad": {"l": 2}, "y": 0.97, "yanchor": "top"},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "xanchor": "left",
                "traceorder": "normal"},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        font={"color": palette.text, "size": 13, "family": "Source Sans, sans-serif"},
        hoverlabel={"font": {"size": 15, "family": "Source Code Pro, monospace"}},
    )  # fmt: skip
    figure.update_xaxes(title={"font": {"size": 13}, "standoff": 6})
    figure.update_yaxes(title={"font": {"size": 13}, "standoff": 6})
