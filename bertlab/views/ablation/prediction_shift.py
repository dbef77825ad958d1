"""The answers for one blank before and after, on one scale, and what is between them."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from bertlab.inspection.ablation.prediction_shift import Moved
from bertlab.inspection.minimal_pairs import ComparedAnswer
from bertlab.views.shared.diverging import difference_colour, signed
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape

ROW, ABOVE = 30, 92  # px
PANELS = ((0.0, 0.28), (0.33, 0.61), (0.66, 1.0))  # of the width: before, after, change
ROOM_FOR_NUMBER, ON_BOTH_SIDES = 1.5, 2.1  # times the longest bar, so that its number has room


def moved_bars(moved: Moved, *, title: str, names: tuple[str, str], theme: Theme) -> go.Figure:
    """Three columns of bars with the same words: before, after, and the change between them.

    Args:
        moved: From `moved_answers`.
        title: What is to be seen, as plain text.
        names: What the first two columns are.
        theme: The page's ground.
    """
    palette = palette_of(theme)
    answers = moved.answers[::-1]  # the first bar stands lowest
    tokens = [escape(answer.token) for answer in answers]
    ink = [palette.value if a.token == moved.watched.token else palette.query for a in answers]
    differences = [a.second - a.first for a in answers]
    widest = max(map(abs, differences)) or 1.0
    colours = [difference_colour(difference, widest, theme)[0] for difference in differences]
    bars = [
        _bars(tokens, [a.first for a in answers], ink, "x", "%{x:.2%}"),
        _bars(tokens, [a.second for a in answers], ink, "x2", "%{x:.2%}"),
        _bars(tokens, differences, colours, "x3", "%{x:+.2%}"),
    ]
    bars[2].marker.line = {"color": palette.muted, "width": 1}
    top = max(max(a.first, a.second) for a in answers)
    layout = _layout(title, len(answers), palette)
    axes = _axes(ROOM_FOR_NUMBER * top, ON_BOTH_SIDES * widest, palette)
    return go.Figure(bars, layout | axes | {"annotations": _headings(names, palette)})


def _layout(title: str, rows: int, palette: Palette) -> dict[str, Any]:
    return {
        "title": {
            **{"text": escape(title), "font": {"size": 16}, "x": 0, "xanchor": "left"},
            **{"y": 1, "yanchor": "top", "yref": "container", "pad": {"t": 12}},
        },
        "height": ROW * rows + ABOVE,
        "margin": {"l": 0, "r": 20, "t": ABOVE - 14, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.text, "size": 14, "family": "Source Sans, sans-serif"},
        "showlegend": False,
        "bargap": 0.25,
    }


def _axes(top: float, widest: float, palette: Palette) -> dict[str, Any]:
    """Before and after end at `top`; the change runs from -widest to widest."""
    hidden = {"visible": False, "fixedrange": True, "range": [0, top]}
    zero = {"zeroline": True, "zerolinecolor": palette.muted, "zerolinewidth": 1}
    bare = {"showticklabels": False, "showgrid": False, "fixedrange": True}
    return {
        "xaxis": {**hidden, "domain": PANELS[0]},
        "xaxis2": {**hidden, "domain": PANELS[1]},
        "xaxis3": {**bare, **zero, "domain": PANELS[2], "range": [-widest, widest]},
        "yaxis": {
            **{"type": "category", "fixedrange": True, "automargin": True},
            "ticklabelstandoff": 6,
            "tickfont": {"family": "Source Code Pro, monospace", "size": 14},
        },
    }


def _headings(names: tuple[str, str], palette: Palette) -> list[dict[str, Any]]:
    """What stands above the three columns; the last one stands over its zero."""
    places = [(PANELS[0][0], "left"), (PANELS[1][0], "left"), (sum(PANELS[2]) / 2, "center")]
    return [
        {
            **{"text": f"<b>{escape(name)}</b>", "x": x, "xanchor": anchor, "showarrow": False},
            **{"y": 1, "yanchor": "bottom", "xref": "paper", "yref": "paper"},
            "font": {"size": 13, "color": palette.text},
        }
        for name, (x, anchor) in zip((*names, "Change"), places, strict=True)
    ]


def _bars(
    names: list[str], values: list[float], colours: list[str], axis: str, form: str
) -> go.Bar:
    return go.Bar(
        x=values,
        y=names,
        xaxis=axis,
        orientation="h",
        marker={"color": colours},
        text=[f"{v:.1%}" if axis != "x3" else signed(100 * v, 1) for v in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: " + form + "<extra></extra>",
    )


def describe_moved(moved: Moved) -> str:
    """The same in words, for a screen reader."""
    rows = ", ".join(_in_words(answer) for answer in moved.answers)
    return f"Probabilities with all heads on, and with some off: {rows}."


def _in_words(answer: ComparedAnswer) -> str:
    return f"{answer.token} {answer.first:.1%} and {answer.second:.1%}"


def moved_table(moved: Moved) -> pd.DataFrame:
    """The figure's numbers; probabilities in 0..1."""
    rows = [(a.token, a.first, a.second, a.second - a.first) for a in moved.answers]
    return pd.DataFrame(rows, columns=["token", "before", "after", "change"])
