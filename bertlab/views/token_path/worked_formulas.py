"""Formulas with numbers in them, as rows of small boxes: the number above, what it is below."""

from collections.abc import Sequence
from html import escape

import numpy as np

from bertlab.inspection.masked_lm import Prediction
from bertlab.inspection.token_path.operations import Line, Term, digits
from bertlab.views.shared.palette import Palette

FIRST = 8  # values that are written out
AROUND = 120  # characters of the text on each side of a piece


def style(palette: Palette) -> str:
    """The rules of both kinds of rows."""
    return f"""<style>
.wk {{ display: flex; flex-wrap: wrap; gap: 0.35rem 0.45rem; align-items: flex-start;
  margin: 0 0 0.9rem; font-family: "Source Code Pro", monospace; font-size: 0.95rem; }}
.wk span {{ display: inline-flex; flex-direction: column; align-items: center; line-height: 1.3; }}
.wk .sign {{ padding-top: 0.22rem; }}
.wk .num {{ background: color-mix(in srgb, {palette.query} 9%, transparent);
  border-radius: 0.4rem; padding: 0.2rem 0.5rem; }}
.wk small {{ font-family: "Source Sans", sans-serif; font-size: 0.78rem; opacity: 0.85;
  max-width: 11rem; text-align: center; overflow-wrap: anywhere; line-height: 1.2; }}
.wk-text {{ margin: 0 0 0.9rem; font-size: 1.1rem; line-height: 1.7; overflow-wrap: anywhere; }}
.wk-text mark {{ background: color-mix(in srgb, {palette.query} 22%, transparent); color: inherit;
  border-radius: 0.25rem; padding: 0.1rem 0.2rem; font-weight: 600; }}
.wk-table {{ border-collapse: collapse; font-family: "Source Code Pro", monospace;
  font-size: 0.92rem; margin-bottom: 0.9rem; }}
.wk-table th {{ font-weight: 600; }}
.wk-table td, .wk-table th {{ text-align: right; padding: 0.2rem 0.7rem;
  border-bottom: 1px solid {palette.grid}; }}
.wk-table td:first-child, .wk-table th:first-child {{ text-align: left; }}
.wk .result {{ outline: 2px solid {palette.query}; font-weight: 600; }}
.wk .result small {{ font-weight: 400; }}
</style>"""


def lines_html(lines: Sequence[Line]) -> str:
    """Each line a row; notes may quote the user's tokens, so everything is escaped."""
    return "".join(f'<div class="wk">{"".join(map(_term_html, line))}</div>' for line in lines)


def _term_html(term: Term) -> str:
    text, note = escape(term.text), escape(term.note)
    if not note:
        return f'<span class="sign">{text}</span>'
    kind = "num result" if term.is_result else "num"
    return f'<span class="{kind}">{text}<small>{note}</small></span>'


def first_values_html(values: np.ndarray, chosen: int) -> str:
    """The first numbers of a vector, and the chosen one where it is not among them."""
    shown = list(range(min(FIRST, len(values))))
    boxes = "".join(_value_html(values, place, chosen) for place in shown)
    if chosen not in shown:
        boxes += f'<span class="sign">…</span>{_value_html(values, chosen, chosen)}'
    more = '<span class="sign">…</span>' if len(values) > FIRST else ""
    return f'<div class="wk">{boxes}{more}</div>'


def _value_html(values: np.ndarray, place: int, chosen: int) -> str:
    kind = "num result" if place == chosen else "num"
    return f'<span class="{kind}">{digits(values[place])}<small>{place:,}</small></span>'


def answers_html(answers: Sequence[Prediction], logits: np.ndarray) -> str:
    """The best answers with the way from logit to probability; the pieces are escaped."""
    top = float(logits.max())
    total = float(np.exp(logits.astype(np.float64) - top).sum())
    rows = "".join(
        f"<tr><td>{escape(answer.token)}</td><td>{digits(logits[answer.token_id])}</td>"
        f"<td>{digits(np.exp(float(logits[answer.token_id]) - top))}</td>"
        f"<td>{100 * answer.probability:.1f} %</td></tr>"
        for answer in answers
    )
    head = f"<th>piece</th><th>logit z</th><th>e^(z − {digits(top)})</th><th>÷ {digits(total)}</th>"
    return f'<table class="wk-table"><tr>{head}</tr>{rows}</table>'


def source_html(text: str, start: int, end: int) -> str:
    """A text with the stretch that became one piece marked; a long one is cut around it."""
    if start >= end:
        return '<p class="wk-text">It is not in the text: the tokenizer added it.</p>'
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    dots = "…" if start > AROUND else "", "…" if len(text) > end + AROUND else ""
    marked = f"{escape(before)}<mark>{escape(text[start:end])}</mark>{escape(after)}"
    return f'<p class="wk-text">{dots[0]}{marked}{dots[1]}</p>'
