"""One head's shares beside two comparisons that know nothing of words."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.inspection.heads.roles import FEWEST_ASKED, RoleScores
from bertlab.inspection.heads.targets import ROLES
from bertlab.observations.heads import Rule, compared_with
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape

ROW, BELOW = 54, 124  # px: one role; ticks, axis name and legend
TICKS = (0, 25, 50, 75, 100)  # per cent
TITLE_WIDTH = 38  # characters of a line: the figure stands beside the grid


def role_bars(
    scores: RoleScores,
    layer: int,
    head: int,
    rule: Rule,
    *,
    title: str,
    theme: Theme = "light",
) -> go.Figure:
    """Three bars for each role: the head, its comparison, random weights; a tick to be passed.

    Roles for which too few tokens were asked are left out.
    """
    colours = palette_of(theme)
    shown = _asked_roles(scores)
    where = [escape(rule.names[ROLES[number]]) for number in shown]
    bars = [
        go.Bar(
            x=[100 * part[number, layer, head] for number in shown],
            y=where,
            name=name,
            orientation="h",
            marker=marker,
            hovertemplate=f"%{{y}}, {name}: %{{x:.1f}} %<extra></extra>",
        )
        for name, part, marker in _kinds(scores, colours)
    ]
    needed = [100 * _needed(scores, number, layer, head, rule) for number in shown]
    ticks = go.Scatter(
        x=needed,
        y=where,
        name="needed for a role",
        mode="markers",
        marker={
            "symbol": "line-ns",
            "size": 30,
            "line": {"color": colours.text, "width": 2.5},
        },
        hovertemplate="%{y}: a role from %{x:.1f} % on<extra></extra>",
    )
    return go.Figure([*bars, ticks], _layout(title, len(shown), colours))


def _kinds(scores: RoleScores, colours: Palette) -> list[tuple[str, np.ndarray, dict[str, Any]]]:
    """Name, shares (roles, layers, heads) and looks of each kind of bar."""
    return [
        ("this head", scores.score, {"color": colours.query}),
        ("comparison", scores.baseline, {"color": colours.muted}),
        (
            "random weights",
            scores.twin,
            {
                "color": colours.ground,
                "line": {"color": colours.muted, "width": 1},
                "pattern": {"shape": "/", "fgcolor": colours.muted, "size": 5, "solidity": 0.3},
            },
        ),
    ]


def _needed(scores: RoleScores, number: int, layer: int, head: int, rule: Rule) -> float:
    """The share from which on a head has a role."""
    return float(scores.hurdle[number, layer, head] + rule.threshold)


def _asked_roles(scores: RoleScores) -> list[int]:
    return [number for number in range(len(ROLES)) if scores.asked[number] >= FEWEST_ASKED]


def _layout(title: str, rows: int, colours: Palette) -> dict[str, Any]:
    lines = textwrap.wrap(title, TITLE_WIDTH)
    above = 14 + 22 * len(lines)
    ink = {"size": 13, "color": colours.text}
    return {
        "height": above + ROW * rows + BELOW,
        "margin": {"l": 0, "r": 12, "t": above, "b": BELOW},
        "barmode": "group",
        "bargap": 0.22,
        "bargroupgap": 0.0,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.text, "size": 14, "family": "Source Sans, sans-serif"},
        "title": {
            "text": "<br>".join(escape(line) for line in lines),
            "font": {"size": 17, "color": colours.text},
            **{"x": 0.0, "xanchor": "left", "y": 1.0, "yanchor": "top", "yref": "container"},
            "pad": {"t": 6 + 11 * (len(lines) - 1)},
        },
        "legend": {
            **{"orientation": "h", "xref": "container", "x": 0, "xanchor": "left"},
            **{"yref": "container", "y": 0, "yanchor": "bottom", "entrywidth": 150},
            **{"font": ink, "traceorder": "normal", "itemclick": False, "itemdoubleclick": False},
        },
        "xaxis": {
            **{"range": [0, 105], "tickfont": ink, "fixedrange": True},
            **{"tickvals": TICKS, "ticktext": [f"{tick} %" for tick in TICKS]},
            **{"gridcolor": colours.grid},
            **{"zeroline": True, "zerolinecolor": colours.muted, "zerolinewidth": 1},
            "title": {"text": "share of the head's weight", "font": ink, "standoff": 18},
        },
        "yaxis": {
            **{"autorange": "reversed", "fixedrange": True, "automargin": True},
            **{"tickfont": ink, "ticklabelstandoff": 6, "showgrid": False},
        },
    }


def describe_bars(scores: RoleScores, layer: int, head: int, rule: Rule) -> str:
    """The bars in words, one clause for each role."""
    parts = [
        f"{rule.names[ROLES[n]]} {_share(scores.score, n, layer, head)}, {compared_with(ROLES[n])} "
        f"{_share(scores.baseline, n, layer, head)}, random weights "
        f"{_share(scores.twin, n, layer, head)}"
        for n in _asked_roles(scores)
    ]
    return f"Weight of head {layer}.{head} by what it lies on. {'; '.join(parts)}."


def bars_table(scores: RoleScores, layer: int, head: int, rule: Rule) -> pd.DataFrame:
    """One row a role: the share of the head, of what it is compared with, and what it needs."""
    at = (layer, head)
    rows = [
        (rule.names[ROLES[n]], scores.score[n][at], scores.baseline[n][at], scores.twin[n][at],
         _needed(scores, n, layer, head, rule))
        for n in _asked_roles(scores)
    ]  # fmt: skip
    columns = ["looks at", f"head {layer}.{head}", "comparison", "random weights", "needed"]
    return pd.DataFrame(rows, columns=columns)


def _share(part: np.ndarray, number: int, layer: int, head: int) -> str:
    return f"{100 * part[number, layer, head]:.1f} %"
