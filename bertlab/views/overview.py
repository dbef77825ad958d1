"""The path through the lessons as one picture, drawn from the student's own sentence."""

from collections.abc import Sequence
from html import escape

import numpy as np

from bertlab.masked_lm import Blank
from bertlab.views.palette import Palette

SHOWN_PIECES = 14
SHOWN_CELLS = 12  # tokens a side of the small attention picture


def style(palette: Palette) -> str:
    """The rules that the four small pictures share."""
    return f"""<style>
.ov {{ height: 9.5rem; overflow: hidden; font-family: "Source Code Pro", monospace;
  font-size: 0.8rem; display: flex; flex-direction: column; justify-content: center; }}
.ov-pieces {{ flex-direction: row; flex-wrap: wrap; gap: 0.25rem; align-content: center;
  justify-content: flex-start; }}
.ov-pieces span {{ border: 1px solid {palette.grid}; border-bottom: 2px solid {palette.query};
  border-radius: 0.3rem; padding: 0.05rem 0.35rem; }}
.ov-pieces small {{ display: block; opacity: 0.6; font-size: 0.65rem; text-align: center; }}
.ov-row {{ display: grid; grid-template-columns: 5.5rem 1fr 3.2rem; gap: 0.4rem;
  align-items: center; margin: 0.12rem 0; }}
.ov-row b {{ overflow: hidden; text-overflow: ellipsis; font-weight: 500; }}
.ov-row i {{ height: 0.7rem; border-radius: 0.2rem; background: {palette.query}; }}
.ov-heat {{ display: grid; width: 8.6rem; margin: 0 auto; gap: 1px; aspect-ratio: 1; }}
.ov-heat i {{ background: {palette.query}; border-radius: 1px; }}
.ov-blank {{ color: {palette.mask}; font-weight: 600; }}
</style>"""


def pieces_html(tokens: Sequence[str], token_ids: Sequence[int]) -> str:
    """The first pieces with their ids."""
    pairs = list(zip(tokens, token_ids, strict=True))[:SHOWN_PIECES]
    chips = "".join(f"<span>{escape(token)}<small>{i}</small></span>" for token, i in pairs)
    return f'<div class="ov ov-pieces">{chips}</div>'


def answers_html(blank: Blank | None) -> str:
    """The best answers for one hidden word, as small bars on a common scale."""
    if blank is None:
        return '<div class="ov">This model fills no blanks: it has no masked-LM head.</div>'
    top = blank.predictions[0].probability
    rows = "".join(
        f"<div class=ov-row><b>{escape(p.token)}</b>"
        f'<i style="width:{100 * p.probability / top:.0f}%"></i>'
        f"<span>{p.probability:.1%}</span></div>"
        for p in blank.predictions
    )
    hidden = escape(blank.original.token) if blank.original else "a word"
    return f'<div class="ov"><div>hide <span class="ov-blank">{hidden}</span>:</div>{rows}</div>'


def heat_html(weights: np.ndarray) -> str:
    """One head's attention, float (query, key) in 0..1, as a grid of tinted cells."""
    shown = weights[:SHOWN_CELLS, :SHOWN_CELLS]
    cells = "".join(
        f'<i style="opacity:{max(0.06, value):.2f}"></i>' for row in shown for value in row
    )
    columns = f"grid-template-columns:repeat({shown.shape[1]},1fr)"
    return f'<div class="ov"><div class="ov-heat" style="{columns}">{cells}</div></div>'


def table_html(rows: Sequence[tuple[str, str]]) -> str:
    """A few labelled texts: what fine-tuning starts from."""
    lines = "".join(
        f'<div style="white-space:nowrap;overflow:hidden;text-overflow:ellipsis">'
        f'<span class="ov-blank">{escape(label)}</span> {escape(text)}</div>'
        for text, label in rows
    )
    return f'<div class="ov" style="gap:0.35rem">{lines}</div>'
