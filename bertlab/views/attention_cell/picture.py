"""One attention cell as a picture in six steps, from q and k to the context: an SVG drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape

import numpy as np

from bertlab.inspection.attention_cell import AttentionCell, ShownKeys
from bertlab.views.attention_cell.formulas import (
    Span,
    cell_title,
    context_formula,
    dot_formula,
    number,
    percent,
    score_formula,
    softmax_formula,
)
from bertlab.views.shared.diverging import difference_colour
from bertlab.views.shared.palette import Palette, Theme, palette_of
from bertlab.views.shared.shortening import shorten

STEPS = ("q and k", "products", "sum", "divide by √d", "softmax", "context")

WIDTH = 1080
TITLE = 34  # px at the top
LEFT, STRIP = 186, 768  # where the strips begin, and how wide they are
RIGHT = LEFT + STRIP + 14  # what stands behind them
BAR = 52  # px of a strip of bars
ROW = 26  # px of a key's row
SCORE, WEIGHT, VALUES = 246, 436, 640  # where the bars of the row's three columns begin
SCORE_BAR, WEIGHT_BAR = 96, 168  # px at most
PARTS = LEFT + STRIP - VALUES  # px of a key's weight x value

Ends = tuple[float, float]  # the lowest and the highest number of a scale


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
    sheet.y += TITLE
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
    d, colours = cell.head_size, sheet.colours
    _heading(sheet, 1, f"the query's and the key's {d} numbers in this head, on one scale")
    span = _span(np.concatenate([cell.q, cell.k]))
    for name, token, vector, colour in (
        ("q of", cell.query, cell.q, colours.query),
        ("k of", cell.key, cell.k, colours.key),
    ):
        label = name, f"“{shorten(tokens[token])}”"
        _strip(sheet, label, vector, span, partial(_same, colour), _dimension_tips(cell), colour)


def _products(sheet: Sheet, cell: AttentionCell, tokens: Sequence[str]) -> None:
    _heading(sheet, 2, "number by number: above 0 where both have the same sign")
    tips = _dimension_tips(cell)
    _strip(sheet, ("q × k",), cell.products, _span(cell.products), _signed(sheet), tips)


def _sum(sheet: Sheet, cell: AttentionCell, tokens: Sequence[str]) -> None:
    _heading(sheet, 3, "all products added up, from left to right: the dot product q · k")
    sums = np.cumsum(cell.products)
    tips = [f"the first {i + 1} products: {number(total)}" for i, total in enumerate(sums)]
    middle = sheet.y + BAR / 2
    _strip(sheet, ("sum so far",), sums, _span(sums), _signed(sheet), tips, has_ends=False)
    _text(sheet, RIGHT, middle + 6, number(cell.dot), size=19, weight=600)
    _formula(sheet, dot_formula(cell))


def _division(sheet: Sheet, cell: AttentionCell, tokens: Sequence[str]) -> None:
    _heading(sheet, 4, "÷ √d keeps the spread independent of d, so that softmax does not saturate")
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
    top_part = float(np.abs(cell.weighted_values).max())
    for key in shown.positions:
        _key_row(sheet, cell, tokens, key, _span(cell.scores))
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
    _text(sheet, 40, sheet.y + 13, "key", size=13, fill=muted)
    _text(sheet, SCORE - 12, sheet.y + 13, "score", size=13, anchor="end", fill=muted)
    _text(sheet, WEIGHT - 10, sheet.y + 13, "weight", size=13, anchor="end", fill=muted)
    if has_values:
        _text(sheet, VALUES, sheet.y + 13, "weight × value", size=13, fill=muted)
    sheet.y += 20


def _key_row(
    sheet: Sheet, cell: AttentionCell, tokens: Sequence[str], key: int, span: Ends
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
    _text(sheet, 30, y + 18, str(key), size=12, anchor="end", fill=colours.muted)
    _text(sheet, 40, y + 18, shorten(tokens[key]), fill=fill, weight=bold)
    _text(sheet, SCORE - 12, y + 18, number(score), anchor="end", fill=fill, weight=bold)
    low, high = span
    scale = SCORE_BAR / ((high - low) or 1.0)
    zero, length = SCORE - scale * low, scale * abs(score)
    left = zero if score >= 0 else zero - length
    _rect(sheet, left, y + 7, length, ROW - 14, _signed(sheet)(score))
    _line(sheet, zero, y + 4, zero, y + ROW - 4)
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
    _text(sheet, 40, y + 18, f"{len(hidden)} weaker keys", fill=colours.muted)
    _text(sheet, WEIGHT - 10, y + 18, percent(weight), anchor="end", fill=colours.muted)
    _rect(sheet, WEIGHT, y + 6, max(1.0, WEIGHT_BAR * weight), ROW - 12, colours.muted)
    if has_values:
        parts = cell.weighted_values[hidden].sum(axis=0)  # (d,)
        _cells(sheet, parts, top_part, f"the {len(hidden)} weaker keys together")
    sheet.y += ROW


def _context(sheet: Sheet, cell: AttentionCell) -> None:
    y, colours = sheet.y, sheet.colours
    _line(sheet, 0, y + 4, LEFT + STRIP, y + 4)
    _text(sheet, 40, y + 34, "together", weight=600)
    _text(sheet, WEIGHT - 10, y + 34, "100.0 %", anchor="end", weight=600)
    _text(sheet, VALUES - 12, y + 34, "context", anchor="end", weight=600, fill=colours.value)
    tips = [f"context[{i}] = {number(value)}" for i, value in enumerate(cell.context)]
    sheet.y += 8
    span = _span(cell.context)
    _bars(sheet, cell.context, VALUES, PARTS, span, partial(_same, colours.value), tips)
    _ends(sheet, span)
    sheet.y += BAR + 6


def _cells(sheet: Sheet, parts: np.ndarray, top: float, lead: str) -> None:
    """A strip of coloured cells, one for each dimension."""
    width = PARTS / len(parts)
    for i, value in enumerate(parts):
        fill, _ = difference_colour(float(value), top, sheet.theme)
        tip = f"{lead}, dimension {i}: {number(float(value))}"
        more = f'data-dim="{i}"'
        _rect(sheet, VALUES + i * width, sheet.y + 4, width, ROW - 8, fill, tip=tip, more=more)


def _strip(
    sheet: Sheet,
    label: Sequence[str],
    values: np.ndarray,
    span: Ends,
    colour: Callable[[float], str],
    tips: Sequence[str],
    ink: str = "",
    *,
    has_ends: bool = True,
) -> None:
    """A strip of bars with its name, of one or two lines, before it and its ends behind it."""
    first = sheet.y + BAR / 2 + 5 - 9 * (len(label) - 1)
    for line, text in enumerate(label):
        _text(sheet, LEFT - 12, first + 18 * line, text, anchor="end", fill=ink)
    _bars(sheet, values, LEFT, STRIP, span, colour, tips)
    if has_ends:
        _ends(sheet, span)
    sheet.y += BAR + 8


def _span(values: np.ndarray) -> Ends:
    """The lowest and the highest number, with 0 between them or at one end."""
    return min(0.0, float(values.min())), max(0.0, float(values.max()))


def _ends(sheet: Sheet, span: Ends) -> None:
    """What the ends of a strip stand for; an end at 0 needs no number."""
    for value, y in zip(span, (sheet.y + BAR, sheet.y + 10), strict=True):
        if value:
            _text(sheet, RIGHT, y, number(value), size=12, fill=sheet.colours.muted)


def _bars(
    sheet: Sheet,
    values: np.ndarray,
    x: float,
    width: float,
    span: Ends,
    colour: Callable[[float], str],
    tips: Sequence[str],
) -> None:
    """A bar for each dimension, up or down from 0; the whole column answers to the pointer."""
    low, high = span
    scale = BAR / ((high - low) or 1.0)
    step, zero = width / len(values), sheet.y + scale * high
    for i, value in enumerate(values):
        length = scale * abs(float(value))
        y = zero - length if value > 0 else zero
        bar_x, bar_width = x + i * step + 0.08 * step, 0.84 * step
        _rect(sheet, bar_x, y, bar_width, max(length, 0.6), colour(float(value)))
        more = f'data-dim="{i}" class="hit"'
        _rect(sheet, x + i * step, sheet.y, step, BAR, "none", tip=tips[i], more=more)
    _line(sheet, x, zero, x + width, zero)


def _signed(sheet: Sheet) -> Callable[[float], str]:
    """The strong end of the diverging scale that a number's sign asks for."""
    return lambda value: difference_colour(1.0 if value > 0 else -1.0, 1.0, sheet.theme)[0]


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
        f'<line pointer-events="none" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{sheet.colours.muted}" stroke-opacity="0.6"/>'
    )
