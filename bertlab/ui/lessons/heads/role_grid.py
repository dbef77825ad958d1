"""The grid of heads by role: a click or the keyboard chooses a head for every lesson."""

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from bertlab.ui.figures.component import REDRAWS, SAVES_SVG, SCROLLS, own_component, save_button
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.head_selection import choose_head_of
from bertlab.views.heads.role_grid import LegendEntry, RoleCell

_component = own_component(
    "head_grid",
    '<div class="all"><div class="frame"></div><div class="tip" aria-hidden="true"></div>'
    f'<ul class="legend"></ul>{save_button("SVG")}</div>',
    shared=(*SAVES_SVG, *SCROLLS, *REDRAWS),
)


def role_grid(
    cells: Sequence[RoleCell],
    legend: Sequence[LegendEntry],
    *,
    chosen: tuple[int, int],
    key: str,
    label: str,
) -> None:
    """Draw the grid; the arrow keys move, Enter and Space choose.

    Args:
        cells: Of all heads, layer by layer.
        legend: What the signs stand for.
        chosen: The (layer, head) to outline.
        key: The widget's key, prefixed by its page; the saved file is called after it.
        label: The grid in words, for a screen reader.
    """

    def take() -> None:
        if clicked := st.session_state[key]["clicked"]:
            choose_head_of(int(clicked["layer"]), int(clicked["head"]))

    colours = palette()
    data = {
        "cells": [asdict(cell) for cell in cells],
        "legend": [asdict(entry) for entry in legend],
        "layers": 1 + max(cell.layer for cell in cells),
        "heads": 1 + max(cell.head for cell in cells),
        "chosen": list(chosen),
        "label": label,
        "name": key,
        "colours": {
            **{"chosen": colours.query, "text": colours.text, "muted": colours.muted},
            **{"grid": colours.grid, "ground": colours.ground},
        },
    }
    _component(key=key, data=data, on_clicked_change=take)
