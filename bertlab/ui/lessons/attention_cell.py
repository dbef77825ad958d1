"""The parts of the lesson on one attention cell: where it lies, its steps, bertviz's view of it."""

from collections.abc import Sequence

import streamlit as st

from bertlab.inspection.attention import sentence_b_start
from bertlab.inspection.attention_cell import AttentionCell, strongest_keys
from bertlab.ui.figures import changes
from bertlab.ui.figures.attention_map import draw_map
from bertlab.ui.figures.charts import csv_button, figure_title
from bertlab.ui.figures.svg_figure import svg_figure
from bertlab.ui.state import url_state
from bertlab.ui.state.theme import palette, theme
from bertlab.ui.widgets.token_selection import choose_token
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.attention_cell.formulas import (
    cell_title,
    describe_cell,
    formulas_html,
    percent,
    products_table,
    row_table,
)
from bertlab.views.attention_cell.picture import STEPS, TITLE, draw_cell, step_name
from bertlab.views.bertviz.view import Refusal, draw_bertviz
from bertlab.views.shared.shortening import shorten

VIEWS = {"steps": "Step by step", "neuron": "bertviz: neuron view"}


def cell_choice(traced: Traced, cell: AttentionCell) -> None:
    """Draw the map of the head, from which a cell is chosen, and beside it what the cell comes to.

    The query is the token in hand, so the token strip chooses it too.
    """
    weights = traced.trace.attention[cell.layer, cell.head].astype(float)  # (query, key)
    weights[cell.query] = cell.weights  # as it is worked out beside: both say the same number
    left, right = st.columns([5, 4], gap="large")
    with left:
        draw_map(
            weights,
            traced.tokens,
            key="attention_cell_map",
            head=(cell.layer, cell.head),
            cell=(cell.query, cell.key),
            widest=360,
            on_choose=choose_token,
        )
        st.caption("Rows: the query, blue. Columns: the key, orange. Click, or use the arrow keys.")
    with right:
        figure_title(cell_title(cell, traced.tokens), key="attention_cell_map")
        _key_box(traced.tokens, cell)
        st.html(formulas_html(cell, palette()))
        st.caption(
            "Computed here from what hooks saw in the model. The largest difference from the "
            f"model's own row of weights: {cell.weight_error:.0e}; from its own context: "
            f"{cell.context_error:.0e}."
        )


def step_choice(head_size: int) -> tuple[str, int]:
    """The view and the last step that is shown; both stand in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tie = url_state.option_state("cell_view", list(VIEWS), "steps")
        view = st.segmented_control(
            "View", list(VIEWS), format_func=VIEWS.__getitem__, required=True, **tie
        )
        numbers = [str(i + 1) for i in range(len(STEPS))]
        tie = url_state.option_state("cell_step", numbers, numbers[-1])
        if view != "steps":
            return view, len(STEPS)
        step = st.segmented_control(
            "Steps, up to", numbers, format_func=lambda n: f"{n} {step_name(int(n), head_size)}",
            required=True, **tie,
        )  # fmt: skip
    return view, int(step)


def draw_steps(cell: AttentionCell, tokens: Sequence[str], steps: int) -> None:
    """The computation as one picture, a row for each key that fits; a row chooses its key."""
    shown = strongest_keys(cell.weights, always=[cell.key])

    def choose_key(key: int) -> None:
        choose_token(cell.query, key)

    if shown.hidden:
        rest = percent(float(cell.weights[list(shown.hidden)].sum()))
        st.caption(
            f"{len(shown.positions)} of {len(tokens)} keys get a row, the strongest of them; the "
            f"{len(shown.hidden)} weaker ones stand together in one, with {rest} of the weight."
        )
    svg_figure(
        draw_cell(cell, tokens, shown, steps=steps, theme=theme()),
        key="attention_cell_steps",
        alt=describe_cell(cell, tokens, shown),
        above=TITLE,
        on_choose=choose_key,
    )
    _number_buttons(cell, tokens)


def _number_buttons(cell: AttentionCell, tokens: Sequence[str]) -> None:
    with st.container(horizontal=True, key="attention_cell_beside"):
        csv_button(
            lambda: products_table(cell),
            key="attention_cell_products",
            label="q, k, products (CSV)",
        )
        csv_button(
            lambda: row_table(cell, tokens), key="attention_cell_row", label="Scores, weights (CSV)"
        )


def draw_neuron_view(traced: Traced, cell: AttentionCell) -> None:
    """The neuron view of bertviz for the head in hand, offline, open on the token in hand."""
    page = draw_bertviz(
        "neuron",
        traced.trace.attention,
        traced.tokens,
        layer=cell.layer,
        head=cell.head,
        blocks=traced.trace.blocks,
        query=cell.query,
        sentence_b_start=sentence_b_start(traced.encoded),
        theme=theme(),
    )
    if isinstance(page, Refusal):
        st.info(page.reason, icon=":material/grid_on:")
        return
    st.caption(
        "Point at a token on the left: its query meets every key, number by number; blue is above "
        "0, orange below. Numbers are rounded to three digits here."
    )
    with st.container(key="attention_cell_neuron"):
        alt = f"bertviz neuron view of {cell.layer}.{cell.head}"
        st.iframe(page.html, height="content", alt=alt)
    changes.note("attention_cell_neuron", page.html)
    _number_buttons(cell, traced.tokens)
    if page.note:
        st.caption(page.note)


def _key_box(tokens: Sequence[str], cell: AttentionCell) -> None:
    """Query and key as drop-downs, for those who know where they want to go."""
    boxes = {"Query": cell.query, "Key": cell.key}
    for label, chosen in boxes.items():
        st.session_state[_box(label)] = chosen

    def take() -> None:
        choose_token(*(st.session_state[_box(label)] for label in boxes))

    with st.container(horizontal=True):
        for label in boxes:
            st.selectbox(
                label, range(len(tokens)), format_func=lambda i: f"{shorten(tokens[i])} ({i})",
                key=_box(label), on_change=take, width=190,
            )  # fmt: skip


def _box(label: str) -> str:
    return f"attention_cell_{label.lower()}"
