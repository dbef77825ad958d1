"""Heatmaps of attention: one head, token by token, and one statistic of all heads."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import find_intermediate_color, hex_to_rgb, sample_colorscale

from bertlab.inspection.attention import HeadStatistics
from bertlab.views.shared.contrast import cell_texts
from bertlab.views.shared.palette import SEQUENTIAL, Palette, Theme, palette_of
from bertlab.views.shared.plotly_text import escape
from bertlab.views.shared.shortening import columns_of, shorten

MAX_LABELS = 64  # on each axis; past this only every second, third ... token is named
MARGIN_TOP, MARGIN_RIGHT, MARGIN_BOTTOM = 14, 90, 12
AXIS_TITLE = 24
TITLE_LINE = 24
MIN_WIDTH = 340
BESIDE_AT_MOST = 20  # tokens; a larger heatmap takes the whole width of the page
# "sendChartToCloud" would upload the figure, and with it the student's text, to another host.
UNUSED_BUTTONS = [
    *("zoom", "pan", "select", "lasso", "zoomIn", "zoomOut", "autoScale"),
    *("sendChartToCloud", "sendDataToCloud"),
]


@dataclass(frozen=True)
class Statistic:
    """A column of the head table: its name for people, its unit, and where its scale ends.

    Attributes:
        top: End of the colour scale; None for the largest value there is.
    """

    field: str
    title: str
    is_share: bool = False
    top: float | None = None


STATISTICS = (
    Statistic("previous_share", "share on the previous token", True, 1.0),
    Statistic("next_share", "share on the next token", True, 1.0),
    Statistic("self_share", "share on the token itself", True, 1.0),
    Statistic("cls_share", "share on [CLS]", True, 1.0),
    Statistic("sep_share", "share on [SEP]", True, 1.0),
    Statistic("entropy", "entropy in nats"),
    Statistic("mean_distance", "mean distance in tokens"),
)


def statistic(field: str) -> Statistic:
    """The description of a field of `HeadStatistics`: `statistic("entropy").is_share` is False."""
    return next(entry for entry in STATISTICS if entry.field == field)


def head_heatmap(
    attention: np.ndarray,
    tokens: Sequence[str],
    *,
    title: str,
    theme: Theme = "light",
    positions: Sequence[int] | None = None,
    top: float = 1.0,
) -> go.Figure:
    """Draw one head: a row for each query token, a column for each key token.

    Args:
        attention: (query, key), weights in 0..1.
        tokens: The names of rows and columns; the same name may come twice.
        title: What is to be seen, as plain text.
        theme: The page's ground.
        positions: Where the tokens stand in the input, when some are hidden; else 0, 1, 2 ...
        top: The weight at the strong end of the scale; the weak end is always 0. Pictures that are
            to be compared need the same.
    """
    colours = palette_of(theme)
    where = range(len(tokens)) if positions is None else positions
    named = [f"{escape(token)} ({i})" for token, i in zip(tokens, where, strict=True)]
    cells = go.Heatmap(
        z=100 * np.asarray(attention, dtype=np.float32),  # (query, key), in per cent
        zmin=0.0,
        zmax=100 * top,
        hovertemplate="%{y} looks at %{x}: %{z:.1f} %<extra></extra>",
        **_scale(theme, colours, "weight", suffix=" %"),
    )
    # The layout goes in whole: each later update of a figure costs Plotly about 5 ms.
    layout = _head_layout(tokens, named, title, colours)
    labels = [  # each carries an axis that shows labels
        go.Scatter(x=[None], y=[None], xaxis=x, yaxis="y2", hoverinfo="skip", showlegend=False)
        for x in ("x2", "x3")
        if x.replace("x", "xaxis") in layout
    ]
    return go.Figure([cells, *labels], layout)


def grid_heatmap(
    statistics: Sequence[HeadStatistics],
    field: str,
    *,
    title: str,
    theme: Theme = "light",
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """Draw one statistic of all heads: a row for each layer, a column for each head.

    Args:
        statistics: From `head_statistics`.
        field: A name in `STATISTICS`.
        title: What is to be seen, as plain text.
        theme: The page's ground.
        chosen: The (layer, head) to outline.
    """
    colours, entry = palette_of(theme), statistic(field)
    factor, unit = (100, " %") if entry.is_share else (1, "")
    grid = factor * statistic_grid(statistics, field)  # (layer, head)
    number = "%{z:.1f} %" if entry.is_share else "%{z:.2f}"
    top = factor * entry.top if entry.top else max(float(grid.max()), 1e-9)
    texts = [[f"{z:.0f} %" if entry.is_share else f"{z:.1f}" for z in row] for row in grid]
    cells = go.Heatmap(
        z=grid,
        zmin=0.0,
        zmax=top,
        hovertemplate=f"Head %{{y}}.%{{x}}: {entry.title} {number}<extra></extra>",
        **_scale(theme, colours, "", suffix=unit),
    )
    shapes = [_outline(*chosen, colours)] if chosen is not None else []
    layout = {**_grid_layout(grid.shape, title, colours), "shapes": shapes}
    layout["annotations"] = cell_texts(grid, texts, scale=attention_scale(theme), top=top)
    return go.Figure([cells], layout)


def _outline(layer: int, head: int, colours: Palette) -> dict[str, Any]:
    """A frame around one cell of the grid."""
    sides = {"x0": head - 0.5, "x1": head + 0.5, "y0": layer - 0.5, "y1": layer + 0.5}
    return {"type": "rect", **sides, "line": {"color": colours.query, "width": 4}}


def statistic_grid(statistics: Sequence[HeadStatistics], field: str) -> np.ndarray:
    """One field of all heads as float64 (layer, head)."""
    shape = (1 + max(s.layer for s in statistics), 1 + max(s.head for s in statistics))
    grid = np.full(shape, np.nan)
    for measured in statistics:
        grid[measured.layer, measured.head] = getattr(measured, field)
    return grid


def describe_heatmap(
    attention: np.ndarray, tokens: Sequence[str], *, positions: Sequence[int] | None = None
) -> str:
    """Say in words what the heatmap of one head shows, for those who cannot see it.

    [[0.9, 0.1], [0.3, 0.7]] over "a", "b": 'Heatmap of 2 by 2 tokens. Each token's strongest
    weight: "a" (0) to "a" (0) 90.0 %; "b" (1) to "b" (1) 70.0 %.', strongest first. Past
    `MAX_LABELS` tokens the strongest ten are named.
    """
    where = list(range(len(tokens)) if positions is None else positions)
    cells = [(query, int(np.argmax(row))) for query, row in enumerate(attention)]
    cells.sort(key=lambda cell: -attention[cell])  # stable: of equals the first stays first
    all_named = len(tokens) <= MAX_LABELS
    named = [
        f'"{tokens[q]}" ({where[q]}) to "{tokens[k]}" ({where[k]}) {100 * attention[q, k]:.1f} %'
        for q, k in (cells if all_named else cells[:10])
    ]
    lead = "Each token's strongest weight" if all_named else "The ten strongest"
    return f"Heatmap of {len(tokens)} by {len(tokens)} tokens. {lead}: {'; '.join(named)}."


def describe_grid(statistics: Sequence[HeadStatistics], field: str) -> str:
    """Say in words what the grid shows: its range and the heads at both ends."""
    entry = statistic(field)
    low = min(statistics, key=lambda s: getattr(s, field))
    high = max(statistics, key=lambda s: getattr(s, field))
    ends = [f"{_number(getattr(s, field), entry)} in head {s.layer}.{s.head}" for s in (low, high)]
    return (
        f"Grid of {len(statistics)} heads, {entry.title}: the lowest is {ends[0]}, "
        f"the highest {ends[1]}."
    )


def label_step(count: int) -> int:
    """Every how many tokens one is named: 1 up to 64 tokens, 2 up to 128."""
    return max(1, -(-count // MAX_LABELS))


def _number(value: float, entry: Statistic) -> str:
    return f"{100 * value:.1f} %" if entry.is_share else f"{value:.2f}"


def attention_scale(theme: Theme) -> list[tuple[float, str]]:
    """Cividis from the page's own ground (0) to the end that stands out most (1).

    The lowest fifth fades into the ground, so that weight that is not there is not drawn.
    """
    scale = SEQUENTIAL if theme == "dark" else f"{SEQUENTIAL}_r"
    ground = tuple(part / 255 for part in hex_to_rgb(palette_of(theme).ground))
    points = [i / 20 for i in range(21)]
    colours = sample_colorscale(scale, points, colortype="tuple")  # each red, green, blue in 0..1
    return [
        (point, _css(find_intermediate_color(ground, colour, min(1.0, point / 0.2))))
        for point, colour in zip(points, colours, strict=True)
    ]


def _css(colour: tuple[float, ...]) -> str:
    return "rgb({}, {}, {})".format(*(round(255 * part) for part in colour))


def _scale(theme: Theme, colours: Palette, title: str, *, suffix: str) -> dict[str, Any]:
    ink = {"color": colours.text, "size": 13}
    return {
        "colorscale": attention_scale(theme),
        "colorbar": {
            "title": {"text": title, "font": ink},
            "tickfont": ink,
            "ticksuffix": suffix,
            "thickness": 12,
            "outlinewidth": 1,
            "outlinecolor": colours.grid,
        },
    }


def _head_layout(
    tokens: Sequence[str], named: list[str], title: str, colours: Palette
) -> dict[str, Any]:
    count, step = len(tokens), label_step(len(tokens))
    cell = _cell_size(count)
    size = 13 if cell >= 18 else 11 if cell >= 14 else 10
    shown = list(range(0, count, step))
    longest = max(columns_of(shorten(token)) for token in tokens)
    room = int(longest * size * 0.62) + 16 + AXIS_TITLE  # px beside and above the cells
    side = count * cell
    width = max(MIN_WIDTH, side + room + MARGIN_RIGHT)
    hover = {"tickvals": list(range(count)), "ticktext": named, "showticklabels": False}
    label = {
        "tickfont": {"size": size, "color": colours.text, "family": "Source Code Pro, monospace"},
        "ticklabelstandoff": 4,
    }
    span = [-0.5, count - 0.5]
    return {
        **_layout(title, width, side, room, colours),
        "xaxis": {
            **_axis(hover),
            **{"range": span, "side": "top"},
            **_spike(colours.key),
            **_frame(colours),
        },
        "yaxis": {**_axis(hover), "range": span[::-1], **_spike(colours.query), **_frame(colours)},
        **_column_axes(tokens, shown, label, colours),
        "yaxis2": {
            **_axis(_ticks(tokens, shown) | label),
            **{"overlaying": "y", "matches": "y", "side": "left"},
            "title": _axis_title("query: looks", colours.query),
        },
    }


def _column_axes(
    tokens: Sequence[str], shown: Sequence[int], label: dict[str, Any], colours: Palette
) -> dict[str, Any]:
    """Name the columns: words stand on their side, Chinese characters upright, on an own axis."""
    upright = [i for i in shown if len(tokens[i]) == 1 and columns_of(tokens[i]) == 2]
    turned = [i for i in shown if i not in upright]
    place = {"overlaying": "x", "matches": "x", "side": "top"}
    title = {"title": _axis_title("key: looked at", colours.key)}
    if not upright or not turned:
        angle = {"tickangle": -90 if turned else 0}
        return {"xaxis2": {**_axis(_ticks(tokens, shown) | label), **place, **angle, **title}}
    words = {**_axis(_ticks(tokens, turned) | label), **place, "tickangle": -90, **title}
    characters = {**_axis(_ticks(tokens, upright) | label), **place, "tickangle": 0}
    return {"xaxis2": words, "xaxis3": characters}


def _ticks(tokens: Sequence[str], places: Sequence[int]) -> dict[str, Any]:
    names = [escape(shorten(tokens[i])) for i in places]
    return {"tickvals": list(places), "ticktext": names}


def _grid_layout(shape: tuple[int, ...], title: str, colours: Palette) -> dict[str, Any]:
    layers, heads = shape
    cell_width, cell_height = (64, 36) if heads <= 8 else (46, 32)
    width = max(MIN_WIDTH, heads * cell_width + 150)
    columns, rows = _numbered("head", heads, colours), _numbered("layer", layers, colours)
    return {
        **_layout(title, width, layers * cell_height, 50, colours),
        "xaxis": {**columns, "range": [-0.5, heads - 0.5], "side": "top"},
        "yaxis": {**rows, "range": [layers - 0.5, -0.5]},
    }


def _numbered(name: str, count: int, colours: Palette) -> dict[str, Any]:
    """An axis with the numbers 0, 1, 2 ..."""
    ink = {"size": 13, "color": colours.text}
    numbers = {"tickvals": list(range(count)), "ticktext": [str(i) for i in range(count)]}
    heading = {"text": name, "font": ink, "standoff": 4}
    return {**_axis(numbers), "tickfont": ink, "title": heading, "fixedrange": True}


def _layout(title: str, width: int, height: int, room: int, colours: Palette) -> dict[str, Any]:
    """Size, title and a transparent ground; `room` px are left for labels on the left and above."""
    lines = textwrap.wrap(title, max(20, (width - 70) // 9))
    above = MARGIN_TOP + TITLE_LINE * len(lines)
    return {
        "width": width,
        "height": height + room + above + MARGIN_BOTTOM,
        "margin": {"l": room, "r": MARGIN_RIGHT, "t": room + above, "b": MARGIN_BOTTOM},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": colours.ground,  # the colour of zero; the rest lets the page show
        "font": {"color": colours.text, "family": "Source Sans, sans-serif"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.muted, "remove": UNUSED_BUTTONS},
        "hoverlabel": {"font": {"size": 15, "family": "Source Code Pro, monospace"}},
        "title": {
            "text": "<br>".join(escape(line) for line in lines),
            "font": {"size": 17, "color": colours.text},
            "x": 0.0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "top",
            "yref": "container",
            "pad": {"t": 10 + TITLE_LINE // 2 * max(0, len(lines) - 1), "l": 4},
        },
    }


def _axis(extra: dict[str, Any]) -> dict[str, Any]:
    return {"tickmode": "array", "showgrid": False, "zeroline": False, "ticks": "", **extra}


def _axis_title(text: str, colour: str) -> dict[str, Any]:
    return {"text": text, "font": {"size": 13, "color": colour}, "standoff": 4}


def _frame(colours: Palette) -> dict[str, Any]:
    return {"showline": True, "mirror": True, "linecolor": colours.grid, "linewidth": 1}


def _spike(colour: str) -> dict[str, Any]:
    """A line through the row (query) or column (key) of the cell under the pointer."""
    return {"showspikes": True, "spikemode": "toaxis", "spikecolor": colour, "spikethickness": 2}


def _cell_size(count: int) -> int:
    """Pixels of one cell: 36 for four tokens, 12 for 64, and no figure wider than about 1,100.

    Up to `BESIDE_AT_MOST` tokens the cells take 440 px, so that text fits beside them.
    """
    if count <= BESIDE_AT_MOST:
        return min(36, 440 // max(count, 1))
    return min(28, max(2, 780 // count))
