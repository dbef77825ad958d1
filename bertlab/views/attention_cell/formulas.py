"""One attention cell in formulas and words: each number is the one just computed."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from bertlab.inspection.attention_cell import AttentionCell, ShownKeys
from bertlab.views.shared.palette import Palette
from bertlab.views.shared.shortening import shorten

WRITTEN_OUT = 3  # products, and parts of the context, that the formula spells out
CLEAR_SHARE = 0.5  # a query "looks at" a key only from this weight on ...
CLEAR_TIMES_EVEN = 2.0  # ... and where it is more than so many times an even share

Role = Literal["", "query", "key", "value"]
Span = tuple[str, Role]  # a stretch of a formula, and whose colour it has


def number(value: float) -> str:
    """Write a number with three or four digits and a real minus: `number(-0.7214)` is "−0.721"."""
    digits = 3 if abs(value) < 1 else 2
    return f"{value:.{digits}f}".replace("-", "−")


def large(value: float) -> str:
    """Write a positive number of any size: 463, 1,484 or 8.47 × 10^7."""
    if value < 100:
        return number(value)
    if value < 1e6:
        return f"{value:,.0f}"
    digits, _, power = f"{value:.2e}".partition("e")
    return f"{digits} × 10^{int(power)}"


def percent(weight: float) -> str:
    """Write a weight as per cent: `percent(0.1234)` is "12.3 %"."""
    return f"{100 * weight:.1f} %"


def plain(spans: Sequence[Span]) -> str:
    """A formula without its colours."""
    return "".join(text for text, _ in spans)


def dot_formula(cell: AttentionCell) -> list[Span]:
    """The sum of the products, the first of them written out.

    With q = (1, 0, 1, 0) and k = (2, 0, 0, 0): "1.00 × 2.00 + 0.000 × 0.000 + 1.00 × 0.000 + … =
    2.00".
    """
    spans: list[Span] = []
    for q, k in zip(cell.q[:WRITTEN_OUT], cell.k[:WRITTEN_OUT], strict=True):
        sign = " + " if spans else ""
        spans += [(sign, ""), (number(q), "query"), (" × ", ""), (number(k), "key")]
    more = " + …" if cell.head_size > WRITTEN_OUT else ""
    return [*spans, (f"{more} = {number(cell.dot)}", "")]


def score_formula(cell: AttentionCell) -> list[Span]:
    """The division: "2.00 / √4 = 2.00 / 2.00 = 1.00"."""
    d = cell.head_size
    root = number(math.sqrt(d))
    return [(f"{number(cell.dot)} / √{d} = {number(cell.dot)} / {root} = {number(cell.score)}", "")]


def softmax_formula(cell: AttentionCell) -> list[Span]:
    """The share of one score: "e^1.00 / (sum over all 2 keys) = 2.72 / 3.72 = 73.1 %"."""
    with np.errstate(over="ignore"):
        raised = np.exp(cell.scores)
    start = f"e^{number(cell.score)} / (the same of all {len(cell.scores)} keys, added up) = "
    if not np.isfinite(raised.sum()):
        return [(start + percent(cell.weight), "")]
    own, all_of_them = (large(float(value)) for value in (raised[cell.key], raised.sum()))
    return [(f"{start}{own} / {all_of_them} = {percent(cell.weight)}", "")]


def context_formula(cell: AttentionCell) -> list[Span]:
    """The context's first number, as the strongest keys make it: "73.1 % × 1.00 + ... = 0.731"."""
    spans: list[Span] = []
    for key in np.argsort(-cell.weights, kind="stable")[:WRITTEN_OUT]:
        weight = float(cell.weights[key])
        value = float(cell.weighted_values[key, 0]) / weight if weight > 0 else 0.0
        sign = " + " if spans else ""
        spans += [(f"{sign}{percent(weight)} × ", ""), (number(value), "value")]
    more = " + …" if len(cell.weights) > WRITTEN_OUT else ""
    return [*spans, (f"{more} = ", ""), (number(float(cell.context[0])), "value")]


def formulas_html(cell: AttentionCell, palette: Palette) -> str:
    """The way from the vectors to the weight in three lines, q blue and k orange."""
    fills = {"": palette.text, "query": palette.query, "key": palette.key, "value": palette.value}
    rows = []
    for name, spans in (
        ("q · k", dot_formula(cell)),
        (f"/ √{cell.head_size}", score_formula(cell)),
        ("softmax", softmax_formula(cell)),
    ):
        inner = "".join(f'<span style="color:{fills[role]}">{text}</span>' for text, role in spans)
        rows.append(
            f'<div style="display:flex;gap:0.8rem;padding:0.45rem 0;'
            f'border-bottom:1px solid {palette.grid}">'
            f'<b style="flex:0 0 4.6rem">{name}</b><span>{inner}</span></div>'
        )
    mono = "font-family:'Source Code Pro',monospace;font-size:0.92rem;line-height:1.5"
    return f'<div style="{mono};color:{palette.text}">{"".join(rows)}</div>'


def cell_title(cell: AttentionCell, tokens: Sequence[str]) -> str:
    """Say what this cell shows; that a token looks at another only where the weight is clear.

    "Head 2.3: “walked” looks at “slowly”: 81.0 % of its weight" needs a weight of at least
    `CLEAR_SHARE` that is more than `CLEAR_TIMES_EVEN` times an even share.
    """
    query, key = (shorten(tokens[i]) for i in (cell.query, cell.key))
    even = 1 / len(tokens)
    name = f"Head {cell.layer}.{cell.head}"
    if cell.weight >= CLEAR_SHARE and cell.weight > CLEAR_TIMES_EVEN * even:
        target = "itself" if cell.query == cell.key else f"“{key}”"
        return f"{name}: “{query}” looks at {target}: {percent(cell.weight)} of its weight"
    return (
        f"{name}: “{query}” gives “{key}” {percent(cell.weight)} of its weight; "
        f"even weights would give {percent(even)}"
    )


def describe_cell(cell: AttentionCell, tokens: Sequence[str], shown: ShownKeys) -> str:
    """The picture in words, for those who cannot see it."""
    query, key = (f"“{tokens[i]}” ({i})" for i in (cell.query, cell.key))
    best = sorted(shown.positions, key=lambda i: -cell.weights[i])[:5]
    row = "; ".join(f"“{tokens[i]}” ({i}) {percent(float(cell.weights[i]))}" for i in best)
    return (
        f"Head {cell.layer}.{cell.head}, query {query}, key {key}. "
        f"q · k = {plain(dot_formula(cell))}. Divided: {plain(score_formula(cell))}. "
        f"Softmax: {plain(softmax_formula(cell))}. The strongest weights of the row: {row}. "
        f"The context's first number: {plain(context_formula(cell))}."
    )


def products_table(cell: AttentionCell) -> pd.DataFrame:
    """A row for each number of q and k: their product, the sum so far, the context."""
    return pd.DataFrame(
        {
            "dimension": range(cell.head_size),
            "q": cell.q,
            "k": cell.k,
            "product": cell.products,
            "sum so far": np.cumsum(cell.products),
            "context": cell.context,
        }
    )


def row_table(cell: AttentionCell, tokens: Sequence[str]) -> pd.DataFrame:
    """A row for each key: score, weight, and the length of weight times value."""
    return pd.DataFrame(
        {
            "position": range(len(tokens)),
            "key": list(tokens),
            "score": cell.scores,
            "weight": cell.weights,
            "weight without the division": cell.undivided,
            "length of weight x value": cell.lengths,
        }
    )
