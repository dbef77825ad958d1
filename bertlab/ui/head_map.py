"""One head as a small map: a click, or the arrow keys, choose a query and a key."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import streamlit as st
from plotly.colors import sample_colorscale, unlabel_rgb

from bertlab.ui.theme import palette, theme
from bertlab.views.heatmap import attention_scale, describe_heatmap, shorten

COLOURS = 256  # a step of the scale is 0.4 % of weight

_ASSETS = Path(__file__).parent / "components"
_component = st.components.v2.component(
    "bertlab_head_map",
    html='<div class="map"><div class="scroll"><canvas tabindex="0" role="img"></canvas></div>'
    '<div class="said" aria-live="polite"></div><div class="tip" hidden></div>'
    '<button type="button" class="save">⤓ Picture (PNG)</button></div>',
    css=(_ASSETS / "head_map.css").read_text(encoding="utf-8"),
    js=(_ASSETS / "head_map.js").read_text(encoding="utf-8"),
)


def head_map(
    weights: np.ndarray,
    tokens: Sequence[str],
    *,
    key: str,
    chosen: tuple[int, int],
    on_choose: Callable[[int, int], None],
) -> None:
    """Draw one head's weights, a row for each query and a column for each key.

    Args:
        weights: (query, key), in 0..1.
        tokens: The names of rows and columns.
        key: The widget's key, prefixed by its page; the saved file is called after it.
        chosen: The (query, key) in hand.
        on_choose: Called with the query and the key of a chosen cell, before the page reruns.
    """

    def report() -> None:
        if place := st.session_state[key]["chosen"]:
            on_choose(int(place["query"]), int(place["key"]))

    alt = "Arrow keys choose a cell. " + describe_heatmap(weights, tokens)
    header = {
        "tokens": [shorten(token) for token in tokens],
        "query": chosen[0],
        "key": chosen[1],
        "name": key,
        "alt": alt,
        "scale": _scale(),
        "colours": asdict(palette()),
    }
    _component(key=key, data=_to_bytes(header, weights), on_chosen_change=report)


def _to_bytes(header: dict[str, object], weights: np.ndarray) -> bytes:
    """The header's length, the header, the weights in ten-thousandths, two bytes each."""
    text = json.dumps(header).encode()
    cells = np.rint(10_000 * np.asarray(weights, dtype=np.float64)).astype("<u2")
    return len(text).to_bytes(4, "little") + text + cells.tobytes()


def _scale() -> list[list[int]]:
    """Red, green and blue of every step of the scale for weights."""
    points = [i / (COLOURS - 1) for i in range(COLOURS)]
    steps = [colour for _, colour in attention_scale(theme())]  # evenly spaced
    colours = sample_colorscale(steps, points)
    return [[round(part) for part in unlabel_rgb(colour)] for colour in colours]
