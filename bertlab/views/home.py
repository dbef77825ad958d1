"""The path through the lessons as one picture, drawn from the student's own sentence."""

from collections.abc import Sequence
from html import escape

import numpy as np

from bertlab.doctor import Check
from bertlab.inspection.masked_lm import Blank
from bertlab.inspection.masking_game import Draw
from bertlab.pretraining.data.masking import NOT_CHOSEN
from bertlab.views.shared.heatmap import describe_heatmap
from bertlab.views.shared.palette import Palette

SHOWN_PIECES = 14
SHOWN_CELLS = 12  # tokens a side of the small attention picture


def style(palette: Palette) -> str:
    """The rules that the four small pictures share."""
    return f"""<style>
.st-key-home_path {{ gap: 2rem 1.5rem; align-items: stretch; }}
.st-key-home_path > div {{ flex: 1 1 10.4rem; min-width: 10.4rem; }}
[class*="st-key-home_step"] {{ padding: 0.8rem 0.6rem; }}
[class*="st-key-home_step"] {{ position: relative; height: 100%; }}
/* The arrow from one step of the path to the next. */
[class*="st-key-home_step"]:not(.st-key-home_step_fine_tuning)::after {{ content: "→";
  position: absolute; right: -1.5rem; top: 50%; translate: 0 -50%; width: 1.5rem;
  text-align: center; font-size: 1.5rem; line-height: 1; color: {palette.query}; }}
@media (max-width: 640px) {{
  [class*="st-key-home_step"]:not(.st-key-home_step_fine_tuning)::after {{ content: "↓";
    right: 50%; translate: 50% 0; top: calc(100% + 0.2rem); }}
}}
.st-key-home_further {{ gap: 0.9rem 1.5rem; align-items: flex-start; }}
.st-key-home_further > div {{ flex: 1 1 13rem; min-width: 13rem; max-width: 18rem; }}
.st-key-home_further [data-testid="stCaptionContainer"] {{ padding-left: 0.55rem; }}
.ov {{ height: 9.7rem; overflow: hidden; font-family: "Source Code Pro", monospace;
  font-size: 0.8rem; display: flex; flex-direction: column; justify-content: center; }}
/* Four rows of chips fill the height exactly, so that no chip is cut in half. */
.ov-pieces {{ flex-direction: row; flex-wrap: wrap; gap: 0.22rem; align-content: flex-start;
  justify-content: flex-start; }}
.ov-pieces span {{ box-sizing: border-box; height: 2.26rem; line-height: 1.15rem;
  border: 1px solid {palette.grid}; border-bottom: 2px solid {palette.query};
  border-radius: 0.3rem; padding: 0.02rem 0.3rem; }}
.ov-pieces small {{ display: block; opacity: 0.75; font-size: 0.65rem; line-height: 0.8rem;
  text-align: center; }}
.ov-row {{ display: grid; grid-template-columns: minmax(2.6rem, 4rem) 1fr 3rem; gap: 0.3rem;
  align-items: center; margin: 0.12rem 0; }}
.ov-row b {{ overflow: hidden; text-overflow: ellipsis; font-weight: 500; }}
.ov-row i {{ height: 0.7rem; border-radius: 0.2rem; background: {palette.query}; }}
.ov-heat {{ display: grid; width: 8.6rem; margin: 0 auto; gap: 1px; aspect-ratio: 1; }}
.ov-heat i {{ background: {palette.query}; border-radius: 1px; }}
.ov-blank {{ border: 1px solid {palette.mask}; background: {palette.mask_fill};
  border-radius: 0.25rem; padding: 0 0.25rem; font-weight: 600; }}
.ov-label {{ color: {palette.query}; font-weight: 600; }}
.ov-checks {{ display: grid; gap: 0.35rem; margin: 0; padding: 0 !important; }}
.ov-checks div {{ display: grid; grid-template-columns: 1.3rem 6.5rem 1fr; align-items: baseline; }}
.ov-checks dt, .ov-checks dd {{ margin: 0; overflow-wrap: anywhere; }}
.ov-checks dt {{ font-weight: 600; }}
.ov-checks small {{ display: block; opacity: 0.8; }}
.ov-ok {{ color: {palette.value}; }} .ov-warning {{ color: {palette.mask}; }}
.ov-problem {{ color: {palette.key}; }}
</style>"""


def pieces_html(tokens: Sequence[str], token_ids: Sequence[int]) -> str:
    """The first pieces with their ids."""
    pairs = list(zip(tokens, token_ids, strict=True))[:SHOWN_PIECES]
    chips = "".join(f"<span>{escape(token)}<small>{i}</small></span>" for token, i in pairs)
    return f'<div class="ov ov-pieces">{chips}</div>'


def game_html(draw: Draw | None) -> str:
    """The first pieces as the masking game hands them to the model, the chosen ones marked."""
    if draw is None:
        return '<div class="ov">There is no word to hide in this text.</div>'
    rows = list(zip(draw.encoded.tokens, draw.tokens, draw.kinds, strict=True))[:SHOWN_PIECES]
    chips = "".join(
        f'<span class="{"" if kind == NOT_CHOSEN else "ov-blank"}">{escape(read)}'
        f"<small>{escape(token)}</small></span>"
        for token, read, kind in rows
    )
    return f'<div class="ov ov-pieces">{chips}</div>'


def answers_html(blanks: Sequence[Blank], *, has_head: bool) -> str:
    """The best answers for the first hidden word, as small bars on a common scale."""
    if not has_head:
        return '<div class="ov">This model fills no blanks: it has no masked-LM head.</div>'
    if not blanks:
        return '<div class="ov">No word is hidden in this sentence.</div>'
    blank = blanks[0]
    top = blank.predictions[0].probability
    rows = "".join(
        f"<div class=ov-row><b>{escape(p.token)}</b>"
        f'<i style="width:{100 * p.probability / top:.0f}%"></i>'
        f"<span>{p.probability:.1%}</span></div>"
        for p in blank.predictions
    )
    hidden = escape(blank.original.token) if blank.original else "a word"
    return f'<div class="ov"><div>hide <span class="ov-blank">{hidden}</span>:</div>{rows}</div>'


def heat_html(weights: np.ndarray, tokens: Sequence[str]) -> str:
    """One head's attention, float (query, key) in 0..1, as a grid of tinted cells."""
    shown = weights[:SHOWN_CELLS, :SHOWN_CELLS]
    label = escape(describe_heatmap(shown, tokens[:SHOWN_CELLS]))
    cells = "".join(
        f'<i style="opacity:{max(0.06, value):.2f}"></i>' for row in shown for value in row
    )
    columns = f"grid-template-columns:repeat({shown.shape[1]},1fr)"
    look = f'class="ov-heat" role="img" aria-label="{label}" style="{columns}"'
    return f'<div class="ov"><div {look}>{cells}</div></div>'


def table_html(rows: Sequence[tuple[str, str]]) -> str:
    """A few labelled texts: what fine-tuning starts from."""
    lines = "".join(
        f'<div style="white-space:nowrap;overflow:hidden;text-overflow:ellipsis">'
        f'<span class="ov-label">{escape(label)}</span> {escape(text)}</div>'
        for text, label in rows
    )
    return f'<div class="ov" style="gap:0.35rem">{lines}</div>'


def checks_html(checks: Sequence[Check], *, is_here: bool) -> str:
    """What was found on this machine, a line each; advice stands where something is amiss.

    Args:
        checks: What was found.
        is_here: Whether the reader sits at this machine, and may see its folders and addresses.
    """
    lines = "".join(_check(check, is_here=is_here) for check in checks)
    return f'<dl class="ov-checks">{lines}</dl>'


MARKS = {"ok": "✓", "warning": "!", "problem": "✗"}


def _check(check: Check, *, is_here: bool) -> str:
    text = check.text if is_here else check.abroad or check.text
    is_amiss = check.state != "ok" and check.advice
    advice = f"<small>{escape(check.advice)}</small>" if is_amiss else ""
    return (
        f'<div><span class="ov-{check.state}" title="{check.state}">{MARKS[check.state]}</span>'
        f"<dt>{escape(check.name)}</dt><dd>{escape(text)}{advice}</dd></div>"
    )
