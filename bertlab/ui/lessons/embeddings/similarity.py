"""The parts of the lesson on embeddings that are about one sentence and the vocabulary."""

import streamlit as st

from bertlab.inspection.bundled_sentences import bundled_sentences
from bertlab.inspection.embeddings.neighbours import Neighbours, find_neighbours
from bertlab.inspection.embeddings.positions import (
    DRAWN_AT_MOST,
    PositionSimilarity,
    compare_positions,
)
from bertlab.inspection.embeddings.similarity import (
    MOST_SENTENCES,
    Baseline,
    cosines_by_depth,
    random_baseline,
)
from bertlab.inspection.layers import depth_name
from bertlab.models import ModelFacts
from bertlab.observations.embeddings import knows_order
from bertlab.ui.figures.charts import plot
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import plain
from bertlab.ui.state.theme import theme
from bertlab.ui.widgets.computation import compute_once
from bertlab.ui.widgets.token_selection import KEY, chosen_place
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.embeddings.similarity import (
    cosine_curve,
    cosines_frame,
    describe_cosines,
    describe_neighbours,
    describe_positions,
    neighbour_bars,
    neighbours_frame,
    position_map,
    positions_frame,
)


def second_token(seen: Traced) -> int:
    """Draw the choice of the token to compare with: the `key` of the other lessons."""
    count = len(seen.tokens)
    second = chosen_place(KEY, seen.encoded.tokens, _most_alike(seen))
    return int(
        st.selectbox(
            f"Compare {plain(f'“{seen.tokens[seen.token]}” ({seen.token})')} with",
            range(count),
            format_func=lambda i: f"{seen.tokens[i]} ({i})",
            width=320,
            **url_state.bind(KEY, shown=second),
        )
    )


def _most_alike(seen: Traced) -> int:
    """The other word whose vector is most like the chosen one's after the last layer."""
    others = [
        i
        for i, is_special in enumerate(seen.encoded.is_special)
        if not is_special and i != seen.token
    ]
    last = seen.trace.hidden_states[-1:]
    return max(others, key=lambda i: cosines_by_depth(last, seen.token, i)[0], default=0)


def baseline_of(model: str, language: str) -> Baseline:
    """The cosine of random pairs of the bundled sentences, once for each model."""
    sentences = bundled_sentences(language)[:MOST_SENTENCES]
    says = "Comparing random pairs of tokens"
    return compute_once(
        ("baseline", model, language),
        lambda tell: random_baseline(
            caches.model(model),
            sentences,
            on_progress=lambda done: tell(says, done, len(sentences)),
        ),
        says=says,
    )


def draw_cosines(seen: Traced, second: int, baseline: Baseline, depth: int) -> None:
    """Two tokens' cosine by layer, beside random pairs."""
    cosines = cosines_by_depth(seen.trace.hidden_states, seen.token, second)
    figure = cosine_curve(
        cosines,
        baseline,
        depth,
        title=f"Cosine {cosines[0]:.2f} at the embedding, {cosines[-1]:.2f} after "
        f"{depth_name(len(cosines) - 1)}",
        theme=theme(),
    )
    plot(
        figure,
        key="embeddings_cosines",
        alt=describe_cosines(cosines, baseline),
        table=lambda: cosines_frame(cosines, baseline),
    )
    st.caption(
        f"Random pairs: {baseline.pairs:,} pairs of tokens, each from two of the "
        f"{baseline.sentences} bundled sentences."
    )


@st.cache_resource(max_entries=64, show_spinner="Searching the vocabulary …")  # 1 kB each
def neighbours_of(model: str, token_id: int) -> Neighbours:
    """The nearest input embeddings of a token."""
    return find_neighbours(caches.model(model), token_id)


def draw_neighbours(neighbours: Neighbours) -> None:
    """The nearest pieces of the vocabulary as bars."""
    plot(
        neighbour_bars(neighbours, theme=theme()),
        key="embeddings_neighbours",
        alt=describe_neighbours(neighbours),
        table=lambda: neighbours_frame(neighbours),
    )


def choose_positions(model: str) -> PositionSimilarity:
    """Draw the choice between the first positions and all; give how alike they are."""
    count = caches.facts(model).max_positions
    if count <= DRAWN_AT_MOST:
        return _positions(model, True)
    names = {"first": f"The first {DRAWN_AT_MOST}", "all": f"All {count:,}"}
    tie = url_state.option_state("positions", list(names), "first")
    shown = st.segmented_control(
        "Positions", list(names), format_func=names.__getitem__, required=True, **tie
    )
    return _positions(model, shown == "all")


@st.cache_resource(max_entries=16, show_spinner="Comparing positions …")  # 130 kB each
def _positions(model: str, is_whole: bool) -> PositionSimilarity:
    return compare_positions(caches.model(model), is_whole=is_whole)


def draw_positions(similarity: PositionSimilarity, facts: ModelFacts) -> None:
    """The cosine of all pairs of positions, and what of them was trained."""
    title = (
        "Nearby positions have similar embeddings"
        if knows_order(similarity)
        else "Cosine of each position with every other"
    )
    figure = position_map(similarity, title=title, trained=facts.trained_positions, theme=theme())
    plot(
        figure,
        key="embeddings_positions",
        alt=describe_positions(similarity),
        is_stretched=False,
        table=lambda: positions_frame(similarity),
    )
    st.caption(_what_was_trained(similarity, facts))


def _what_was_trained(similarity: PositionSimilarity, facts: ModelFacts) -> str:
    trained = facts.trained_positions
    told = (
        f"{facts.name} saw inputs of up to {trained} tokens in training"
        if trained
        else f"The card of {facts.name} does not say how long its inputs were in training"
    )
    if trained and trained < facts.max_positions:
        told += f"; positions from {trained} on, behind the dashed line, were not trained then"
    drawn = f" One position in {similarity.step} is drawn." if similarity.step > 1 else ""
    return plain(f"{told}.{drawn}")
