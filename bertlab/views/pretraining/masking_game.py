"""The masking game as pictures: two rows of pieces, what the loss counts, how often each kind."""

from collections.abc import Sequence
from html import escape

import pandas as pd

from bertlab.inspection.masking_game import KINDS, RULE, Asked, Counts, Draw, mean_loss
from bertlab.pretraining.data.masking import KEPT, REPLACED_BY_MASK, REPLACED_BY_RANDOM
from bertlab.views.shared.palette import Palette

NAMES = {REPLACED_BY_MASK: "[MASK]", REPLACED_BY_RANDOM: "random", KEPT: "kept"}
SHAPES = {REPLACED_BY_MASK: "■", REPLACED_BY_RANDOM: "◆", KEPT: "●"}  # not by colour alone
CLASSES = {REPLACED_BY_MASK: "mg-mask", REPLACED_BY_RANDOM: "mg-random", KEPT: "mg-kept"}
WHAT_HAPPENS = {
    REPLACED_BY_MASK: "hidden by [MASK]",
    REPLACED_BY_RANDOM: "replaced by a random piece",
    KEPT: "left as it is, but asked about",
}
WRITTEN_OUT = 8  # summands of the mean; more are not read


def style(palette: Palette) -> str:
    """The rules that the pictures of the game share."""
    mono = '"Source Code Pro", monospace'
    return f"""<style>
.mg {{ display: flex; flex-wrap: wrap; gap: 0.5rem 0.35rem; margin: 0;
  padding: 0.2rem 0 !important;
  list-style: none; }}
.mg li {{ display: grid; grid-template-rows: auto auto auto auto; justify-items: stretch;
  text-align: center; margin: 0; padding: 0; min-width: 2.2rem; }}
.mg span {{ font-family: {mono}; font-size: 0.95rem; padding: 0.12rem 0.45rem;
  border: 1.5px solid {palette.grid}; border-radius: 0.4rem; white-space: pre; }}
.mg i {{ font-style: normal; line-height: 1.05; color: {palette.muted}; font-size: 0.8rem; }}
.mg small {{ font-size: 0.78rem; min-height: 1.2rem; white-space: nowrap; font-weight: 600; }}
.mg .mg-left span, .mg .mg-special span {{ color: {palette.muted}; }}
.mg .mg-special span {{ border-style: dotted; }}
.mg .mg-b span {{ border-bottom-color: {palette.segment_b}; border-bottom-width: 2.5px; }}
.mg-mask b, .mg .mg-mask span:last-of-type {{ border-color: {palette.mask};
  background: {palette.mask_fill}; font-weight: 600; }}
.mg-random b, .mg .mg-random span:last-of-type {{ border: 2px dashed {palette.key};
  font-weight: 600; }}
.mg-kept b, .mg .mg-kept span:last-of-type {{ border: 3px double {palette.query};
  font-weight: 600; }}
.mg-mask small, .mg-mask em {{ color: {palette.mask}; }}
.mg-random small, .mg-random em {{ color: {palette.key}; }}
.mg-kept small, .mg-kept em {{ color: {palette.query}; }}
.mg-legend {{ display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; margin: 0.2rem 0 0.4rem;
  padding: 0 !important; list-style: none; font-size: 0.95rem; }}
.mg-legend li {{ margin: 0; }} .mg-legend em {{ font-style: normal; font-weight: 600; }}
.mg-sum {{ font-family: {mono}; font-size: 0.95rem; overflow-wrap: anywhere; line-height: 1.6;
  border-left: 3px solid {palette.query}; padding: 0.2rem 0.8rem; margin: 0.2rem 0; }}
.mg-shares {{ display: grid; grid-template-columns: max-content minmax(6rem, 1fr) max-content;
  gap: 0.45rem 0.8rem; align-items: center; max-width: 44rem; }}
.mg-shares div {{ position: relative; height: 1.1rem; background: {palette.grid};
  border-radius: 0.25rem; }}
.mg-shares div i {{ position: absolute; inset: 0 auto 0 0; border-radius: 0.25rem; }}
.mg-shares div u {{ position: absolute; top: -0.2rem; bottom: -0.2rem; width: 2px;
  background: {palette.text}; }}
.mg-shares b {{ font-weight: 500; }} .mg-shares em {{ font-style: normal; }}
.mg-pair {{ display: grid; gap: 0.5rem; max-width: 46rem; margin: 0.2rem 0; }}
.mg-pair div {{ border: 1px solid {palette.grid}; border-left: 4px solid {palette.query};
  border-radius: 0.4rem; padding: 0.5rem 0.8rem; overflow-wrap: anywhere; }}
.mg-pair div + div {{ border-left-color: {palette.segment_b}; }}
.mg-pair b {{ margin-right: 0.6rem; }}
@media (max-width: 640px) {{
  .mg-shares {{ grid-template-columns: max-content 1fr; }}
  .mg-shares b {{ grid-column: 1 / -1; margin-bottom: 0.4rem; }}
}}
</style>"""


def rows_html(draw: Draw) -> str:
    """The text above, what the model reads below, piece by piece; chosen pieces are marked."""
    items = "".join(_item(draw, i) for i in range(len(draw.tokens)))
    return f'<ol class="mg" aria-label="{escape(describe_draw(draw))}">{items}</ol>'


def _item(draw: Draw, i: int) -> str:
    kind, encoded = draw.kinds[i], draw.encoded
    name = f"{SHAPES[kind]} {NAMES[kind]}" if kind in NAMES else ""
    classes = CLASSES.get(kind, "mg-special" if encoded.is_special[i] else "mg-left")
    segment = " mg-b" if encoded.token_type_ids[i] == 1 else ""
    fate = WHAT_HAPPENS.get(kind, "not counted")
    tip = f"{encoded.tokens[i]}, position {i}: {fate}"
    return (
        f'<li class="{classes}{segment}" title="{escape(tip)}">'
        f"<span>{escape(encoded.tokens[i])}</span><i>{'↓' if name else '·'}</i>"
        f"<span>{escape(draw.tokens[i])}</span><small>{escape(name)}</small></li>"
    )


def legend_html(draw: Draw) -> str:
    """What the marks mean, with the counts of this draw."""
    marks = [
        f'<li class="{CLASSES[kind]}"><em>{SHAPES[kind]} {draw.kinds.count(kind)} '
        f"{escape(NAMES[kind])}</em> {escape(WHAT_HAPPENS[kind])}</li>"
        for kind in KINDS
    ]
    rest = sum(not special for special in draw.encoded.is_special) - len(draw.chosen)
    marks.append(f'<li class="mg-rest">{rest} grey: not chosen, not counted</li>')
    return f'<ul class="mg-legend">{"".join(marks)}</ul>'


def describe_draw(draw: Draw) -> str:
    """The draw in words, for a screen reader."""
    fates = "; ".join(
        f"position {i}, {draw.encoded.tokens[i]}, {WHAT_HAPPENS[draw.kinds[i]]}"
        + (f" ({draw.tokens[i]})" if draw.kinds[i] == REPLACED_BY_RANDOM else "")
        for i in draw.chosen
    )
    return f"{len(draw.chosen)} pieces were chosen: {fates}."


def asked_table(asked: Sequence[Asked]) -> pd.DataFrame:
    """One row a chosen piece: what the loss asks, and what the model says."""
    return pd.DataFrame(
        {
            "position": [one.position for one in asked],
            "original": [one.original for one in asked],
            "the model saw": [one.seen for one in asked],
            "kind": [f"{SHAPES[one.kind]} {NAMES[one.kind]}" for one in asked],
            "p(original) in %": [_digits(100 * one.probability) for one in asked],
            "loss = −ln p": [round(one.loss, 3) for one in asked],
            "rank": [one.rank for one in asked],
            "best answer": [one.best for one in asked],
            "its p in %": [_digits(100 * one.best_probability) for one in asked],
        }
    )


def _digits(number: float) -> float:
    """Three digits that count: 0.000158 stays a number, where rounding would make it 0."""
    return float(f"{number:.3g}")


def sum_html(asked: Sequence[Asked]) -> str:
    """The mean written out with its numbers: (0.105 + 2.303) / 2 = 1.204."""
    losses = [f"{one.loss:.3f}" for one in asked]
    shown = losses if len(losses) <= WRITTEN_OUT else [*losses[: WRITTEN_OUT - 1], "…", losses[-1]]
    return (
        f'<p class="mg-sum">masked-LM loss = ({" + ".join(shown)}) / {len(losses)} = '
        f"<b>{mean_loss(asked):.3f}</b></p>"
    )


def counts_table(counts: Counts) -> pd.DataFrame:
    """How often each kind occurred, beside the rule."""
    return pd.DataFrame(
        {
            "kind": [NAMES[kind] for kind in KINDS],
            "count": [counts.of_kind[kind] for kind in KINDS],
            "share (%)": [round(100 * _share(counts, kind), 2) for kind in KINDS],
            "rule (%)": [round(100 * RULE[kind]) for kind in KINDS],
        }
    )


def counts_html(counts: Counts, palette: Palette) -> str:
    """The shares of the kinds as bars, each with a line where the rule puts it."""
    colours = dict(zip(KINDS, (palette.mask, palette.key, palette.query), strict=True))
    rows = []
    for kind in KINDS:
        share = 100 * _share(counts, kind)
        rows.append(
            f'<em class="{CLASSES[kind]}">{SHAPES[kind]} {escape(NAMES[kind])}</em>'
            f'<div aria-hidden="true"><i style="width:{share:.2f}%;background:{colours[kind]}"></i>'
            f'<u style="left:{100 * RULE[kind]:.0f}%"></u></div>'
            f"<b>{counts.of_kind[kind]:,} = {share:.1f} % (rule: {100 * RULE[kind]:.0f} %)</b>"
        )
    return f'<div class="mg-shares">{"".join(rows)}</div>'


def _share(counts: Counts, kind: int) -> float:
    return counts.of_kind[kind] / max(1, counts.chosen)


def pair_html(first: str, second: str) -> str:
    """Two sentences below one another, as the model gets them."""
    return (
        f'<div class="mg-pair"><div><b>A</b>{escape(first)}</div>'
        f"<div><b>B</b>{escape(second)}</div></div>"
    )
