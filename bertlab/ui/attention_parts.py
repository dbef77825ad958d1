"""The parts of the attention lesson: heatmap, bertviz's views, the grid of heads."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bertlab.attention import HeadStatistics
from bertlab.ui.charts import plot
from bertlab.ui.theme import theme
from bertlab.views.bertviz import Refusal, View, draw_bertviz
from bertlab.views.heatmap import (
    BESIDE_AT_MOST,
    STATISTICS,
    describe_grid,
    describe_heatmap,
    grid_heatmap,
    head_heatmap,
    statistic,
)


def places_for(view: str, tokens: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where the picture goes and where its numbers: side by side, or below a wide picture."""
    if tokens <= BESIDE_AT_MOST and view != "model":
        left, right = st.columns([5, 3], gap="medium")
        return left, right
    return st.container(), st.container()


def draw_heatmap(
    weights: np.ndarray, tokens: Sequence[str], positions: Sequence[int], *, title: str
) -> None:
    """One head, (query, key), with numbers on hover."""
    figure = head_heatmap(weights, tokens, title=title, theme=theme(), positions=positions)
    alt = describe_heatmap(weights, tokens, positions=positions)
    plot(figure, key="attention_heatmap", alt=alt, is_stretched=False)


def draw_bertviz_view(
    view: View,
    weights: np.ndarray,
    tokens: Sequence[str],
    positions: Sequence[int],
    chosen: tuple[int, int],
    second_start: int | None,
    *,
    title: str,
) -> None:
    """Bertviz's own view, offline; where it would be too large, the heatmap and the reason."""
    layer, head = chosen
    page = draw_bertviz(
        view, weights, tokens, layer=layer, head=head, sentence_b_start=second_start, theme=theme()
    )
    if isinstance(page, Refusal):
        st.info(page.reason, icon=":material/grid_on:")
        draw_heatmap(weights[layer, head], tokens, positions, title=title)
        return
    st.iframe(page.html, height="content", alt=f"bertviz {view} view of head {layer}.{head}")
    if page.note:
        st.caption(page.note)


def draw_grid(statistics: Sequence[HeadStatistics], chosen: tuple[int, int]) -> None:
    """One statistic of every head, layer by layer."""
    field = st.selectbox(
        "Colour the grid by",
        [entry.field for entry in STATISTICS],
        format_func=lambda name: statistic(name).title,
        key="attention_statistic",
        bind="query-params",
    )
    figure = grid_heatmap(statistics, field, title="", theme=theme(), chosen=chosen)
    alt = describe_grid(statistics, field)
    plot(figure, key="attention_grid", alt=alt, is_stretched=False)
