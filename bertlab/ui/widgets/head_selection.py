"""Which head the student looks at: one choice for heatmap, bertviz, grid and table."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from bertlab.inspection.attention import HeadStatistics, choose_head
from bertlab.inspection.trace import Trace
from bertlab.ui.state import url_state

STATE = "head"


def chosen_head(
    trace: Trace, *, choose: Callable[[Trace], tuple[int, int]] = choose_head
) -> tuple[int, int]:
    """The (layer, head) in hand: the address's on arrival, then what was clicked last.

    The first time it is what `choose` gives: the head that looks most at a direct neighbour.
    """
    first_choice = choose(trace)
    layer, head = url_state.state(STATE, None, _parse) or first_choice
    if layer >= trace.layers or head >= trace.heads:  # chosen in a larger model
        layer, head = first_choice
    url_state.publish(STATE, f"{layer}.{head}", "{}.{}".format(*first_choice))
    return layer, head


def choose_head_of(layer: int, head: int) -> None:
    """Choose a head for every lesson; for callbacks."""
    st.session_state[STATE] = (layer, head)


def layer_in_hand(layers: int) -> int | None:
    """The layer of the head that was chosen or linked; None where none was, or it is not there."""
    chosen = url_state.state(STATE, None, _parse)
    if chosen is None or chosen[0] >= layers:
        url_state.publish(STATE, "")
        return None
    url_state.publish(STATE, "{}.{}".format(*chosen))
    return chosen[0]


def choose_layer(layer: int) -> None:
    """Choose a layer for every lesson, the head in it by its number; for callbacks."""
    _, head = st.session_state.get(STATE) or (0, 0)
    choose_head_of(layer, head)


def head_selectors(trace: Trace, layer: int, head: int) -> None:
    """Two drop-downs, for those who know where they want to go."""
    st.session_state["attention_layer"], st.session_state["attention_number"] = layer, head
    for label, count, key in (
        ("Layer", trace.layers, "attention_layer"),
        ("Head", trace.heads, "attention_number"),
    ):
        st.selectbox(label, range(count), key=key, on_change=_from_selectors, width=100)


def head_table(
    statistics: Sequence[HeadStatistics], table: pd.DataFrame, chosen: tuple[int, int]
) -> None:
    """The table of all heads; choosing a row chooses the head everywhere."""
    rows = [(s.layer, s.head) for s in statistics]
    key = _table_key(rows.index(chosen))

    def take() -> None:
        if picked := _picked(key):
            st.session_state[STATE] = rows[picked[0]]

    st.dataframe(
        table,
        key=key,
        hide_index=True,
        on_select=take,
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [rows.index(chosen)]}},
        height=min(38 + 35 * len(rows), 390),
    )


def _table_key(row: int) -> str:
    """The table's key: a new one where the head was chosen elsewhere.

    Streamlit sets a table's selection only when it is first drawn. A head chosen in the table
    itself keeps the table, and with it the place that it was scrolled to.
    """
    version, shown = st.session_state.get("_head_table", (0, row))
    if row != shown and _picked(f"attention_table_{version}") != [row]:
        version += 1
    st.session_state["_head_table"] = (version, row)
    return f"attention_table_{version}"


def _picked(key: str) -> list[int]:
    state = st.session_state.get(key)
    return list(state["selection"]["rows"]) if state else []


def _from_selectors() -> None:
    choose_head_of(st.session_state["attention_layer"], st.session_state["attention_number"])


def _parse(value: str) -> tuple[int, int]:
    layer, _, head = value.partition(".")
    if int(layer) < 0 or int(head) < 0:
        raise ValueError(value)
    return int(layer), int(head)
