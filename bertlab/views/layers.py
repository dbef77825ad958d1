"""Answers layer by layer: one token's best ones, a word's rank, every token's first one."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from bertlab.inspection.layers import DepthAnswer, LensGrid, depth_name
from bertlab.inspection.masked_lm import Prediction
from bertlab.views.shared.contrast import cell_colours, ink_on
from bertlab.views.shared.heatmap import attention_scale
from bertlab.views.shared.layouts import base_layout
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape
from bertlab.views.shared.shortening import columns_of, fit

MONO = "Source Code Pro, monospace"
TABLE_CELL, TABLE_ROW, TABLE_COLUMNS = 98, 44, 12
GRID_ROW, GRID_COLUMNS = 36, 9
COLUMN = 7.4  # px of one character of the grid
ROOM_LEFT = 84  # px for the names of the depths
ROOM_LEGEND = 84
FILLED = 0.94  # of a cell; the rest is the gap to the next


def answers_table(
    answers: Sequence[DepthAnswer], *, title: str, watched: int, theme: Theme
) -> go.Figure:
    """A row for each depth, the embedding lowest; a column for each of the best answers.

    Args:
        answers: From `read_depths`.
        title: What is to be seen, as plain text.
        watched: The id of the token that is framed wherever it is among the answers.
        theme: The page's ground.
    """
    colours = palette_of(theme)
    depths, ranks = len(answers), len(answers[0].predictions)
    cells = _cells(
        [[100 * p.probability for p in a.predictions] for a in answers],  # (depth, rank)
        [[_cell(p.token, p.probability) for p in a.predictions] for a in answers],
        [[_told(a, p) for p in a.predictions] for a in answers],
        theme=theme,
        size=13,
    )
    frames = [
        _frame(rank, answer.depth, colours.value)
        for answer in answers
        for rank, prediction in enumerate(answer.predictions)
        if prediction.token_id == watched
    ]
    layout = _base(title, colours, above=30) | {
        "width": ranks * TABLE_CELL + ROOM_LEFT + 12,
        "height": depths * TABLE_ROW + 30 + 46,
        "shapes": frames,
        "xaxis": _axis(range(ranks), [f"{i + 1}." for i in range(ranks)], colours)
        | {"side": "top", "range": [-0.5, ranks - 0.5]},
        "yaxis": _depth_axis(depths, colours),
    }
    return go.Figure([cells], layout)


def describe_answers(answers: Sequence[DepthAnswer]) -> str:
    """Say in words what the head answers at each depth, and where the watched word stands."""
    rows = [
        f"{depth_name(a.depth)}: "
        + ", ".join(f"{p.token} {p.probability:.1%}" for p in a.predictions)
        for a in answers
    ]
    return "Answers of the head by layer. " + "; ".join(rows) + "."


def answers_frame(answers: Sequence[DepthAnswer]) -> pd.DataFrame:
    """One row an answer, the watched token's own row included."""
    rows = [
        (depth_name(a.depth), p.rank, p.token, p.token_id, p.probability)
        for a in answers
        for p in dict.fromkeys((*a.predictions, a.watched))
    ]
    return pd.DataFrame(rows, columns=["depth", "rank", "token", "token_id", "probability"])


def rank_curve(
    answers: Sequence[DepthAnswer], *, title: str, vocabulary: int, theme: Theme
) -> go.Figure:
    """The watched word's rank by depth, on a log scale with rank 1 at the top."""
    colours = palette_of(theme)
    ranks = [a.watched.rank for a in answers]
    line = go.Scatter(
        x=[depth_name(a.depth) for a in answers],
        y=ranks,
        mode="lines+markers+text",
        line={"color": colours.value, "width": 3},
        marker={"size": 9},
        text=[f"{rank:,}" for rank in ranks],
        textposition=[_beside(rank, vocabulary) for rank in ranks],
        textfont={"family": MONO, "size": 13, "color": colours.text},
        customdata=[100 * a.watched.probability for a in answers],
        hovertemplate="%{x}: rank %{y:,}, %{customdata:.2f} %<extra></extra>",
        cliponaxis=False,
    )
    ink = {"size": 13, "color": colours.text}
    layout = _base(title, colours, above=14) | {
        "height": 330,
        "margin": {"l": 58, "r": 18, "t": 60, "b": 44},
        "xaxis": {
            **{"tickfont": ink, "showgrid": False, "fixedrange": True, "zeroline": False},
            "range": [-0.5, len(answers) - 0.5],  # room for the first number
        },
        "yaxis": _rank_axis(vocabulary, colours) | {"tickfont": ink},
    }
    return go.Figure([line], layout)


def _rank_axis(vocabulary: int, colours: Palette) -> dict[str, Any]:
    """Rank 1 at the top, the whole vocabulary below, in powers of ten."""
    powers = [10**i for i in range(len(str(vocabulary)))]
    return {
        "type": "log",
        "range": [np.log10(vocabulary) + 0.15, -0.3],
        "tickvals": powers,
        "ticktext": [f"{power:,}" for power in powers],
        "gridcolor": colours.grid,
        "fixedrange": True,
        "zeroline": False,
        "title": {"text": "rank", "font": {"size": 13, "color": colours.text}},
    }


def describe_ranks(answers: Sequence[DepthAnswer]) -> str:
    """The ranks in words."""
    ranks = "; ".join(f"{depth_name(a.depth)}: {a.watched.rank:,}" for a in answers)
    return f"Rank of “{answers[-1].watched.token}” by layer: {ranks}."


def ranks_frame(answers: Sequence[DepthAnswer]) -> pd.DataFrame:
    """One row a depth: where the watched token stands there."""
    rows = [
        (depth_name(a.depth), a.watched.token, a.watched.rank, a.watched.probability)
        for a in answers
    ]
    return pd.DataFrame(rows, columns=["depth", "token", "rank", "probability"])


def first_answers(
    grid: LensGrid,
    tokens: Sequence[str],
    *,
    title: str,
    chosen: int,
    masked: Collection[int],
    theme: Theme,
) -> go.Figure:
    """A column for each token, a row for each depth: the head's first answer there.

    The last depth's answer is bold wherever it is the first already.

    Args:
        grid: From `read_grid`.
        tokens: All tokens' names.
        title: What is to be seen, as plain text.
        chosen: The position whose column is framed.
        masked: Positions whose name is drawn as masked.
        theme: The page's ground.
    """
    colours = palette_of(theme)
    depths, columns = grid.probabilities.shape
    bars = _grid_cells(grid, tokens, theme)
    layout = _base(title, colours, above=40) | {
        "width": max(360, columns * _cell_width(grid, tokens) + ROOM_LEFT + ROOM_LEGEND),
        "height": depths * GRID_ROW + 40 + 46,
        "bargap": 0,
        "shapes": [_column_frame(grid.positions.index(chosen), depths, colours)],
        "xaxis": _axis(
            range(columns),
            [_name(tokens[p], p, p == chosen, p in masked, colours) for p in grid.positions],
            colours,
        )
        | {"side": "top", "range": [-0.5, columns - 0.5], "tickangle": 0},
        "yaxis": _depth_axis(depths, colours),
    }
    layout["margin"] = layout["margin"] | {"r": ROOM_LEGEND}
    return go.Figure([bars, _legend(colours, theme)], layout)


def _legend(colours: Palette, theme: Theme) -> go.Scatter:
    """The scale of the cells' colours: the bars carry their own, so a trace without points does."""
    bar = {"ticksuffix": " %", "thickness": 12, "len": 0.9, "outlinewidth": 1, "x": 1.01}
    ink = {"tickfont": {"color": colours.text, "size": 12}, "outlinecolor": colours.grid}
    scale = {"colorscale": attention_scale(theme), "cmin": 0, "cmax": 100, "color": [0]}
    marker = {**scale, "showscale": True, "colorbar": bar | ink}
    return go.Scatter(
        x=[None], y=[None], mode="markers", marker=marker, hoverinfo="skip", showlegend=False
    )


def _cell_width(grid: LensGrid, tokens: Sequence[str]) -> int:
    """As wide as the longest word that is drawn: 47 px for five characters, 77 at most."""
    words = {*(tokens[p] for p in grid.positions), *(a for row in grid.answers for a in row)}
    longest = max(columns_of(fit(word, GRID_COLUMNS)) for word in words)
    return round(max(5, longest) * COLUMN + 10)


def _grid_cells(grid: LensGrid, tokens: Sequence[str], theme: Theme) -> go.Bar:
    last = grid.answers[-1]
    texts = [
        [_bold(escape(fit(a, GRID_COLUMNS)), a == last[c]) for c, a in enumerate(row)]
        for row in grid.answers
    ]
    hovers = [
        [
            f"{depth_name(depth)}, {escape(tokens[p])} ({p}): {escape(a)}"
            for p, a in zip(grid.positions, row, strict=True)
        ]
        for depth, row in enumerate(grid.answers)
    ]
    return _cells(100 * grid.probabilities, texts, hovers, theme=theme, size=12)


def clicked_position(grid: LensGrid, cell: int) -> int:
    """The token of a cell of `first_answers`, by the number that a click on it gives."""
    return grid.positions[cell % len(grid.positions)]


def describe_first_answers(grid: LensGrid, tokens: Sequence[str]) -> str:
    """Say in words what the head answers first for each token, from the embedding up."""
    columns = [
        f"{tokens[p]} ({p}): " + ", ".join(row[column] for row in grid.answers)
        for column, p in enumerate(grid.positions)
    ]
    return "First answers of the head, from the embedding up. " + "; ".join(columns) + "."


def grid_frame(grid: LensGrid, tokens: Sequence[str]) -> pd.DataFrame:
    """One row a cell."""
    rows = [
        (depth_name(depth), p, tokens[p], row[column], float(grid.probabilities[depth, column]))
        for depth, row in enumerate(grid.answers)
        for column, p in enumerate(grid.positions)
    ]
    return pd.DataFrame(rows, columns=["depth", "position", "token", "answer", "probability"])


def _cells(
    shares: Sequence[Sequence[float]] | np.ndarray,
    texts: Sequence[Sequence[str]],
    hovers: Sequence[Sequence[str]],
    *,
    theme: Theme,
    size: int,
) -> go.Bar:
    """Draw a grid of probabilities with words in it; row 0 lowest, cells counted row by row.

    Every cell is a bar: a click on a bar can be told from Python, and its words can be black or
    white, whichever is read better on its colour.
    """
    grid = np.asarray(shares, dtype=float)  # (row, column), in per cent
    rows, columns = np.indices(grid.shape).reshape(2, -1)
    colours = sample_colorscale(
        [[point, colour] for point, colour in attention_scale(theme)], (grid / 100).ravel()
    )
    grounds = cell_colours((grid / 100).ravel(), attention_scale(theme))
    return go.Bar(
        x=columns,
        y=np.full(rows.shape, FILLED),
        base=rows - FILLED / 2,
        width=FILLED,
        marker={"color": colours, "line": {"width": 0}},
        text=[text for row in texts for text in row],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        insidetextfont={"family": MONO, "size": size, "color": [ink_on(c) for c in grounds]},
        customdata=[
            [told, share]
            for told, share in zip((t for row in hovers for t in row), grid.ravel(), strict=True)
        ],
        hovertemplate="%{customdata[0]} %{customdata[1]:.1f} %<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _told(answer: DepthAnswer, prediction: Prediction) -> str:
    rank, token = prediction.rank, escape(prediction.token)
    return f"{depth_name(answer.depth)}, answer {rank}: {token}, id {prediction.token_id},"


def _cell(token: str, probability: float) -> str:
    return f"{escape(fit(token, TABLE_COLUMNS))}<br>{probability:.1%}"


def _bold(text: str, is_bold: bool) -> str:
    return f"<b>{text}</b>" if is_bold else text


def _name(token: str, position: int, is_chosen: bool, is_masked: bool, colours: Palette) -> str:
    colour = colours.query if is_chosen else colours.mask if is_masked else colours.text
    text = f"{escape(fit(token, GRID_COLUMNS))}<br>{position}"
    return f'<span style="color:{colour}">{_bold(text, is_chosen)}</span>'


def _beside(rank: int, vocabulary: int) -> str:
    """Above the point, but below one that stands near the top."""
    return "bottom center" if rank < vocabulary**0.12 else "top center"


def _frame(column: float, depth: float, colour: str) -> dict[str, Any]:
    sides = {"x0": column - 0.47, "x1": column + 0.47, "y0": depth - 0.45, "y1": depth + 0.45}
    return {"type": "rect", **sides, "line": {"color": colour, "width": 3}}


def _column_frame(column: int, depths: int, colours: Palette) -> dict[str, Any]:
    sides = {"x0": column - 0.5, "x1": column + 0.5, "y0": -0.5, "y1": depths - 0.5}
    return {"type": "rect", **sides, "line": {"color": colours.query, "width": 3}}


def _axis(values: Sequence[int], names: Sequence[str], colours: Palette) -> dict[str, Any]:
    return {
        "tickvals": list(values),
        "ticktext": list(names),
        "tickfont": {"size": 12, "color": colours.text, "family": MONO},
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
    }


def _depth_axis(depths: int, colours: Palette) -> dict[str, Any]:
    names = [depth_name(depth) for depth in range(depths)]
    axis = _axis(range(depths), names, colours) | {"range": [-0.5, depths - 0.5]}
    return axis | {"tickfont": {"size": 13, "color": colours.text}, "ticklabelstandoff": 4}


def _base(title: str, colours: Palette, *, above: int) -> dict[str, Any]:
    """The frame of all; `above` px are left for labels over the cells."""
    return base_layout(title, colours) | {
        "margin": {"l": ROOM_LEFT, "r": 12, "t": above + 36, "b": 10},
        "hoverlabel": {"font": {"size": 15, "family": MONO}},
        "showlegend": False,
    }
