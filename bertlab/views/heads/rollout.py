"""What reaches one token from the input, layer by layer."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.views.shared.contrast import cell_texts
from bertlab.views.shared.heatmap import attention_scale, label_step
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape
from bertlab.views.shared.shortening import columns_of, shorten

ROW, LEFT, RIGHT, MIN_WIDTH = 34, 70, 90, 560  # px


def rollout_heatmap(
    shares: np.ndarray,
    tokens: Sequence[str],
    *,
    title: str,
    top: float,
    theme: Theme = "light",
) -> go.Figure:
    """Layers down, input tokens across.

    Args:
        shares: (layers, input token), in 0..1.
        tokens: The input's tokens.
        title: What is to be seen, as plain text.
        top: The share at the strong end of the scale; the weak end is 0.
        theme: The page's ground.
    """
    colours = palette_of(theme)
    ink = {"size": 13, "color": colours.text}
    count, layers = len(tokens), len(shares)
    shown = list(range(0, count, label_step(count)))
    named = [f"{escape(token)} ({i})" for i, token in enumerate(tokens)]
    cells = go.Heatmap(
        z=100 * shares.astype(np.float32),
        x=list(range(count)),
        y=list(range(layers)),
        **{"zmin": 0.0, "zmax": 100 * top, "colorscale": attention_scale(theme)},
        customdata=[named] * layers,
        hovertemplate="layer %{y}, from %{customdata}: %{z:.1f} %<extra></extra>",
        colorbar={"ticksuffix": " %", "thickness": 12, "tickfont": ink, "outlinewidth": 1,
                  "outlinecolor": colours.grid},
    )  # fmt: skip
    turned = go.Scatter(x=[None], y=[None], xaxis="x2", hoverinfo="skip", showlegend=False)
    figure = go.Figure([cells, turned], _layout(tokens, shown, layers, title, colours))
    if _cell(count) >= 30:
        texts = [[f"{100 * share:.0f}" for share in row] for row in shares]
        written = cell_texts(shares, texts, scale=attention_scale(theme), top=top)
        figure.layout.annotations = (*figure.layout.annotations, *written)
    return figure


def _layout(
    tokens: Sequence[str], shown: Sequence[int], layers: int, title: str, colours: Palette
) -> dict[str, Any]:
    ink = {"size": 13, "color": colours.text}
    width = max(MIN_WIDTH, LEFT + RIGHT + _cell(len(tokens)) * len(tokens))
    lines = textwrap.wrap(title, width // 9)
    longest = max(columns_of(shorten(tokens[i])) for i in shown)
    above = 30 + 22 * len(lines) + 8 * longest
    return {
        "width": width,
        "height": above + ROW * layers + 12,
        "margin": {"l": LEFT, "r": RIGHT, "t": above, "b": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": colours.ground,
        "font": {"color": colours.text, "family": "Source Sans, sans-serif"},
        "title": {
            "text": "<br>".join(escape(line) for line in lines),
            "font": {"size": 17, "color": colours.text},
            **{"x": 0.0, "xanchor": "left", "y": 1.0, "yanchor": "top", "yref": "container"},
            "pad": {"t": 10 + 11 * (len(lines) - 1), "l": 4},
        },
        **_column_axes(tokens, shown, ink),
        "yaxis": {
            **{"tickvals": list(range(layers)), "tickfont": ink, "ticks": ""},
            **{"title": {"text": "layer", "font": ink}, "showgrid": False, "fixedrange": True},
            "range": [layers - 0.5, -0.5],
        },
    }


def _cell(count: int) -> int:
    """The width of a column in px: 48 up to 18 tokens, then less."""
    return min(48, max(2, 900 // count))


def _column_axes(
    tokens: Sequence[str], shown: Sequence[int], ink: dict[str, Any]
) -> dict[str, Any]:
    """Name the columns: Chinese characters upright, all else on its side, on an axis of its own."""
    upright = [i for i in shown if len(tokens[i]) == 1 and columns_of(tokens[i]) == 2]
    common = {
        **{"side": "top", "showgrid": False, "zeroline": False, "fixedrange": True, "ticks": ""},
        "tickfont": {**ink, "family": "Source Code Pro, monospace"},
        "range": [-0.5, len(tokens) - 0.5],
        "ticklabelstandoff": 4,
    }

    def ticks(places: Sequence[int]) -> dict[str, Any]:
        names = [escape(shorten(tokens[i])) for i in places]
        return {"tickvals": list(places), "ticktext": names}

    turned = ticks([i for i in shown if i not in upright])
    return {
        "xaxis": {**common, **ticks(upright), "tickangle": 0},
        "xaxis2": {**common, **turned, "tickangle": -90, "overlaying": "x"},
    }


def rollout_title(
    shares: np.ndarray, tokens: Sequence[str], token: int, *, is_followed: bool
) -> str:
    """The last layer's two largest shares, as bare numbers with their places.

    Args:
        shares: (layers, input token).
        tokens: The input's tokens.
        token: The one that is followed.
        is_followed: Whether the shares are rollout; else they are the mean attention of each layer.
    """
    row = shares[-1]
    largest = [int(i) for i in np.argsort(-row, kind="stable")[:2]]
    joint = "from" if is_followed else "on"
    said = [f"{100 * row[i]:.1f} % {joint} “{shorten(tokens[i])}” ({i})" for i in largest]
    lead = "Rollout into" if is_followed else "Mean attention of"
    return f"{lead} “{shorten(tokens[token])}” ({token}), last layer: {', '.join(said)}"


def describe_rollout(shares: np.ndarray, tokens: Sequence[str], title: str) -> str:
    """The heatmap in words: its title, and each layer's largest share."""
    best = shares.argmax(axis=1)
    parts = [
        f'layer {layer}: "{tokens[i]}" ({i}) {100 * shares[layer, i]:.1f} %'
        for layer, i in enumerate(best)
    ]
    return f"{title}. The largest share: {'; '.join(parts)}."


def rollout_table(shares: np.ndarray, tokens: Sequence[str]) -> pd.DataFrame:
    """A row for each layer and input token; shares in per cent."""
    rows = [
        (layer, i, token, round(100 * float(shares[layer, i]), 3))
        for layer in range(len(shares))
        for i, token in enumerate(tokens)
    ]
    return pd.DataFrame(rows, columns=["layer", "position", "token", "share %"])
