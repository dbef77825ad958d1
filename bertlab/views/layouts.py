"""The frame that Plotly figures share: a title on the left, the page's own ground, its ink."""

from typing import Any

from bertlab.views.palette import Palette
from bertlab.views.plotly_text import escape


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
