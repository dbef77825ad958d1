"""A drawing from `bertlab.views` on a page: numbers on hover, rows to choose, saved as SVG."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from bertlab.ui.theme import palette

NARROWEST = 820  # px; on anything narrower it scrolls inside its frame

_ASSETS = Path(__file__).parent / "components"
_component = st.components.v2.component(
    "bertlab_svg_figure",
    html='<div class="figure"><div class="frame"></div><div class="tip" hidden></div>'
    '<button type="button" class="save">⤓ Picture (SVG)</button></div>',
    css=(_ASSETS / "svg_figure.css").read_text(encoding="utf-8"),
    js="".join((_ASSETS / f).read_text(encoding="utf-8") for f in ("save_svg.js", "svg_figure.js")),
)


def svg_figure(svg: str, *, key: str, alt: str, on_choose: Callable[[int], None]) -> None:
    """Show a drawing.

    What carries `data-tip` shows it under the pointer, what shares a `data-dim` is lit together,
    a `.row` with a `data-key` can be chosen by click, Enter or Space.

    Args:
        svg: The drawing; its texts are escaped already.
        key: The widget's key, prefixed by its page; the saved file is called after it.
        alt: What it shows, in words.
        on_choose: Called with the key of a row that was chosen, before the page reruns.
    """

    def report() -> None:
        if chosen := st.session_state[key]["chosen"]:
            on_choose(int(chosen["key"]))

    data = {"svg": svg, "alt": alt, "name": key, "narrowest": NARROWEST}
    _component(key=key, data=data | {"colours": asdict(palette())}, on_chosen_change=report)
