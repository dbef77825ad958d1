"""All numbers of some vectors as strips of colour; each can be read and chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import streamlit as st

from bertlab.ui.figures.component import REDRAWS, SAVES_SVG, own_component, save_button
from bertlab.ui.state.theme import palette, theme
from bertlab.views.shared.heatmap import attention_scale
from bertlab.views.shared.strips import diverging_colours, packed_numbers

_component = own_component(
    "value_strips",
    '<div class="strips" role="group"></div>' + save_button("SVG"),
    shared=(*SAVES_SVG, *REDRAWS, "value_strips_picture.js"),
)
Reading = Literal["number", "weight", "logit", "probability"]
HEIGHT = 150  # px at most, of one strip


@dataclass(frozen=True)
class Strip:
    """One vector.

    Attributes:
        name, note: What stands beside it.
        values: float (...): drawn in rows of `columns`.
        columns: How many numbers a row has.
        top: The number at the end of the colour scale.
        reads: What a cell is: a number, a head's weight on a token, a piece's score or share.
        chosen: The number to outline; None for none.
        is_result: Whether it is what leaves the block.
    """

    name: str
    note: str
    values: np.ndarray = field(repr=False)
    columns: int
    top: float
    reads: Reading = "number"
    chosen: int | None = None
    is_result: bool = False


def value_strips(
    strips: Sequence[Strip],
    *,
    key: str,
    label: str,
    tokens: Sequence[str],
    on_choose: Callable[[int, int], None],
) -> None:
    """Draw strips below each other; the arrow keys move within one, Enter chooses.

    Args:
        strips: What to draw.
        key: The widget's key, prefixed by its page; the saved file is called after it.
        label: What they are the numbers of.
        tokens: The columns of a strip of weights.
        on_choose: Called with the strip's place and the number's place in it.
    """

    def report() -> None:
        clicked = st.session_state[key]["clicked"]
        if clicked:
            on_choose(int(clicked["strip"]), int(clicked["number"]))

    colours = palette()
    scales = {
        "diverging": diverging_colours(theme()),
        "share": [colour for _, colour in attention_scale(theme())],
    }
    data = {
        "strips": [_described(strip) for strip in strips],
        "tokens": list(tokens),
        "scales": scales,
        "label": label,
        "name": key,
        "colours": {
            **{"chosen": colours.query, "mark": colours.query, "edge": colours.muted},
            **{"ground": colours.ground, "text": colours.text},
        },
    }
    _component(key=key, data=data, on_clicked_change=report)


def _described(strip: Strip) -> dict[str, object]:
    return {
        "name": strip.name,
        "note": strip.note,
        "values": packed_numbers(strip.values),
        "columns": strip.columns,
        "top": strip.top,
        "reads": strip.reads,
        "scale": "share" if strip.reads in ("weight", "probability") else "diverging",
        "chosen": strip.chosen,
        "is_result": strip.is_result,
        "height": HEIGHT,
    }
