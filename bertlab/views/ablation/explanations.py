"""Four methods' answers token by token, and how alike their orders are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.inspection.ablation.explanations import METHODS, Explanations, Method
from bertlab.views.shared.diverging import difference_colour, difference_scale, numbers_in_cells
from bertlab.views.shared.heatmap import attention_scale
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape
from bertlab.views.shared.shortening import shorten

NAMES: dict[Method, str] = {
    "occlusion": "token ablation",
    "gradients": "gradients × input",
    "integrated": "integrated gradients",
    "rollout": "attention rollout",
}
PANEL, GAP = 104, 34  # px: one row of bars, and the line above it
HEIGHT = len(METHODS) * (PANEL + GAP)  # of all rows
SIDE = 62  # px to the left and right of the bars
BAR = 46  # px for one token; past `MANY` tokens less
MANY = 24
RIM = 0.08  # of a row's range, beyond its longest bars


def attribution_rows(
    found: Explanations,
    tokens: Sequence[str],
    *,
    position: int,
    title: str,
    theme: Theme,
) -> go.Figure:
    """Four rows of bars over the same tokens, each on its own largest size.

    Args:
        found: From `explain`.
        tokens: As they are drawn, masks in their places.
        position: The blank, which is marked.
        title: What is to be seen, as plain text.
        theme: The page's ground.
    """
    palette, count = palette_of(theme), len(tokens)
    axes: dict[str, Any] = {"xaxis": _token_axis(tokens)}
    bars, headings = [], []
    for row, method in enumerate(METHODS):
        name = "y" if row == 0 else f"y{row + 1}"
        top = 1 - (row * (PANEL + GAP) + GAP) / HEIGHT
        bars.append(_bars(found, method, tokens, name, theme))
        axes[name.replace("y", "yaxis")] = _row_axis(top, _shares(found.values[method]), palette)
        headings.append(_row_heading(_heading(found, method), top, palette))
    sides = {"x0": position - 0.5, "x1": position + 0.5, "y0": 0, "y1": 1}
    blank = {"type": "rect", "xref": "x", "yref": "paper", **sides}
    look = {"fillcolor": palette.mask_fill, "layer": "below", "line": {"color": palette.mask}}
    cell = BAR if count <= MANY else max(16, 1100 // count)
    layout = {
        **_frame(title, palette),
        "width": max(340, count * cell + 2 * SIDE),
        "height": HEIGHT + 40 + 96,
        "margin": {"l": SIDE // 2, "r": SIDE // 2, "t": 40, "b": 96},
        "bargap": 0.2,
    }
    return go.Figure(bars, layout | axes | {"shapes": [blank | look], "annotations": headings})


def _frame(title: str, palette: Palette) -> dict[str, Any]:
    return {
        "title": {
            **{"text": escape(title), "font": {"size": 17}, "x": 0, "xanchor": "left"},
            **{"y": 1, "yanchor": "top", "yref": "container", "pad": {"t": 12}},
        },
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.text, "size": 13, "family": "Source Sans, sans-serif"},
        "showlegend": False,
    }


def _token_axis(tokens: Sequence[str]) -> dict[str, Any]:
    """Words stand aslant; Chinese characters upright."""
    is_upright = all(len(token) == 1 for token in tokens if not token.startswith(("[", "<")))
    return {
        **{"tickvals": list(range(len(tokens))), "anchor": "y4", "fixedrange": True},
        **{"ticktext": [escape(shorten(token)) for token in tokens], "showgrid": False},
        **{"range": [-0.5, len(tokens) - 0.5], "tickangle": 0 if is_upright else -55},
        **{"zeroline": False, "tickfont": {"family": "Source Code Pro, monospace", "size": 13}},
    }


def _row_axis(top: float, shares: np.ndarray, palette: Palette) -> dict[str, Any]:
    """Zero, and as much above and below it as the row's own bars need."""
    low, high = min(0.0, float(shares.min())), max(0.0, float(shares.max()))
    rim = RIM * ((high - low) or 1.0)
    return {
        "domain": [max(0.0, top - PANEL / HEIGHT), top],
        "range": [low - rim * (low < 0), high + rim * (high > 0 or low == 0)],
        **{"showticklabels": False, "showgrid": False, "fixedrange": True},
        **{"zeroline": True, "zerolinecolor": palette.muted, "zerolinewidth": 1},
    }


def _row_heading(text: str, top: float, palette: Palette) -> dict[str, Any]:
    return {
        **{"text": f"<b>{text}</b>", "x": 0, "y": top, "xref": "paper", "yref": "paper"},
        **{"xanchor": "left", "yanchor": "bottom", "showarrow": False},
        "font": {"size": 14, "color": palette.text},
    }


def _bars(
    found: Explanations, method: Method, tokens: Sequence[str], axis: str, theme: Theme
) -> go.Bar:
    values = found.values[method]
    shares = _shares(values)
    is_signed = method != "rollout"
    if is_signed:
        colours = [difference_colour(float(share), 1.0, theme)[0] for share in shares]
    else:
        scale = attention_scale(theme)
        colours = [scale[round(20 * float(share))][1] for share in shares]
    shown = [f"{value:+.3f} nats" if is_signed else f"{value:.1%}" for value in values]
    return go.Bar(
        x=list(range(len(tokens))),
        y=shares,
        yaxis=axis,
        marker={"color": colours, "line": {"width": 1, "color": palette_of(theme).muted}},
        customdata=[
            f"{escape(token)} ({i}): {text}"
            for i, (token, text) in enumerate(zip(tokens, shown, strict=True))
        ],
        hovertemplate=f"%{{customdata}}<extra>{NAMES[method]}</extra>",
    )


def _shares(values: np.ndarray) -> np.ndarray:
    """Of the row's largest size: -1..1."""
    return values / (float(np.abs(values).max()) or 1.0)


def _heading(found: Explanations, method: Method) -> str:
    largest = float(np.abs(found.values[method]).max())
    size = f"{largest:.1%}" if method == "rollout" else f"{largest:.3f} nats"
    name = NAMES[method]
    return f"{name[0].upper()}{name[1:]}: the longest bar is {size}"


def describe_attributions(found: Explanations, tokens: Sequence[str]) -> str:
    """The four rows in words: each one's three largest tokens."""
    return "Token by token, four methods. " + " ".join(
        f"{NAMES[method].capitalize()}: {_largest(found, method, tokens)}." for method in METHODS
    )


def _largest(found: Explanations, method: Method, tokens: Sequence[str]) -> str:
    values = found.values[method]
    best = np.argsort(-np.abs(values), kind="stable")[:3]
    unit = " of the whole" if method == "rollout" else " nats"
    return ", ".join(f"{tokens[i]} ({i}) {values[i]:.3f}{unit}" for i in best)


def attribution_table(found: Explanations, tokens: Sequence[str]) -> pd.DataFrame:
    """A row for each token; nats, and shares in the rollout."""
    columns = {NAMES[method]: found.values[method] for method in METHODS}
    return pd.DataFrame({"position": range(len(tokens)), "token": list(tokens), **columns})


def correlation_grid(found: Explanations, *, title: str, theme: Theme) -> go.Figure:
    """Four by four: how alike the orders are, from -1 to 1."""
    palette = palette_of(theme)
    names = [NAMES[method].replace(" ", "<br>", 1) for method in METHODS]
    table = found.correlation
    shown = [["–" if np.isnan(v) else f"{v:.2f}".replace("-", "−") for v in row] for row in table]
    pairs = [[f"{NAMES[one]} and {NAMES[other]}" for other in METHODS] for one in METHODS]
    known = np.where(np.isnan(table), 0.0, table)
    cells = go.Heatmap(
        z=known,
        zmin=-1, zmax=1, xgap=2, ygap=2,
        colorscale=difference_scale(theme), text=shown,
        customdata=pairs, hovertemplate="%{customdata}: %{text}<extra></extra>",
        colorbar={"thickness": 12, "tickfont": {"size": 13}, "outlinewidth": 1,
                  "outlinecolor": palette.grid, "tickvals": [-1, -0.5, 0, 0.5, 1]},
    )  # fmt: skip
    axis = {"fixedrange": True, "showgrid": False, "zeroline": False, "tickfont": {"size": 13},
            "tickvals": list(range(len(names))), "ticktext": names, "ticks": ""}  # fmt: skip
    layout = {
        **_frame(title, palette),
        **{"width": 440, "height": 400, "margin": {"l": 74, "r": 54, "t": 92, "b": 8}},
        "plot_bgcolor": palette.ground,
        "xaxis": {**axis, "side": "top", "tickfont": {"size": 12}},
        "yaxis": {**axis, "autorange": "reversed"},
        "annotations": numbers_in_cells(known, shown, 1.0, theme, size=15),
    }
    return go.Figure([cells], layout)


def describe_correlation(found: Explanations) -> str:
    """The grid in words, pair by pair."""
    pairs = [
        f"{NAMES[METHODS[i]]} and {NAMES[METHODS[j]]} {found.correlation[i, j]:.2f}"
        for i in range(len(METHODS))
        for j in range(i)
    ]
    return f"Rank correlation of the sizes: {', '.join(pairs)}."


def correlation_table(found: Explanations) -> pd.DataFrame:
    """The grid's numbers."""
    names = [NAMES[method] for method in METHODS]
    frame = pd.DataFrame(found.correlation, columns=names)
    frame.insert(0, "method", names)
    return frame
