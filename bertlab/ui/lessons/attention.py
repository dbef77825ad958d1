"""The parts of the attention lesson: the linked pictures, bertviz's views, the grid of heads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bertlab.inspection.attention import HeadStatistics, hide_special, sentence_b_start
from bertlab.ui.app.navigation import lesson_page
from bertlab.ui.figures import changes
from bertlab.ui.figures.attention_map import draw_heads, draw_map
from bertlab.ui.figures.charts import NUMBERS, csv_button, figure_title, plot
from bertlab.ui.state import url_state
from bertlab.ui.state.theme import theme
from bertlab.ui.widgets.head_selection import choose_head_of
from bertlab.ui.widgets.minimal_pair import Compared, draw_attention_difference
from bertlab.ui.widgets.token_selection import choose_token, chosen_key
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.bertviz.scripts import View
from bertlab.views.bertviz.view import Refusal, draw_bertviz
from bertlab.views.shared.heatmap import (
    BESIDE_AT_MOST,
    STATISTICS,
    describe_grid,
    grid_heatmap,
    statistic,
)
from bertlab.views.shared.tables import weights_table

SCALES = ("100", "50", "20", "5")  # per cent
MANY_HEADS = 8  # a wider grid of heads takes the whole width of the page


@dataclass(frozen=True)
class Shown:
    """What of the attention is drawn.

    Attributes:
        weights: float32 (layers, heads, shown query, shown key), as the model computed them.
        tokens: The names of the shown positions.
        positions: Where they stand in the input.
        top: The weight at the strong end of the scale, for all heads.
    """

    weights: np.ndarray
    tokens: tuple[str, ...]
    positions: tuple[int, ...]
    top: float


def scale_input() -> float:
    """Ask where the scale ends: over long texts every weight is small. One scale for all heads."""
    tie = url_state.option_state("scale", SCALES, SCALES[0])
    ends = st.selectbox(
        "Scale up to",
        SCALES,
        format_func=lambda end: f"{end} %",
        help="The same for all heads. Weights above it look like it; numbers stay as they are.",
        width=110,
        **tie,
    )
    return int(ends) / 100


def shown_part(seen: Traced, *, hides_special: bool, top: float) -> Shown:
    """All of the attention, or that among ordinary tokens.

    Raises:
        InputError: Special tokens are to be hidden, and there are no others.
    """
    if not hides_special:
        return Shown(seen.trace.attention, seen.tokens, tuple(range(len(seen.tokens))), top)
    without = hide_special(seen.trace.attention, seen.encoded)
    names = tuple(seen.tokens[position] for position in without.positions)
    return Shown(without.attention, names, without.positions, top)


def places_for(view: str, tokens: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where the picture goes and where its numbers: side by side, or below a wide picture."""
    if tokens <= BESIDE_AT_MOST and view != "model":
        left, right = st.columns([5, 3], gap="medium")
        return left, right
    return st.container(), st.container()


def places_for_heads(heads: int) -> Sequence[DeltaGenerator]:
    """Where all heads go and where their statistic: side by side, or one below the other."""
    if heads <= MANY_HEADS:
        return st.columns([3, 2], gap="medium")
    return st.container(), st.container()


def draw_all_heads(shown: Shown, head: tuple[int, int]) -> None:
    """Every head as a small picture; a click chooses one, here and in every other lesson."""
    draw_heads(
        shown.weights, key="attention_heads", head=head, top=shown.top, on_choose=choose_head_of
    )


def draw_one_head(seen: Traced, shown: Shown, head: tuple[int, int], *, title: str) -> None:
    """The chosen head, large; a click on a cell chooses query and key for every lesson."""
    weights = shown.weights[head]  # (query, key)
    cell = [_place(shown, position) for position in (seen.token, chosen_key(seen.trace, *head))]

    def choose(query: int, key: int) -> None:
        choose_token(shown.positions[query], shown.positions[key])

    figure_title(title, key="attention_map")
    draw_map(
        weights,
        shown.tokens,
        key="attention_map",
        head=head,
        cell=(cell[0], cell[1]),
        positions=shown.positions,
        top=shown.top,
        on_choose=choose,
    )
    _weights_button(shown, head, key="attention_map")
    st.page_link(
        lesson_page("attention_cell"),
        label="Open this cell: from q and k to the weight",
        icon=":material/zoom_in:",
        query_params={"head": f"{head[0]}.{head[1]}"},
    )


def _weights_button(shown: Shown, head: tuple[int, int], *, key: str, label: str = NUMBERS) -> None:
    csv_button(
        lambda: weights_table(shown.weights[head], shown.tokens, shown.positions),
        key=key,
        label=label,
    )


def _place(shown: Shown, position: int) -> int:
    """Where a position is drawn; a hidden one gives way to the first."""
    return shown.positions.index(position) if position in shown.positions else 0


def draw_bertviz_view(
    view: View, seen: Traced, shown: Shown, head: tuple[int, int], *, title: str
) -> None:
    """Bertviz's own view, offline; where it would be too large, the heatmap and the reason."""
    page = draw_bertviz(
        view,
        shown.weights,
        shown.tokens,
        layer=head[0],
        head=head[1],
        sentence_b_start=sentence_b_start(seen.encoded, shown.positions),
        theme=theme(),
    )
    if isinstance(page, Refusal):
        st.info(page.reason, icon=":material/grid_on:")
        draw_one_head(seen, shown, head, title=title)
        return
    with st.container(key=f"attention_{view}"):
        alt = f"bertviz {view} view of head {head[0]}.{head[1]}"
        st.iframe(page.html, height="content", alt=alt)
    changes.note(f"attention_{view}", page.html)
    label = f"Numbers of head {head[0]}.{head[1]} (CSV)"
    _weights_button(shown, head, key=f"attention_{view}", label=label)
    if page.note:
        st.caption(page.note)


def draw_change(seen: Traced, compared: Compared) -> None:
    """What another sentence does to the chosen head; the page has its drop-downs already."""
    draw_attention_difference(seen, compared, has_selectors=False)


def draw_grid(
    statistics: Sequence[HeadStatistics], chosen: tuple[int, int], table: pd.DataFrame
) -> None:
    """One statistic of every head, layer by layer; `table` is what its numbers are saved as."""
    fields = [entry.field for entry in STATISTICS]
    field = st.selectbox(
        "Colour the grid by",
        fields,
        format_func=lambda name: statistic(name).title,
        **url_state.option_state("attention_statistic", fields, fields[0]),
    )
    figure = grid_heatmap(statistics, field, title="", theme=theme(), chosen=chosen)
    alt = describe_grid(statistics, field)
    plot(figure, key="attention_grid", alt=alt, is_stretched=False, table=lambda: table)
