"""All heads as small pictures and the one in hand as a large one, drawn on canvas and linked."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from bertlab.ui.figures.component import SCROLLS, own_component, save_button
from bertlab.ui.state.theme import theme
from bertlab.views.attention import pack_head, pack_heads
from bertlab.views.shared.heatmap import describe_heatmap

_SHARED = ("save_button.css", "packed.js", *SCROLLS)
_heads = own_component(
    "attention_heads",
    '<div class="heads frame"><canvas tabindex="0" role="img"></canvas>'
    f'<p class="said" aria-live="polite"></p>{save_button("PNG", of="all heads")}</div>',
    shared=_SHARED,
)
_MARK = """export default function ({ data }) {
  window.bertlabHead = data.head;
  window.dispatchEvent(new CustomEvent("bertlab-head", { detail: data.head }));
}"""
_mark = st.components.v2.component("bertlab_head_mark", html="<i></i>", js=_MARK)
_map = own_component(
    "attention_map",
    '<div class="map"><div class="frame"><canvas tabindex="0" role="img"></canvas></div>'
    '<div class="foot"><p class="said" aria-live="polite"></p>'
    '<span class="legend" aria-hidden="true">0 <canvas class="scale"></canvas>'
    '<span class="top"></span></span></div>'
    f"{save_button('PNG')}</div>",
    shared=_SHARED,
)


def draw_heads(
    attention: np.ndarray,
    *,
    key: str,
    head: tuple[int, int],
    top: float = 1.0,
    on_choose: Callable[[int, int], None],
) -> None:
    """Draw every head small: a row a layer, a column a head.

    The pictures are sent once: Streamlit sends equal bytes again as a reference. Which head is in
    hand goes beside them, in a part of its own.

    Args:
        attention: float32 (layers, heads, query, key), weights in 0..1.
        key: The widget's key, prefixed by its page.
        head: The (layer, head) to frame.
        top: The weight at the strong end of the scale.
        on_choose: Called with layer and head of the picture that was activated.
    """

    def report() -> None:
        if chosen := st.session_state[key]["head"]:
            on_choose(int(chosen["layer"]), int(chosen["head"]))

    layers, heads, tokens, _ = attention.shape
    label = (
        f"{layers} rows of layers with {heads} heads each, as pictures of {tokens} by {tokens} "
        "tokens. Arrow keys move, Enter chooses a head."
    )
    packed = pack_heads(attention, label=label, theme=theme(), top=top)
    with st.container(gap=None):
        _heads(key=key, data=packed, on_head_change=report)
        _mark(key=f"{key}_mark", data={"head": head}, height=1)


def draw_map(
    weights: np.ndarray,
    names: Sequence[str],
    *,
    key: str,
    head: tuple[int, int],
    cell: tuple[int, int],
    positions: Sequence[int] | None = None,
    top: float = 1.0,
    widest: int = 900,
    on_choose: Callable[[int, int], None],
) -> None:
    """Draw one head large, with the number under the pointer.

    A click or the arrow keys choose query and key.

    Args:
        weights: (query, key) in 0..1.
        names: Of the tokens that are shown.
        key: The widget's key, prefixed by its page.
        head: Which (layer, head) it is.
        cell: The (query, key) in hand, as places in `names`.
        positions: Where the tokens stand in the input, when some are hidden; else 0, 1, 2 ...
        top: The weight at the strong end of the scale; pictures to be compared need the same.
        widest: How many pixels a side the cells take at most.
        on_choose: Called with the places in `names` of the cell that was activated.
    """

    def report() -> None:
        if chosen := st.session_state[key]["cell"]:
            on_choose(int(chosen["query"]), int(chosen["key"]))

    where = list(range(len(names)) if positions is None else positions)
    alt = describe_heatmap(weights, names, positions=where)
    packed = pack_head(
        weights, names, theme=theme(), positions=where, top=top,
        layer=head[0], head=head[1], query=cell[0], key=cell[1], widest=widest,
        label=f"{alt} Arrow keys choose a cell.",
    )  # fmt: skip
    _map(key=key, data=packed, on_cell_change=report)
