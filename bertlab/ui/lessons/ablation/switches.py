"""Which heads and layers are off: a grid of switches, presets, undo, and a place in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from bertlab.inspection.ablation.ablation import Head
from bertlab.ui.figures.component import REDRAWS, SAVES_SVG, SCROLLS, own_component, save_button
from bertlab.ui.state import url_state
from bertlab.ui.state.theme import palette, theme
from bertlab.ui.widgets.head_selection import choose_head_of
from bertlab.views.ablation.importance import HeadCell
from bertlab.views.shared.diverging import difference_scale

OFF, SKIP, BEFORE = "off", "skip", "_switches_before"
MOST_UNDOS = 50
Off = tuple[frozenset[Head], frozenset[int]]  # heads, skipped layers

_component = own_component(
    "switches",
    '<div class="frame"><div class="grid" role="group"></div>'
    '<div class="scale"><span></span><i></i><span></span></div></div>' + save_button("SVG"),
    shared=(*SAVES_SVG, *SCROLLS, *REDRAWS, "switches_picture.js"),
)


def switched_off(shape: tuple[int, int], default: frozenset[Head]) -> Off:
    """The heads that are off and the layers that are skipped, from the address on arrival.

    Args:
        shape: Layers and heads of the model in hand: what it does not have is passed over.
        default: The heads that are off where nobody has touched a switch.
    """
    layers, heads = shape
    chosen = url_state.state(OFF, None, parse_heads)
    skipped = url_state.state(SKIP, frozenset[int](), _parse_layers)
    is_touched = chosen is not None
    chosen = default if chosen is None else chosen
    off = frozenset((i, j) for i, j in chosen if i < layers and j < heads)
    skipped = frozenset(layer for layer in skipped if layer < layers)
    st.session_state["_switches_now"] = off, skipped
    url_state.publish(OFF, format_heads(off) if is_touched else "")
    url_state.publish(SKIP, ",".join(map(str, sorted(skipped))))
    return off, skipped


def parse_heads(value: str) -> frozenset[Head]:
    """Read heads from an address.

    >>> sorted(parse_heads("2.3,0.1")), parse_heads("none")
    ([(0, 1), (2, 3)], frozenset())

    Raises:
        ValueError: It is something else.
    """
    if value == "none":
        return frozenset()
    found = frozenset(_parse_head(part) for part in value.split(",") if part)
    if not found:
        raise ValueError("The address names no heads.")
    return found


def _parse_layers(value: str) -> frozenset[int]:
    return frozenset(url_state.parse_positions(value))


def _parse_head(text: str) -> Head:
    layer, _, head = text.partition(".")
    if not (layer.isdecimal() and head.isdecimal()):
        raise ValueError(f'"{text[:20]}" is no head: one is written as 2.3.')
    return int(layer), int(head)


def format_heads(heads: frozenset[Head]) -> str:
    """As they stand in the address: "0.1,2.3", or "none"."""
    return ",".join(f"{layer}.{head}" for layer, head in sorted(heads)) or "none"


def set_off(heads: frozenset[Head], skipped: frozenset[int] = frozenset()) -> None:
    """Turn exactly these off, and remember what was before; for callbacks."""
    history = st.session_state.setdefault(BEFORE, [])
    history.append(st.session_state.get("_switches_now", (frozenset(), frozenset())))
    del history[:-MOST_UNDOS]
    _put(heads, skipped)


def undo() -> None:
    """Go one step back; for callbacks."""
    if history := st.session_state.get(BEFORE):
        _put(*history.pop())


def can_undo() -> bool:
    """Whether there is a step to go back."""
    return bool(st.session_state.get(BEFORE))


def _put(heads: frozenset[Head], skipped: frozenset[int]) -> None:
    st.session_state[OFF], st.session_state[SKIP] = heads, skipped
    st.session_state["_switches_now"] = heads, skipped


@dataclass(frozen=True)
class Preset:
    """A button above the switches: what it is called, what it does, what it turns off."""

    label: str
    tip: str
    heads: frozenset[Head]


def preset_buttons(presets: Sequence[Preset]) -> None:
    """Draw the presets, then undo and all on."""
    for number, preset in enumerate(presets):
        st.button(
            preset.label,
            key=f"switches_preset_{number}",
            help=preset.tip,
            on_click=set_off,
            args=(preset.heads,),
        )
    st.button(
        "Undo", key="switches_undo", on_click=undo, icon=":material/undo:", disabled=not can_undo()
    )
    st.button(
        "All on",
        key="switches_reset",
        on_click=set_off,
        args=(frozenset(),),
        icon=":material/restart_alt:",
    )


def switch_grid(
    cells: Sequence[HeadCell],
    off: Off,
    *,
    key: str,
    title: str,
    chosen: Head,
    hover: Callable[[HeadCell], str],
    top: float | None,
) -> None:
    """Draw a switch for every head; pressing one turns it off or on and makes it the head in hand.

    A layer's name turns all of its heads off, or on again; "skip" leaves out the whole layer. The
    arrow keys move, Enter and Space press.

    Args:
        cells: Layer by layer.
        off: What is off now.
        key: The widget's key, prefixed by its page; the saved file is called after it.
        title: What is to be seen, above the saved picture.
        chosen: The head in hand.
        hover: What to say of a head.
        top: The change at the ends of the scale, in nats; None where there are no colours.
    """

    def report() -> None:
        if pressed := st.session_state[key]["pressed"]:
            _press(pressed, count=1 + max(cell.head for cell in cells))

    colours = palette()
    data = {
        "rows": _rows(cells, off, chosen, hover),
        "label": "Switches of all heads; activate one to turn it off or on",
        "title": title,
        "name": key,
        "colours": {
            **{"chosen": colours.query, "muted": colours.muted},
            **{"ground": colours.ground, "text": colours.text},
        },
        "scale": None if top is None else _scale(top),
    }
    _component(key=key, data=data, on_pressed_change=report)


def _rows(
    cells: Sequence[HeadCell], off: Off, chosen: Head, hover: Callable[[HeadCell], str]
) -> list[dict[str, Any]]:
    heads, skipped = off
    rows: dict[int, list[dict[str, Any]]] = {}
    for cell in cells:
        at = cell.layer, cell.head
        look = {"head": cell.head, "text": cell.text, "fill": cell.fill, "ink": cell.ink}
        state = {"off": at in heads, "chosen": at == chosen, "hover": hover(cell)}
        rows.setdefault(cell.layer, []).append(look | state)
    return [
        {
            "layer": layer,
            "cells": row,
            "silent": all(cell["off"] for cell in row),
            "skipped": layer in skipped,
            "hover": f"Layer {layer}: turn all its heads off, or on again",
            "skipHover": f"Layer {layer}: "
            + ("skipped; put it back" if layer in skipped else "skip it whole"),
        }
        for layer, row in rows.items()
    ]


def _scale(top: float) -> dict[str, Any]:
    return {
        "low": f"−{top:.2f} nats: less likely without it",
        "high": f"+{top:.2f}: more likely",
        "colours": [colour for _, colour in difference_scale(theme())],
    }


def _press(pressed: Mapping[str, Any], *, count: int) -> None:
    heads, skipped = st.session_state.get("_switches_now", (frozenset(), frozenset()))
    layer = int(pressed["layer"])
    if pressed["kind"] == "skip":
        set_off(heads, skipped ^ {layer})
    elif pressed["kind"] == "layer":
        row = frozenset((layer, head) for head in range(count))
        set_off(heads - row if row <= heads else heads | row, skipped)
    else:
        head = layer, int(pressed["head"])
        set_off(heads ^ {head}, skipped)
        choose_head_of(*head)


def plain_cells(shape: tuple[int, int]) -> list[HeadCell]:
    """Switches without a number or a colour, where these are not computed."""
    colours = palette()
    return [HeadCell(i, j, "on", colours.ground, colours.text) for i, j in np.ndindex(*shape)]
