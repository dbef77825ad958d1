"""One attention cell as a picture in six steps, from q and k to the context: an SVG drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape

import numpy as np

from bertlab.inside.attention_cell import AttentionCell, ShownKeys
from bertlab.views.attention_cell_words import (
    Span,
    cell_title,
    context_formula,
    dot_formula,
    number,
    percent,
    score_formula,
    softmax_formula,
)
from bertlab.views.diverging import diverging
from bertlab.views.heatmap import shorten
from bertlab.views.palette import Palette, Theme, palette_of

STEPS = ("q and k", "products", "sum", "divide by √d", "softmax", "context")

WIDTH = 1080
LEFT, STRIP = 186, 768  # where the strips begin, and how wide they are
RIGHT = LEFT + STRIP + 14  # what stands behind them
BAR = 46  # px of a strip of bars
ROW = 26  # px of a key's row
SCORE, WEIGHT, VALUES = 246, 436, 640  # where the bars of the row's three columns begin
SCORE_BAR, WEIGHT_BAR = 96, 168  # px at most
PARTS = LEFT + STRIP - VALUES  # px of a key's weight x value


@dataclass
class Sheet:
    """What is drawn so far, from the top down.

    Attributes:
        y: Where the next part begins.
        current: The step that is being looked at, from 1 on.
        head_size: The width d of the vectors.
    """

    theme: Theme
    current: int
    head_size: int
    y: float = 8
    parts: list[str] = field(default_factory=list)

    @property
    def colours(self) -> Palette:
        """The palette of the theme."""
        return palette_of(self.theme)


def draw_cell(
    cell: AttentionCell,
    tokens: Sequence[str],
    shown: ShownKeys,
    *,
    steps: int = len(STEPS),
    theme: Theme = "light",
) -> str:
    """Draw the computation of one attention weight, down to a step.

    What carries a number has it as `data-tip`; what belongs to one of the d dimensions has it as
    `data-dim`, a row's key as `data-key`.

    Args:
        cell: From `open_cell`.
        tokens: The input's names, shown as they are, markup too.
        shown: The keys that get a row.
        steps: The last step that is drawn, 1 to 6.
        theme: The page's ground.

    Returns:
        An `<svg>` element that also stands alone as a file.
    """
    sheet = Sheet(theme, steps, cell.head_size)
    _text(sheet, 0, sheet.y + 16, cell_title(cell, tokens), size=19, weight=600)
    sheet.y += 34
    for part in (_vectors, _products, _sum, _division)[:steps]:
        part(sheet, cell, tokens)
    if steps >= 5:
        _row(sheet, cell, tokens, shown, has_values=steps >= 6)
    height = round(sheet.y + 6)
    ground = f'<rect width="{WIDTH}" height="{height}" fill="{sheet.colours.ground}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" font-family="\'Source Code Pro\', monospace" font-size="14" '
        f'fill="{sheet.colours.text}">{ground}{"".join(sheet.parts)}</svg>'
    )


def _vectors(sheet: Sheet, cell: AttentionCell, tokens: Sequence[str]) -> None:
    d = cell.head_size
    _heading(sheet, 1, f"the query's and the key's {d} numbers in this head")
    top = float(np.abs(np.concatenate([cell.q, cell.k])).max())
    colours = sheet.colours
    for name, token, vector, colour in (
        ("q of", cell.query, cell.q, colours.query),
        ("k of", cell.key, cell.k, colours.key),
    ):
        label = name, f"“{shorten(tokens[token])}”"
        tips, paint = _dimension_tips(cell), partial(_same, colour)
        _strip(sheet, label, vector, top, paint, tips, ink=colour)
        _text(sheet, RIGHT, sheet.y - BAR / 2 - 3, f"±{number(top)}", size=12, fill=colours.muted)


def _products(sheet: Sheet, cell: AttentionCell, tokens: Sequence[str]) -> None:
    _heading(sheet, 2, "number by number: above 0 where both have the same sign")
    top = float(np.abs(cell.products).max())
    _strip(sheet, ("q × k",), cell.products, top, _signed(sheet), _dimension_tips(cell))
    _text(sheet, RIGHT, sheet.y - BAR / 2 - 3, f"±{number(top)}", size=12, fill=sheet.colours.muted)


def _sum(sheet: Sheet, cell: AttentionCell, tokens: Sequence[str]) -> None:
    _heading(sheet, 3, "all products added up: the dot product q · k")
    sums = np.cumsum(cell.products)
    top = float(np.abs(sums).max())
    tips = [f"the first {i + 1} products: {number(total)}" for i, total in enumerate(sums)]
    _strip(sheet, ("sum so far",), sums, top, _signed(sheet), tips)
    _text(sheet, RIGHT, sheet.y - BAR / 2, number(cell.dot), size=19, weight=600)
    _formula(sheet, dot_formula(cell))


def _division(sheet: Sheet, cell: AttentionCell, tokens: Sequence[str]) -> None:
    _heading(sheet, 4, f"{cell.head_size} products make large sums; √d takes them down: the score")
    _formula(sheet, score_formula(cell))


def _row(
    sheet: Sheet, cell: AttentionCell, tokens: Sequence[str], shown: ShownKeys, *, has_values: bool
) -> None:
    _heading(sheet, 5, f"the scores of all {len(tokens)} keys become shares of 100 %")
    _formula(sheet, softmax_formula(cell))
    if has_values:
        _heading(sheet, 6, "each key's value times its weight, added up: what the head hands on")
        _formula(sheet, context_formula(cell))
    _columns(sheet, has_values=has_values)
    top_score = float(np.abs(cell.scores).max()) or 1.0
    top_part = float(np.abs(cell.weighted_values).max())
    for key in shown.positions:
        _key_row(sheet, cell, tokens, key, top_score)
        if has_values:
            name, parts = f"“{shorten(tokens[key])}”", cell.weighted_values[key]
            lead = f"{name}: {percent(float(cell.weights[key]))} × value"
            _cells(sheet, parts, top_part, lead)
        sheet.parts.append("</g>")
        sheet.y += ROW
    if shown.hidden:
        _rest(sheet, cell, shown, top_part, has_values=has_values)
    if has_values:
        _context(sheet, cell)


def _columns(sheet: Sheet, *, has_values: bool) -> None:
    sheet.y += 6
    muted = sheet.colours.muted
    _text(sheet, 8, sheet.y + 13, "key", size=13, fill=muted)
    _text(sheet, SCORE - 12, sheet.y + 13, "score", size=13, anchor="end", fill=muted)
    _text(sheet, WEIGHT - 10, sheet.y + 13, "weight", size=13, anchor="end", fill=muted)
    if has_values:
        _text(sheet, VALUES, sheet.y + 13, "weight × value", size=13, fill=muted)
    sheet.y += 20


def _key_row(
    sheet: Sheet, cell: AttentionCell, tokens: Sequence[str], key: int, top_score: float
) -> None:
    """Open a row's group and draw its token, score and weight; the caller closes it."""
    colours, y = sheet.colours, sheet.y
    is_chosen = key == cell.key
    score, weight = float(cell.scores[key]), float(cell.weights[key])
    said = f"key “{tokens[key]}” ({key}): score {number(score)}, weight {percent(weight)}"
    sheet.parts.append(
        f'<g class="row" role="button" tabindex="0" data-key="{key}" '
        f'aria-pressed="{str(is_chosen).lower()}" aria-label="{escape(said)}">'
    )
    width = LEFT + STRIP
    frame = f' stroke="{colours.key}" stroke-width="2"' if is_chosen else ""
    _rect(sheet, 0, y + 1, width, ROW - 2, "none", tip=said, more=f'class="hit" rx="4"{frame}')
    fill, bold = (colours.key, 600) if is_chosen else (colours.text, 400)
    _text(sheet, 8, y + 18, shorten(tokens[key]), fill=fill, weight=bold)
    _text(sheet, SCORE - 12, y + 18, number(score), anchor="end", fill=fill, weight=bold)
    length = SCORE_BAR / 2 * abs(score) / top_score
    middle = SCORE + SCORE_BAR / 2
    left = middle if score >= 0 else middle - length
    _rect(sheet, left, y + 7, length, ROW - 14, _signed(sheet)(score))
    _line(sheet, middle, y + 4, middle, y + ROW - 4)
    _text(sheet, WEIGHT - 10, y + 18, percent(weight), anchor="end", fill=fill, weight=bold)
    bar = colours.key if is_chosen else colours.query
    _rect(sheet, WEIGHT, y + 6, max(1.0, WEIGHT_BAR * weight), ROW - 12, bar)


def _rest(
    sheet: Sheet, cell: AttentionCell, shown: ShownKeys, top_part: float, *, has_values: bool
) -> None:
    """All keys that get no row of their own, as one."""
    hidden = list(shown.hidden)
    weight, y = float(cell.weights[hidden].sum()), sheet.y
    colours = sheet.colours
    _text(sheet, 8, y + 18, f"{len(hidden)} weaker keys", fill=colours.muted)
    _text(sheet, WEIGHT - 10, y + 18, percent(weight), anchor="end", fill=colours.muted)
    _rect(sheet, WEIGHT, y + 6, max(1.0, WEIGHT_BAR * weight), ROW - 12, colours.muted)
    if has_values:
        parts = cell.weighted_values[hidden].sum(axis=0)  # (d,)
        _cells(sheet, parts, top_part, f"the {len(hidden)} weaker keys together")
    sheet.y += ROW


def _context(sheet: Sheet, cell: AttentionCell) -> None:
    y, colours = sheet.y, sheet.colours
    _line(sheet, 0, y + 4, LEFT + STRIP, y + 4)
    _text(sheet, 8, y + 34, "together", weight=600)
    _text(sheet, WEIGHT - 10, y + 34, "100.0 %", anchor="end", weight=600)
    _text(sheet, VALUES - 12, y + 34, "context", anchor="end", weight=600, fill=colours.value)
    top = float(np.abs(cell.context).max())
    tips = [f"context[{i}] = {number(value)}" for i, value in enumerate(cell.context)]
    sheet.y += 8
    _bars(sheet, cell.context, VALUES, PARTS, top, partial(_same, colours.value), tips)
    _text(sheet, RIGHT, sheet.y + BAR / 2 + 4, f"±{number(top)}", size=12, fill=colours.muted)
    sheet.y += BAR + 6


def _cells(sheet: Sheet, parts: np.ndarray, top: float, lead: str) -> None:
    """A strip of coloured cells, one for each dimension."""
    width = PARTS / len(parts)
    for i, value in enumerate(parts):
        fill = diverging(float(value), top, sheet.theme)
        tip = f"{lead}, dimension {i}: {number(float(value))}"
        more = f'data-dim="{i}"'
        _rect(sheet, VALUES + i * width, sheet.y + 4, width, ROW - 8, fill, tip=tip, more=more)


def _strip(
    sheet: Sheet,
    label: Sequence[str],
    values: np.ndarray,
    top: float,
    colour: Callable[[float], str],
    tips: Sequence[str],
    *,
    ink: str = "",
) -> None:
    """A strip of bars with its name, of one or two lines, before it."""
    first = sheet.y + BAR / 2 + 4 - 9 * (len(label) - 1)
    for line, text in enumerate(label):
        _text(sheet, LEFT - 12, first + 18 * line, text, anchor="end", fill=ink)
    _bars(sheet, values, LEFT, STRIP, top, colour, tips)
    sheet.y += BAR + 8


def _bars(
    sheet: Sheet,
    values: np.ndarray,
    x: float,
    width: float,
    top: float,
    colour: Callable[[float], str],
    tips: Sequence[str],
) -> None:
    """A bar for each dimension, up or down from 0; the whole column answers to the pointer."""
    step, middle = width / len(values), sheet.y + BAR / 2
    for i, value in enumerate(values):
        length = BAR / 2 * abs(float(value)) / (top or 1.0)
        y = middle - length if value > 0 else middle
        bar_x, bar_width = x + i * step + 0.08 * step, 0.84 * step
        _rect(sheet, bar_x, y, bar_width, max(length, 0.6), colour(float(value)))
        more = f'data-dim="{i}" class="hit"'
        _rect(sheet, x + i * step, sheet.y, step, BAR, "none", tip=tips[i], more=more)
    _line(sheet, x, middle, x + width, middle)


def _signed(sheet: Sheet) -> Callable[[float], str]:
    """The strong end of the diverging scale that a number's sign asks for."""
    return lambda value: diverging(1.0 if value > 0 else -1.0, 1.0, sheet.theme)


def _same(colour: str, _: float) -> str:
    return colour


def _dimension_tips(cell: AttentionCell) -> list[str]:
    triples = zip(cell.q, cell.k, cell.products, strict=True)
    return [
        f"dimension {i}: {number(q)} × {number(k)} = {number(product)}"
        for i, (q, k, product) in enumerate(triples)
    ]


def step_name(step: int, head_size: int) -> str:
    """What a step is called: `step_name(4, 64)` is "divide by √64"."""
    return STEPS[step - 1].replace("√d", f"√{head_size}")


def _heading(sheet: Sheet, step: int, text: str) -> None:
    """A step's number and name; the one in hand stands on a filled disc."""
    colours = sheet.colours
    is_current = step == sheet.current
    sheet.y += 10
    disc, digit = (colours.text, colours.ground) if is_current else ("none", colours.text)
    sheet.parts.append(
        f'<circle cx="13" cy="{sheet.y + 12}" r="12" fill="{disc}" stroke="{colours.text}"/>'
    )
    _text(sheet, 13, sheet.y + 17, str(step), anchor="middle", fill=digit, weight=600)
    name = step_name(step, sheet.head_size)
    sheet.parts.append(
        f'<text x="34" y="{sheet.y + 17}" font-family="\'Source Sans\', sans-serif" font-size="16">'
        f'<tspan font-weight="600">{name}</tspan>: {escape(text)}</text>'
    )
    sheet.y += 32


def _formula(sheet: Sheet, spans: Sequence[Span]) -> None:
    colours = sheet.colours
    fills = {"query": colours.query, "key": colours.key, "value": colours.value}
    inner = "".join(
        f'<tspan fill="{fills[role]}">{escape(text)}</tspan>' if role else escape(text)
        for text, role in spans
    )
    sheet.parts.append(f'<text x="34" y="{sheet.y + 14}" font-size="16">{inner}</text>')
    sheet.y += 26


def _text(
    sheet: Sheet,
    x: float,
    y: float,
    text: str,
    *,
    size: int = 14,
    weight: int = 400,
    anchor: str = "start",
    fill: str = "",
) -> None:
    fill = fill or sheet.colours.text
    sheet.parts.append(
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{fill}">{escape(text)}</text>'
    )


def _rect(
    sheet: Sheet,
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    *,
    tip: str = "",
    more: str = "",
) -> None:
    hover = f' data-tip="{escape(tip)}" pointer-events="all"' if tip else ""
    sheet.parts.append(
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{fill}"{hover} {more}/>'
    )


def _line(sheet: Sheet, x1: float, y1: float, x2: float, y2: float) -> None:
    sheet.parts.append(
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{sheet.colours.muted}" stroke-opacity="0.6"/>'
    )
