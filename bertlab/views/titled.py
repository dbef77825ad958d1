"""The frame of a plain Plotly figure: its title, its legend above, a ground that lets through."""

import plotly.graph_objects as go

from bertlab.views.palette import Palette
from bertlab.views.plotly_text import escape


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
