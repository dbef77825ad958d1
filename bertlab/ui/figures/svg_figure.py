"""A drawing from `bertlab.views` on a page: numbers on hover, rows to choose, saved as SVG."""

from collections.abc import Callable
from dataclasses import asdict

import streamlit as st

from bertlab.ui.figures.component import SAVES_SVG, own_component, save_button
from bertlab.ui.state.theme import palette

NARROWEST = 820  # px; on anything narrower it scrolls inside its frame
_component = own_component(
    "svg_figure",
    '<div class="figure"><div class="frame"></div><div class="tip" hidden></div>'
    f"{save_button('SVG')}</div>",
    shared=(*SAVES_SVG, "frame.css", "press.js"),
)


def svg_figure(
    svg: str, *, key: str, alt: str, above: int, on_choose: Callable[[int], None]
) -> None:
    """Show a drawing.

    What carries `data-tip` shows it under the pointer, what shares a `data-dim` is lit together,
    a `.row` with a `data-key` can be chosen by click, Enter or Space.

    Args:
        svg: The drawing; its texts are escaped already.
        key: The widget's key, prefixed by its page; the saved file is called after it.
        alt: What it shows, in words.
        above: How many px at the top hold a title that the page says itself, where it wraps; the
            saved file has them.
        on_choose: Called with the key of a row that was chosen, before the page reruns.
    """

    def report() -> None:
        if chosen := st.session_state[key]["chosen"]:
            on_choose(int(chosen["key"]))

    data = {"svg": svg, "alt": alt, "name": key, "narrowest": NARROWEST, "above": above}
    _component(key=key, data=data | {"colours": asdict(palette())}, on_chosen_change=report)
