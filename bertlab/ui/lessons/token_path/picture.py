"""The picture of a token's path, in which blocks and tokens can be chosen."""

from collections.abc import Callable

import streamlit as st

from bertlab.ui.figures.component import REDRAWS, SAVES_SVG, SCROLLS, own_component, save_button
from bertlab.ui.state.theme import palette, theme
from bertlab.views.shared.strips import diverging_colours
from bertlab.views.token_path.shapes import Picture

_component = own_component(
    "token_path",
    '<div class="path"></div>' + save_button("SVG"),
    shared=(*SAVES_SVG, *SCROLLS, *REDRAWS),
)


def path_picture(
    picture: Picture,
    *,
    key: str,
    alt: str,
    on_block: Callable[[str], None],
    on_token: Callable[[int], None],
) -> None:
    """Draw the picture; the arrow keys walk from block to block, Enter opens one.

    Args:
        picture: From `draw_path`.
        key: The widget's key, prefixed by its page.
        alt: What it shows, in words.
        on_block: Called with the name of the block that was activated.
        on_token: Called with the position of a token that was clicked.
    """

    def report() -> None:
        clicked = st.session_state[key]["clicked"]
        if clicked and "block" in clicked:
            on_block(str(clicked["block"]))
        elif clicked:
            on_token(int(clicked["token"]))

    data = {
        "picture": picture.data(),
        "alt": alt,
        "scale": diverging_colours(theme()),
        "top": f"{picture.top:.2g}",
        "colours": {"names": _colours()},
    }
    _component(key=key, data=data, on_clicked_change=report)


def _colours() -> dict[str, str]:
    colours = palette()
    return {
        "chosen": colours.query,
        "key": colours.key,
        "focus": colours.key,
        "edge": colours.muted,
        "ground": colours.ground,
        "text": colours.text,
    }
