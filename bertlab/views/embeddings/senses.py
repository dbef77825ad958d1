"""One word in many sentences: a map of its vectors, and how far its senses stand apart."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bertlab.inspection.embeddings.projection import Projection
from bertlab.inspection.embeddings.separation import Separation
from bertlab.inspection.layers import depth_name
from bertlab.observations.embeddings import SIGNIFICANT, stands_apart
from bertlab.views.shared.diverging import difference_scale
from bertlab.views.shared.layouts import band, base_layout, curve_layout, marks
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape

NAME_LENGTH = 24  # of a sense in the legend
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "star")
BESIDE_BUTTON = 2  # senses whose names fit beside the button
HOVER_WIDTH = 44  # characters of a sentence's line
STEP_MS, PAUSE_MS = 700, 500  # of the animation: moving, and standing still


def sense_map(
    projection: Projection,
    depth: int,
    senses: Sequence[str],
    sentences: Sequence[str],
    *,
    word: str,
    theme: Theme,
) -> go.Figure:
    """Draw each sentence's point at one depth; a button plays all depths on the same axes.

    Args:
        projection: From `project`.
        depth: What is shown first.
        senses: Each point's; colour and shape tell them apart.
        sentences: Each point's, shown on hover.
        word: What the sentences share.
        theme: The page's ground.
    """
    colours = palette_of(theme)
    names = list(dict.fromkeys(senses))
    reach = 1.12 * max(projection.reach, 1e-9)
    frames = [
        go.Frame(
            name=str(at),
            data=_points(projection.points[at], senses, names, sentences, colours),
            layout={"title": {"text": _map_title(word, projection, at)}},
            traces=list(range(len(names))),
        )
        for at in range(len(projection.points))
    ]
    layout = base_layout("", colours) | _map_frame(reach, colours)
    layout["title"] |= {"text": _map_title(word, projection, depth), "pad": {"t": 21, "l": 4}}
    layout["showlegend"] = len(names) > 1 or bool(names[0])
    layout["legend"]["y"] = -0.02 if len(names) <= BESIDE_BUTTON else -0.12
    return go.Figure(frames[depth].data, layout, frames)


def _map_frame(reach: float, colours: Palette) -> dict[str, Any]:
    """A square about 0 with the same axes at every depth, a button and a legend below it."""
    axis = {
        **{"range": [-reach, reach], "showgrid": True, "gridcolor": colours.grid},
        **{"tick0": 0, "dtick": reach / 3, "showticklabels": False, "ticks": ""},
        **{"zeroline": False, "fixedrange": True, "constrain": "domain"},
        **{"showline": True, "mirror": True, "linecolor": colours.grid},
    }
    return {
        "width": 560,
        "height": 568,
        "margin": {"l": 12, "r": 12, "t": 62, "b": 92},
        "xaxis": axis,
        "yaxis": axis | {"scaleanchor": "x"},
        "legend": {"orientation": "h", "x": 0, "yanchor": "top", "font": {"size": 15}},
        "updatemenus": [_play_button(colours)],
    }


def describe_map(projection: Projection, depth: int, senses: Sequence[str]) -> str:
    """Say in words how many points of which sense there are and what the plane holds."""
    counts = ", ".join(
        f"{list(senses).count(name)} {name or 'without a sense'}" for name in dict.fromkeys(senses)
    )
    return (
        f"Map of {len(senses)} sentences at depth {depth_name(depth)}: {counts}. The plane holds "
        f"{projection.explained[depth]:.1%} of their spread."
    )


def map_frame(
    projection: Projection, senses: Sequence[str], sentences: Sequence[str]
) -> pd.DataFrame:
    """One row a sentence and depth."""
    rows = [
        (depth_name(depth), sense, sentence, x, y)
        for depth, points in enumerate(projection.points)
        for sense, sentence, (x, y) in zip(senses, sentences, points, strict=True)
    ]
    return pd.DataFrame(rows, columns=["depth", "sense", "sentence", "x", "y"])


def separation_curve(separation: Separation, depth: int, *, word: str, theme: Theme) -> go.Figure:
    """The silhouette by depth over the band that holds 95 % of the shuffles.

    A filled point is one that at most 1 in 20 shuffles reaches, all layers looked at.
    """
    colours = palette_of(theme)
    names = [depth_name(at) for at in range(len(separation.silhouettes))]
    is_clear = separation.corrected < SIGNIFICANT
    behind = band(names, separation.low, separation.high, "95 % of shuffled labels", colours)
    line = go.Scatter(
        x=names,
        y=separation.silhouettes,
        mode="lines+markers",
        name="the senses",
        line={"color": colours.query, "width": 3},
        marker={
            **marks(len(names), depth),
            "color": [colours.query if clear else colours.ground for clear in is_clear],
            "line": {"color": colours.query, "width": 2.5},
        },
        customdata=np.stack([separation.corrected, separation.low, separation.high], axis=1),
        hovertemplate="%{x}: silhouette %{y:.3f}, p %{customdata[0]:.4f} (all layers looked at), "
        "shuffled %{customdata[1]:.3f} to %{customdata[2]:.3f}<extra></extra>",
    )
    title = (
        f"“{word}”: apart most after {names[separation.best]}"
        if stands_apart(separation)
        else f"“{word}”: no clear separation by context"
    )
    unit = "silhouette (cosine distance)"
    return go.Figure([behind, line], curve_layout(title, names, unit, colours, height=420))


def describe_separation(separation: Separation) -> str:
    """The curve and its band in words."""
    rows = "; ".join(
        f"{depth_name(at)} {value:.3f} (shuffled {low:.3f} to {high:.3f}, p {p:.4f})"
        for at, (value, low, high, p) in enumerate(
            zip(
                separation.silhouettes,
                separation.low,
                separation.high,
                separation.corrected,
                strict=True,
            )
        )
    )
    return f"Silhouette of the senses by layer: {rows}."


def separation_frame(separation: Separation) -> pd.DataFrame:
    """One row a depth."""
    return pd.DataFrame(
        {
            "depth": [depth_name(at) for at in range(len(separation.silhouettes))],
            "silhouette": separation.silhouettes,
            "shuffled_low": separation.low,
            "shuffled_high": separation.high,
            "p_value": separation.p_values,
            "p_value_corrected": separation.corrected,
        }
    )


def words_overview(separations: Mapping[str, Separation], *, theme: Theme) -> go.Figure:
    """A row for each word, a column for each depth: the silhouette, bold where context separates.

    The colour is diverging and centred on 0, where senses are mixed.
    """
    colours = palette_of(theme)
    words = list(separations)
    grid = np.stack([separations[word].silhouettes for word in words])  # (word, depth)
    clear = [stands_apart(separations[word]) for word in words]
    bold = np.stack([separations[w].corrected < SIGNIFICANT for w in words])
    bold &= np.array(clear)[:, None]
    cells = go.Heatmap(
        z=grid,
        **{"zmin": -1.0, "zmax": 1.0, "xgap": 3, "ygap": 3, "colorscale": difference_scale(theme)},
        text=[
            [f"<b>{_score(v)}</b>" if b else _score(v) for v, b in zip(row, marks, strict=True)]
            for row, marks in zip(grid, bold, strict=True)
        ],
        texttemplate="%{text}",
        textfont={"size": 13},
        hovertemplate="“%{y}”, %{x}: silhouette %{z:.3f}<extra></extra>",
        colorbar={"thickness": 12, "tickfont": {"size": 13, "color": colours.text}},
    )
    title = f"Context separates the senses of {sum(clear)} of {len(words)} words"
    depths = [depth_name(at) for at in range(grid.shape[1])]
    layout = base_layout(title, colours) | {
        "width": max(520, 190 + 74 * len(depths)),
        "height": 100 + 36 * len(words),
        "margin": {"l": 90, "r": 20, "t": 70, "b": 10},
        "xaxis": _named(depths, colours) | {"side": "top"},
        "yaxis": _named(words, colours) | {"range": [len(words) - 0.5, -0.5]},
    }
    return go.Figure([cells], layout)


def _named(names: Sequence[str], colours: Palette) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": [escape(name) for name in names],
        "tickfont": {"size": 13, "color": colours.text},
        "showgrid": False,
        "fixedrange": True,
    }


def describe_overview(separations: Mapping[str, Separation]) -> str:
    """Each word's best depth in words."""
    rows = "; ".join(
        f"{word}: {s.silhouettes[s.best]:.2f} after {depth_name(s.best)}, "
        f"{'separated by context' if stands_apart(s) else 'not clearly separated'}"
        for word, s in separations.items()
    )
    return f"Best silhouette of each word: {rows}."


def overview_frame(separations: Mapping[str, Separation]) -> pd.DataFrame:
    """One row a word and depth."""
    tables = [separation_frame(s).assign(word=word) for word, s in separations.items()]
    return pd.concat(tables, ignore_index=True)


def _score(value: float) -> str:
    """Two decimals, and no "-0.00"."""
    return f"{round(value, 2) + 0.0:.2f}"


def _points(
    points: np.ndarray,
    senses: Sequence[str],
    names: Sequence[str],
    sentences: Sequence[str],
    colours: Palette,
) -> list[go.Scatter]:
    """A trace for each sense; past six senses shapes and colours begin again."""
    inks = (colours.query, colours.key, colours.value, colours.segment_b, colours.mask)
    traces = []
    for number, name in enumerate(names):
        own = [i for i, sense in enumerate(senses) if sense == name]
        traces.append(
            go.Scatter(
                x=points[own, 0],
                y=points[own, 1],
                mode="markers",
                name=escape(name[:NAME_LENGTH]) or "no sense given",
                marker={
                    "size": 14,
                    "color": inks[number % len(inks)],
                    "symbol": SYMBOLS[number % len(SYMBOLS)],
                    "line": {"color": colours.ground, "width": 1.5},
                },
                text=[_wrapped(sentences[i]) for i in own],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    return traces


def _wrapped(sentence: str) -> str:
    return "<br>".join(escape(line) for line in textwrap.wrap(sentence, HOVER_WIDTH)[:6])


def _map_title(word: str, projection: Projection, depth: int) -> str:
    """In two lines, which a phone has room for."""
    place = f"after {depth_name(depth)}" if depth else "at the embedding"
    held = f"the plane holds {projection.explained[depth]:.0%} of the spread"
    return f"{escape(f'“{word}” {place}:')}<br>{held}"


def _play_button(colours: Palette) -> dict[str, Any]:
    motion = {
        "frame": {"duration": STEP_MS + PAUSE_MS, "redraw": True},
        "transition": {"duration": STEP_MS, "easing": "cubic-in-out"},
        "fromcurrent": False,
        "mode": "immediate",
    }
    return {
        "type": "buttons",
        "direction": "right",
        "showactive": False,
        **{"x": 0, "xanchor": "left", "y": -0.02, "yanchor": "top"},
        "bgcolor": colours.ground,
        "bordercolor": colours.grid,
        "font": {"color": colours.text, "size": 14},
        "buttons": [{"label": "▶ Play the layers", "method": "animate", "args": [None, motion]}],
    }
