"""A pre-training run in pictures: its curves, and its blanks from the first answer to the last."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import pandas as pd

from bertlab.pretraining.blanks import Answer, Watched
from bertlab.pretraining.heldout import HeldoutScores
from bertlab.runs.events import Event, MeasuredEvent, ValidationEvent, of_kind
from bertlab.views.shared.palette import Palette
from bertlab.views.training.curves import accuracy_chart, loss_chart, thin
from bertlab.views.training.measures import ACCURACY

HELDOUT = {"accuracy": "held-out", "next_accuracy": "held-out, next sentence"}
BEST = 3  # answers that are shown of each blank
WIDTH, HEIGHT = 170, 32  # of a small curve
CURVE_POINTS = 60


def loss_curves(events: Sequence[Event], palette: Palette, *, steps: int) -> dict[str, Any]:
    """The masked-LM loss of each step, its running mean, and that of the held-out stories."""
    return loss_chart(events, palette, steps=steps, checked="held-out")


def accuracy_curves(events: Sequence[Event], palette: Palette, *, steps: int) -> dict[str, Any]:
    """How many blanks are filled rightly, and how many sentence pairs are told apart."""
    checks = of_kind(events, ValidationEvent)
    has_pairs = bool(checks) and all(event.has("next_accuracy") for event in checks)
    curves = HELDOUT if has_pairs else {"accuracy": HELDOUT["accuracy"]}
    measure = replace(ACCURACY, curves=curves)
    return accuracy_chart(events, palette, steps=steps, measure=measure)


def style(palette: Palette) -> str:
    """The rules of the table of blanks: a row each, cards on a phone."""
    return f"""<style>
.pb {{ display: grid; gap: 0; margin: 0; }}
.pb > div {{ display: grid; gap: 0.2rem 1.2rem; align-items: center; padding: 0.3rem 0;
  grid-template-columns: minmax(12rem, 1fr) 5.5rem 20rem {WIDTH + 64}px;
  border-top: 1px solid {palette.grid}; }}
.pb > .pb-head {{ border-top: 0; font-weight: 600; padding: 0.2rem 0; }}
.pb p {{ margin: 0; overflow-wrap: anywhere; }}
.pb mark {{ background: {palette.mask_fill}; color: inherit; border: 1px solid {palette.mask};
  border-radius: 0.25rem; padding: 0 0.25rem; font-size: 0.88em; }}
.pb .pb-right {{ color: {palette.value}; font-weight: 600; overflow-wrap: anywhere; }}
.pb .pb-right small {{ display: none; }}
.pb ol {{ display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem;
  margin: 0; padding: 0 !important; list-style: none; }}
.pb ol li {{ margin: 0; font-size: 0.85rem; line-height: 1.25; }}
.pb ol b {{ display: block; font: 500 0.9rem/1.3 "Source Code Pro", monospace; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; }}
.pb ol i {{ display: block; height: 0.2rem; min-width: 1px; border-radius: 0.1rem;
  background: {palette.query}; }}
.pb ol .pb-hit b {{ color: {palette.value}; font-weight: 700; }}
.pb ol .pb-hit i {{ background: {palette.value}; }}
.pb figure {{ display: flex; align-items: center; gap: 0.5rem; margin: 0; }}
.pb figure b {{ min-width: 3.6rem; text-align: right; font-variant-numeric: tabular-nums; }}
@media (max-width: 1100px) {{
  .pb > div {{ grid-template-columns: 1fr; padding: 0.7rem 0; gap: 0.35rem; }}
  .pb .pb-right small {{ display: inline; font-weight: 400; color: {palette.text}; }}
  .pb > .pb-head {{ display: none; }}
}}
</style>"""


def blanks_html(watched: Sequence[Watched], palette: Palette, *, steps: int) -> str:
    """Each blank with its right answer, the best three answers now, and the way they took."""
    head = (
        '<div class="pb-head"><span>Sentence</span><span>Right</span>'
        "<span>Best three answers now</span><span>The right one over the steps</span></div>"
    )
    rows = "".join(_row(one, palette, steps) for one in watched)
    return f'<div class="pb">{head}{rows}</div>'


def _row(one: Watched, palette: Palette, steps: int) -> str:
    sentence = escape(one.sentence).replace("[MASK]", "<mark>[MASK]</mark>", 1)
    right = " / ".join(map(escape, one.answers))
    known = (
        f'<span class="pb-right"><small>right: </small>{right}</span>' if right else "<span></span>"
    )
    answers = "".join(_answer(token, share, one.answers) for token, share in _best(one.last))
    curve = _curve(one, palette, steps) if one.last.right is not None else "<span></span>"
    return f"<div><p>{sentence}</p>{known}<ol>{answers}</ol>{curve}</div>"


def _best(answer: Answer) -> tuple[tuple[str, float], ...]:
    return answer.predictions[:BEST]


def _answer(token: str, share: float, right: Sequence[str]) -> str:
    is_right = token in {word.lower() for word in right}
    mark = "✓ " if is_right else ""
    return (
        f'<li class="{"pb-hit" if is_right else ""}"><b>{mark}{escape(token)}</b>'
        f'<i style="width:{100 * share:.1f}%"></i>{share:.1%}</li>'
    )


def _curve(one: Watched, palette: Palette, steps: int) -> str:
    """A small curve of the right answer's probability, from 0 to 100 %."""
    points = thin([(a.step, a.right or 0.0) for a in one.history], CURVE_POINTS)
    places = [
        (4 + (WIDTH - 8) * step / max(steps, 1), HEIGHT - 4 - (HEIGHT - 8) * share)
        for step, share in points
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" rx="4" fill="none" '
        f'stroke="{palette.grid}"/>'
        f'<polyline points="{line}" fill="none" stroke="{palette.value}" stroke-width="2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{palette.value}"/></svg>'
    )
    picture = base64.b64encode(svg.encode()).decode()  # Streamlit removes bare <svg>
    return (
        f'<figure><img width="{WIDTH}" height="{HEIGHT}" alt="{escape(describe_blank(one))}" '
        f'title="{escape(describe_blank(one))}" src="data:image/svg+xml;base64,{picture}">'
        f"<b>{one.last.right or 0:.1%}</b></figure>"
    )


def describe_blank(one: Watched) -> str:
    """A blank's way in words, for a screen reader."""
    if one.last.right is None:
        return one.sentence
    return (
        f"{one.sentence} Probability of the right answer: {one.first.right or 0:.1%} at step "
        f"{one.first.step:,}, {one.last.right:.1%} at step {one.last.step:,}."
    )


def before_after_table(watched: Sequence[Watched]) -> pd.DataFrame:
    """The first and the last answer to each blank, side by side."""
    return pd.DataFrame(
        {
            "sentence": [one.sentence for one in watched],
            "right": [" / ".join(one.answers) for one in watched],
            "best before": [_said(one.first) for one in watched],
            "p(right) before, %": [_per_cent(one.first.right) for one in watched],
            "rank before": [one.first.rank for one in watched],
            "best after": [_said(one.last) for one in watched],
            "p(right) after, %": [_per_cent(one.last.right) for one in watched],
            "rank after": [one.last.rank for one in watched],
        }
    )


def _said(answer: Answer) -> str:
    return f"{answer.predictions[0][0]} {answer.predictions[0][1]:.1%}"


def _per_cent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


def heldout_table(files: Mapping[str, HeldoutScores]) -> pd.DataFrame:
    """How a model does on each held-out text: its scores, as rows."""
    return pd.DataFrame(
        {
            "text": list(files),
            "masked tokens": [one.tokens for one in files.values()],
            "found first, %": [_per_cent(one.accuracy) for one in files.values()],
            "loss": [round(one.loss, 3) for one in files.values()],
            "pairs": [one.pairs for one in files.values()],
            "pairs told apart, %": [_per_cent(one.next_accuracy) for one in files.values()],
        }
    )


def steps_table(events: Sequence[Event]) -> pd.DataFrame:
    """The run's curves as rows: training steps and measurements in their order."""
    columns = ["kind", "step", "seconds", "loss", "accuracy", "next", "next_accuracy", "tokens"]
    kinds = {"train": "training", "validation": "held-out"}
    measured = [event for event in events if isinstance(event, MeasuredEvent)]
    rows = [{**event.as_dict(), "kind": kinds[event.kind]} for event in measured]
    return pd.DataFrame(rows, columns=columns)
