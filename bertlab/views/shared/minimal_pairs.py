"""What one changed word does: a head's difference, the spread over layers, the grid of heads."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.views.shared.diverging import difference_scale
from bertlab.views.shared.heatmap import (
    MAX_LABELS,
    UNUSED_BUTTONS,
    attention_scale,
    head_heatmap,
    label_step,
)
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape
from bertlab.views.shared.shortening import columns_of, shorten

TITLE_COLUMNS = 42  # of one line of a title, so that a telephone shows it whole
SMALLEST_RANGE = 0.01  # of a scale: what rounding leaves is not blown up into a picture
CELL = 40  # pixels of a head in a grid of more than eight


def difference_heatmap(
    difference: np.ndarray,
    tokens: Sequence[str],
    *,
    title: str,
    theme: Theme,
    changed: Sequence[int] = (),
) -> go.Figure:
    """Draw one head's attention in the second sentence minus that in the first.

    Args:
        difference: (query, key) in -1..1; NaN, which stays grey, where nothing can be compared.
        tokens: The first sentence's, with the second one's beside those that were changed.
        title: What is to be seen.
        theme: The page's ground.
        changed: The positions to frame.
    """
    palette = palette_of(theme)
    figure = head_heatmap(np.nan_to_num(np.abs(difference)), tokens, title=title, theme=theme)
    top = 100 * scale_top(difference)
    figure.data[0].update(
        z=100 * difference,
        zmin=-top,
        zmax=top,
        colorscale=difference_scale(theme),
        hovertemplate="%{y} looks at %{x}: %{z:+.1f} points<extra></extra>",
        hoverongaps=False,
        colorbar={"ticksuffix": "", "title": {"text": "points"}},
    )
    figure.update_layout(
        plot_bgcolor=palette.grid,
        shapes=[frame for i in changed for frame in _cross(i, len(tokens), palette)],
    )
    return figure


def scale_top(difference: np.ndarray) -> float:
    """Where both ends of a scale of differences lie: the largest there is, at least 0.01."""
    sizes = np.abs(difference[np.isfinite(difference)])
    return max(float(sizes.max(initial=0.0)), SMALLEST_RANGE)


def describe_difference(difference: np.ndarray, tokens: Sequence[str]) -> str:
    """The largest differences of one head in words, for a screen reader."""
    told = ", ".join(
        f"{tokens[q]} ({q}) at {tokens[k]} ({k}) {100 * difference[q, k]:+.1f}"
        for q, k in _largest(difference, 8)
    )
    return f"Where the head looks more (+) or less (-), in points: {told or 'nowhere'}."


def difference_table(difference: np.ndarray, tokens: Sequence[str]) -> pd.DataFrame:
    """One head's differences, a row for each compared query and key, in 0..1."""
    places = np.argwhere(np.isfinite(difference))
    return pd.DataFrame(
        {
            "query": [int(q) for q, _ in places],
            "query token": [tokens[q] for q, _ in places],
            "key": [int(k) for _, k in places],
            "key token": [tokens[k] for _, k in places],
            "difference": [float(difference[q, k]) for q, k in places],
        }
    )


def spread_heatmap(
    distances: np.ndarray,
    tokens: Sequence[str],
    *,
    title: str,
    theme: Theme,
    changed: Sequence[int] = (),
) -> go.Figure:
    """Draw how far each token's vector has moved: a row for each layer, the embeddings on top.

    Args:
        distances: (layers + 1, token), cosine distances; NaN, which stays grey, without a partner.
        tokens: As in `difference_heatmap`.
        title: What is to be seen.
        theme: The page's ground.
        changed: The columns to frame.
    """
    palette = palette_of(theme)
    rows, columns = distances.shape
    cell = min(56, max(6, 900 // columns))
    width = max(340, columns * cell + 190)
    lines = textwrap.wrap(title, TITLE_COLUMNS)
    is_upright = _is_upright(tokens, changed)
    names = layer_names(rows)
    cells = go.Heatmap(
        z=distances, zmin=0.0, zmax=scale_top(distances), hoverongaps=False, xgap=1, ygap=1,
        customdata=np.tile([f"{escape(t)} ({i})" for i, t in enumerate(tokens)], (rows, 1)),
        colorscale=attention_scale(theme),
        hovertemplate="%{customdata}, %{y}: %{z:.3f}<extra></extra>", y=names,
        colorbar={"thickness": 12, "title": {"text": "distance", "font": {"size": 13}},
                  "outlinewidth": 1, "outlinecolor": palette.grid},
    )  # fmt: skip
    room = 76 if is_upright else 16 + 8 * max(columns_of(shorten(token)) for token in tokens)
    above = room + 24 * len(lines) + 8
    shown = range(0, columns, label_step(columns))
    layout = {
        **_layout(lines, palette, width=width),
        "plot_bgcolor": palette.grid,
        "height": rows * 34 + above + 12,
        "margin": {"l": 96, "r": 90, "t": above, "b": 12},
        "xaxis": {
            **_bare(), "side": "top", "tickvals": list(shown),
            "tickangle": 0 if is_upright else -90,
            "ticktext": [_label(tokens[i], is_upright, is_narrow=cell < 48) for i in shown],
            "tickfont": {"family": "Source Code Pro, monospace", "size": 13},
        },
        "yaxis": {**_bare(), "autorange": "reversed", "tickvals": names, "tickfont": {"size": 13}},
        "shapes": [_column(i, rows, palette) for i in changed],
    }  # fmt: skip
    return go.Figure([cells], layout)


def layer_names(rows: int) -> list[str]:
    """Name the rows of all hidden states: "embeddings", "layer 0", "layer 1" ..."""
    return ["embeddings", *(f"layer {i}" for i in range(rows - 1))]


def describe_spread(distances: np.ndarray, tokens: Sequence[str]) -> str:
    """The spread in words: after each layer the token that has moved most."""
    names = layer_names(len(distances))
    found = []
    for name, row in zip(names, distances, strict=True):
        if np.isfinite(row).any():
            at = int(np.nanargmax(row))
            found.append(f"{name} {tokens[at]} ({at}) {row[at]:.3f}")
    return f"Cosine distance of each token's two vectors; the largest: {', '.join(found)}."


def spread_table(distances: np.ndarray, tokens: Sequence[str]) -> pd.DataFrame:
    """The distances as a table: a row for each token, a column for each layer."""
    columns = dict(zip(layer_names(len(distances)), distances, strict=True))
    return pd.DataFrame({"position": range(len(tokens)), "token": tokens, **columns})


def change_grid(changes: np.ndarray, *, theme: Theme, chosen: tuple[int, int]) -> go.Figure:
    """Draw how much every head changes, as squares that can be clicked.

    Each square's `customdata` is its [layer, head].

    Args:
        changes: (layers, heads), mean absolute difference in 0..1.
        theme: The page's ground.
        chosen: The (layer, head) to frame.
    """
    palette = palette_of(theme)
    layers, heads = changes.shape
    places = [(layer, head) for layer in range(layers) for head in range(heads)]
    cell = CELL if heads > 8 else 56
    values = 100 * np.nan_to_num(changes).ravel()
    squares = go.Scatter(
        x=[head for _, head in places], y=[layer for layer, _ in places], mode="markers+text",
        customdata=places, text=[f"{value:.1f}" for value in values],
        textfont={"size": 12, "color": _inks(values, palette)},
        marker={
            "symbol": "square", "size": cell - 3, "color": values, "opacity": 1,
            "cmin": 0, "cmax": max(float(values.max()), 100 * SMALLEST_RANGE),
            "colorscale": attention_scale(theme), "line": {"width": 1, "color": palette.grid},
        },
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
        hovertemplate="Head %{y}.%{x}: %{text} points on average<extra></extra>",
    )  # fmt: skip
    layout = {
        **_layout([], palette, width=heads * cell + 62),
        "height": layers * cell + 58,
        "margin": {"l": 52, "r": 10, "t": 52, "b": 6},
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": _grid_axis("head", heads) | {"side": "top", "range": [-0.5, heads - 0.5]},
        "yaxis": _grid_axis("layer", layers) | {"range": [layers - 0.5, -0.5]},
        "shapes": [_square(*chosen, palette)],
        "clickmode": "event+select",
        "dragmode": False,
    }
    return go.Figure([squares], layout)


def describe_grid(changes: np.ndarray) -> str:
    """The grid in words: the heads that change least and most."""
    if not np.isfinite(changes).any():
        return "Grid of heads; nothing could be compared."
    ends = [np.unravel_index(at, changes.shape) for at in (changes.argmin(), changes.argmax())]
    least, most = (f"head {a}.{b} with {100 * changes[a, b]:.1f} points" for a, b in ends)
    return f"How much {changes.size} heads change on average: least {least}, most {most}."


def grid_table(changes: np.ndarray) -> pd.DataFrame:
    """The grid as a table: a row for each head, in 0..1."""
    places = list(np.ndindex(*changes.shape))
    return pd.DataFrame(
        {
            "layer": [layer for layer, _ in places],
            "head": [head for _, head in places],
            "mean absolute difference": changes.ravel(),
        }
    )


def _largest(difference: np.ndarray, count: int) -> list[tuple[int, int]]:
    sizes = np.nan_to_num(np.abs(difference)).ravel()
    best = [int(i) for i in np.argsort(-sizes, kind="stable")[:count] if sizes[i] > 0]
    width = difference.shape[1]
    return [(i // width, i % width) for i in best]


def _inks(values: np.ndarray, palette: Palette) -> list[str]:
    """Numbers on strong squares are written in the colour of the paper."""
    top = max(float(values.max()), 100 * SMALLEST_RANGE)
    return [palette.ground if value > 0.55 * top else palette.text for value in values]


def _cross(position: int, count: int, palette: Palette) -> list[dict[str, Any]]:
    """Frames around the row and the column of a changed token."""
    if count > MAX_LABELS:
        return []
    line = {"line": {"color": palette.mask, "width": 2}, "type": "rect"}
    own = {"0": position - 0.5, "1": position + 0.5}
    whole = {"0": -0.5, "1": count - 0.5}
    return [
        {**line, **{f"x{i}": whole[i] for i in "01"}, **{f"y{i}": own[i] for i in "01"}},
        {**line, **{f"x{i}": own[i] for i in "01"}, **{f"y{i}": whole[i] for i in "01"}},
    ]


def _column(position: int, rows: int, palette: Palette) -> dict[str, Any]:
    sides = {"x0": position - 0.5, "x1": position + 0.5, "y0": -0.5, "y1": rows - 0.5}
    return {"type": "rect", **sides, "line": {"color": palette.mask, "width": 3}}


def _square(layer: int, head: int, palette: Palette) -> dict[str, Any]:
    sides = {"x0": head - 0.5, "x1": head + 0.5, "y0": layer - 0.5, "y1": layer + 0.5}
    return {"type": "rect", **sides, "line": {"color": palette.query, "width": 4}}


def _is_upright(tokens: Sequence[str], changed: Sequence[int]) -> bool:
    """Whether labels stand upright: Chinese characters do, words lie on their side."""
    plain = [token for i, token in enumerate(tokens) if i not in set(changed) and token[:1] != "["]
    return max(map(columns_of, plain), default=0) <= 2


def _label(token: str, is_upright: bool, *, is_narrow: bool) -> str:
    """A column's name; upright, what is too wide for its column goes down letter by letter."""
    before, arrow, after = token.partition("→")
    if is_upright and arrow and before:
        return f"{escape(before)}<br>↓<br>{escape(after)}"
    if is_upright and is_narrow and token.startswith("["):
        return "<br>".join(escape(letter) for letter in token.strip("[]")[:4])
    return escape(shorten(token))


def _grid_axis(name: str, count: int) -> dict[str, Any]:
    numbers = {"tickvals": list(range(count)), "ticktext": [str(i) for i in range(count)]}
    return {**_bare(), **numbers, "title": {"text": name, "standoff": 4, "font": {"size": 13}}}


def _bare() -> dict[str, Any]:
    return {"showgrid": False, "zeroline": False, "ticks": "", "fixedrange": True}


def _layout(title: Sequence[str], palette: Palette, *, width: int) -> dict[str, Any]:
    return {
        "title": {
            **{"text": "<br>".join(map(escape, title)), "x": 0, "xanchor": "left"},
            **{"y": 1, "yref": "container", "yanchor": "top"},
            "pad": {"t": 10 + 12 * max(0, len(title) - 1), "l": 4},
            "font": {"size": 17, "color": palette.text},
        },
        "width": width,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": palette.text, "family": "Source Sans, sans-serif"},
        "hoverlabel": {"font": {"size": 15, "family": "Source Code Pro, monospace"}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.muted, "remove": UNUSED_BUTTONS},
        "showlegend": False,
    }


def _css(colour: tuple[float, ...]) -> str:
    return "rgb({}, {}, {})".format(*(round(255 * part) for part in colour))
