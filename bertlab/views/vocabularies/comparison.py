"""One text under several vocabularies: a table of chips below the words, and bars."""

from collections.abc import Sequence
from html import escape

import pandas as pd
import plotly.graph_objects as go

from bertlab.views.shared.layouts import frame
from bertlab.views.shared.palette import Palette
from bertlab.views.shared.plotly_text import escape as plotly_escape
from bertlab.vocabularies.comparison import Cell, Cutting, CutToken, Outcome, group

SHOWN_WORDS = 60  # columns of the table
SHOWN_TOKENS = 24  # chips of one cell
OUTCOMES: dict[Outcome, str] = {
    "exact": "the text, exactly",
    "blanks": "all but the blanks",
    "case": "all but case and blanks",
    "accents": "all but accents, case and blanks",
    "lost": "less than the text",
}


def style(palette: Palette) -> str:
    """The rules of the table."""
    return f"""<style>
.vs-frame {{ overflow-x: auto; border: 1px solid {palette.grid}; border-radius: 0.5rem; }}
.vs {{ border-collapse: separate; border-spacing: 0; font-size: 0.9rem; }}
.vs th, .vs td {{ padding: 0.28rem 0.45rem; vertical-align: top; text-align: left;
  border-bottom: 1px solid {palette.grid}; }}
.vs tr:last-child th, .vs tr:last-child td {{ border-bottom: 0; }}
.vs thead th {{ font-weight: 600; white-space: nowrap; }}
.vs tbody th, .vs thead th:first-child {{ position: sticky; left: 0; z-index: 1;
  background: {palette.ground}; min-width: 9.5rem; max-width: 12rem; font-weight: 400;
  border-right: 1px solid {palette.grid}; }}
.vs tbody th b {{ display: block; font-weight: 600; overflow-wrap: anywhere; }}
.vs tbody th small {{ opacity: 0.8; }}
.vs td {{ border-left: 1px dotted {palette.grid}; }}
.vs .chips {{ display: flex; flex-wrap: wrap; gap: 0.15rem; width: max-content;
  max-width: calc(8.6rem * var(--words, 1)); font-family: "Source Code Pro", monospace;
  font-size: 0.84rem; }}
.vs i {{ font-style: normal; white-space: pre; padding: 0.05rem 0.35rem; border-radius: 0.35rem;
  background: color-mix(in srgb, {palette.query} 13%, transparent);
  border-bottom: 2px solid {palette.query}; }}
.vs i.unk {{ background: transparent; border: 1px dashed {palette.muted}; color: {palette.muted}; }}
.vs i.bytes {{ background: transparent; border: 1px solid {palette.muted};
  color: {palette.muted}; font-size: 0.8rem; }}
@media (max-width: 640px) {{ .vs tbody th, .vs thead th:first-child {{ min-width: 6.5rem;
  max-width: 6.5rem; font-size: 0.78rem; }} }}
</style>"""


def table_html(words: Sequence[str], cuttings: Sequence[Cutting]) -> str:
    """The words across, a row for each vocabulary, its tokens below the words they come from.

    A token that spans several words makes a cell as wide as they are.
    """
    shown = min(len(words), SHOWN_WORDS)
    heads = "".join(f"<th>{escape(word[:30])}</th>" for word in words[:shown])
    rows = "".join(_row(cutting, shown) for cutting in cuttings)
    label = escape(describe_cuttings(cuttings))
    return (
        f'<div class="vs-frame" role="region" tabindex="0" aria-label="{label}"><table class="vs">'
        f"<thead><tr><th>your text</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _row(cutting: Cutting, shown: int) -> str:
    cells = "".join(_cell(cell, shown) for cell in group(cutting) if cell.first < shown)
    return (
        f"<tr><th><b>{escape(cutting.name)}</b><small>{escape(cutting.kind)}, "
        f"{cutting.vocabulary_size:,} pieces</small></th>{cells}</tr>"
    )


def _cell(cell: Cell, shown: int) -> str:
    span = min(cell.last, shown - 1) - cell.first + 1
    wide = f' colspan="{span}" style="--words: {span}"' if span > 1 else ""
    chips = "".join(_chip(token) for token in cell.tokens[:SHOWN_TOKENS])
    rest = len(cell.tokens) - SHOWN_TOKENS
    more = f"<small>+{rest:,}</small>" if rest > 0 else ""
    nothing = "" if cell.tokens else "<small>nothing</small>"
    return f'<td{wide}><div class="chips">{chips}{more}{nothing}</div></td>'


def _chip(token: CutToken) -> str:
    kind = ' class="unk"' if token.is_unknown else ' class="bytes"' if token.is_bytes else ""
    shown = token.spelled if token.spelled.startswith("##") else token.readable
    tip = escape(f"{token.spelled}, id {token.id}")
    return f'<i{kind} title="{tip}">{escape(shown)}</i>'


def bars_figure(cuttings: Sequence[Cutting], palette: Palette, *, title: str) -> go.Figure:
    """Tokens a word, a bar for each vocabulary in the table's order; the unknown ones grey."""
    names = [plotly_escape(cutting.name) for cutting in cuttings]
    values = [cutting.tokens_per_word for cutting in cuttings]
    lost = [one.tokens_per_word * one.unknown_share for one in cuttings]
    known = [value - gone for value, gone in zip(values, lost, strict=True)]
    numbers = [
        [len(one.tokens), one.words, value] for one, value in zip(cuttings, values, strict=True)
    ]
    figure = go.Figure()
    for name, part, colour in (("pieces", known, palette.query), ("unknown", lost, palette.muted)):
        figure.add_bar(
            x=part, y=names, orientation="h", name=name, marker={"color": colour},
            customdata=numbers,
            hovertemplate="%{y}: %{customdata[0]:,} tokens for %{customdata[1]:,} words, "
            f"%{{x:.2f}} of %{{customdata[2]:.2f}} a word are {name}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=values, y=names, mode="text", text=[f" {value:.2f}" for value in values],
        textposition="middle right", hoverinfo="skip", showlegend=False, cliponaxis=False,
    )  # fmt: skip
    frame(figure, palette, title, height=110 + 40 * len(cuttings), left=160, top=76)
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title="tokens a word", gridcolor=palette.grid, rangemode="tozero")
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def bars_title(cuttings: Sequence[Cutting]) -> str:
    """Say who needs fewest and most tokens: "From 1.25 (…) to 6.88 (…) tokens a word"."""
    low = min(cuttings, key=lambda one: one.tokens_per_word)
    high = max(cuttings, key=lambda one: one.tokens_per_word)
    if low.tokens_per_word == high.tokens_per_word:
        return f"All need {low.tokens_per_word:.2f} tokens a word"
    return f"From {low.tokens_per_word:.2f} to {high.tokens_per_word:.2f} tokens a word"


def describe_cuttings(cuttings: Sequence[Cutting]) -> str:
    """Say in words how many tokens each vocabulary makes of the text."""
    told = "; ".join(
        f"{one.name} {len(one.tokens):,} ({one.tokens_per_word:.2f} a word)" for one in cuttings
    )
    return f"Tokens of the same {cuttings[0].words:,} words: {told}."


def cuttings_table(cuttings: Sequence[Cutting]) -> pd.DataFrame:
    """One row a vocabulary: what it costs and what comes back."""
    rows = [
        (one.name, one.kind, one.vocabulary_size, len(one.tokens), round(one.tokens_per_word, 2),
         round(one.characters_per_token, 2), f"{one.unknown_share:.1%}", OUTCOMES[one.outcome],
         one.decoded[:300])
        for one in cuttings
    ]  # fmt: skip
    columns = ["vocabulary", "kind", "pieces", "tokens", "tokens per word", "characters per token",
               "unknown", "decoding gives back", "decoded"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def tokens_table(cuttings: Sequence[Cutting], words: Sequence[str]) -> pd.DataFrame:
    """Every token: one row each, with the word it belongs to."""
    rows = [
        (one.name, words[token.first], token.spelled, token.readable, token.id)
        for one in cuttings
        for token in one.tokens
    ]
    return pd.DataFrame(rows, columns=["vocabulary", "word", "token", "reads as", "id"])
