"""Attention entropy from layer to layer, the model beside its random twin."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.inspection.heads.entropy import LayerEntropy
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape

WIDTH, LAYER = 340, 25  # px, and for each layer: four fit on a phone


def entropy_figure(
    entropy: LayerEntropy, twin: LayerEntropy, *, title: str, theme: Theme = "light"
) -> go.Figure:
    """Layers across, entropy as a share of ln(tokens) up; a band, a line and a dot for each head.

    The band holds 80 % of all heads and sentences.
    """
    colours = palette_of(theme)
    traces = [
        _band(entropy, colours),
        _dots(entropy, colours),
        _curve(twin, "random weights", colours.muted, width=2, dash="dash", size=7),
        _curve(entropy, "mean of the layer", colours.query, width=3, dash="solid", size=10),
    ]
    return go.Figure(traces, _layout(len(entropy.share), title, colours))


def _band(entropy: LayerEntropy, colours: Palette) -> go.Scatter:
    across = list(range(len(entropy.share)))
    return go.Scatter(
        x=[*across, *across[::-1]],
        y=[*(100 * entropy.high), *(100 * entropy.low[::-1])],
        fill="toself",
        mode="lines",
        line={"width": 0},
        fillcolor=_faded(colours.query),
        name="80 % of all",
        hoverinfo="skip",
    )


def _dots(entropy: LayerEntropy, colours: Palette) -> go.Scatter:
    """A dot for each head, side by side."""
    layers, heads = entropy.by_head.shape
    numbers = [(layer, head) for layer in range(layers) for head in range(heads)]
    spread = np.linspace(-0.12, 0.12, heads) if heads > 1 else np.zeros(1)
    return go.Scatter(
        x=[layer + spread[head] for layer, head in numbers],
        y=[100 * entropy.by_head[place] for place in numbers],
        customdata=[f"{layer}.{head}" for layer, head in numbers],
        mode="markers",
        marker={"size": 7, "color": colours.query, "opacity": 0.6},
        name="one head",
        hovertemplate="head %{customdata}: %{y:.1f} % of ln n<extra></extra>",
    )


def _curve(
    entropy: LayerEntropy, name: str, colour: str, *, width: int, dash: str, size: int
) -> go.Scatter:
    """The mean of each layer."""
    return go.Scatter(
        x=list(range(len(entropy.share))),
        y=100 * entropy.share,
        customdata=entropy.nats,
        mode="lines+markers",
        line={"color": colour, "width": width, "dash": dash},
        marker={"size": size},
        name=name,
        hovertemplate=f"{name}, layer %{{x}}: %{{y:.1f}} % of ln n, %{{customdata:.2f}} nats"
        "<extra></extra>",
    )


def _layout(layers: int, title: str, colours: Palette) -> dict[str, Any]:
    ink = {"size": 13, "color": colours.text}
    width = WIDTH + LAYER * layers
    lines = textwrap.wrap(title, width // 9)
    above = 50 + 22 * len(lines)
    return {
        "height": 290 + above,
        "width": width,
        "margin": {"l": 64, "r": 16, "t": above, "b": 48},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": colours.text, "size": 14, "family": "Source Sans, sans-serif"},
        "title": {
            "text": "<br>".join(escape(line) for line in lines),
            "font": {"size": 17, "color": colours.text},
            **{"x": 0.0, "xanchor": "left", "y": 1.0, "yanchor": "top", "yref": "container"},
            "pad": {"t": 8 + 11 * (len(lines) - 1)},
        },
        "legend": {
            **{"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "font": ink},
            "itemwidth": 30,
            **{"itemclick": False, "itemdoubleclick": False},
        },
        "xaxis": {
            **{
                "tickvals": list(range(layers)),
                "title": {"text": "layer", "font": ink},
                "tickfont": ink,
            },
            **{"fixedrange": True, "showgrid": False, "zeroline": False},
        },
        "yaxis": {
            **{"range": [0, 105], "ticksuffix": " %", "tickfont": ink, "fixedrange": True},
            **{"gridcolor": colours.grid, "zeroline": False},
            "title": {"text": "entropy, share of ln n", "font": ink},
        },
    }


def _faded(colour: str) -> str:
    """A CSS colour with a fifth of its strength: `_faded("#0072B2")` is "rgba(0,114,178,0.2)"."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.2)"


def describe_entropy(entropy: LayerEntropy, twin: LayerEntropy) -> str:
    """The curve in words."""
    parts = [
        f"layer {layer} {100 * share:.1f} % ({nats:.2f} nats; random weights {100 * other:.1f} %)"
        for layer, (share, nats, other) in enumerate(
            zip(entropy.share, entropy.nats, twin.share, strict=True)
        )
    ]
    return f"Mean attention entropy as a share of ln n: {'; '.join(parts)}."


def entropy_table(entropy: LayerEntropy, twin: LayerEntropy) -> pd.DataFrame:
    """A row for each layer; shares in per cent."""
    return pd.DataFrame(
        {
            "layer": range(len(entropy.share)),
            "entropy nats": entropy.nats.round(4),
            "share of ln n %": (100 * entropy.share).round(2),
            "10 % lie below %": (100 * entropy.low).round(2),
            "10 % lie above %": (100 * entropy.high).round(2),
            "random weights nats": twin.nats.round(4),
            "random weights %": (100 * twin.share).round(2),
        }
    )
