"""The walk along a token's path: which block is open, and the controls that lead on."""

import streamlit as st

from bertlab.inspection.token_path.path import PathBlock, TokenPath
from bertlab.inspection.trace import Trace
from bertlab.observations.token_path import place_name
from bertlab.ui.state import url_state
from bertlab.ui.widgets.head_selection import chosen_head

BLOCK, ALL = "block", "path_all"


def chosen_block(path: TokenPath, trace: Trace) -> PathBlock:
    """The open block: the address's on arrival, then what was chosen last.

    The first time it is the attention of the layer whose head was chosen, else of layer 0.
    """
    layer, _ = chosen_head(trace, choose=lambda _: (0, 0))
    first = f"l{layer}.attention"
    name = url_state.state(BLOCK, None, str)
    if name not in path.names:  # not chosen yet, of another model, or made up
        name = st.session_state[BLOCK] = None
    url_state.publish(BLOCK, name or first, first)
    return path[name or first]


def choose_block(name: str) -> None:
    """Open a block; for callbacks."""
    st.session_state[BLOCK] = name


def walk_controls(path: TokenPath, block: PathBlock) -> bool:
    """Draw the walk from block to block; return whether all groups are to be drawn open."""
    place, last = path.names.index(block.name), len(path.names) - 1
    titles = {b.name: place_name(b) for b in path.blocks}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _step("Previous", ":material/arrow_back:", path.names[max(place - 1, 0)], place == 0)
        st.selectbox(
            f"Block {place + 1} of {last + 1}",
            path.names,
            format_func=titles.__getitem__,
            width=260,
            **url_state.bind(BLOCK, shown=block.name),
        )
        _step("Next", ":material/arrow_forward:", path.names[min(place + 1, last)], place == last)
        _step("From the start", ":material/first_page:", path.names[0], place == 0)
        return st.toggle("Open every block", **url_state.flag_state(ALL, False))


def _step(label: str, icon: str, target: str, is_disabled: bool) -> None:
    st.button(
        label,
        key=f"path_{label}",
        icon=icon,
        on_click=choose_block,
        args=(target,),
        disabled=is_disabled,
    )
