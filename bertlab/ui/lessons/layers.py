"""The parts of the lesson on the layers: the watched word, its rank, the grid of all tokens."""

from collections.abc import Sequence

import streamlit as st

from bertlab.errors import InputError
from bertlab.inspection.layers import (
    DepthAnswer,
    LensGrid,
    default_watched,
    depth_name,
    grid_positions,
    read_grid,
    watchable_pieces,
)
from bertlab.ui.figures.charts import plot
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import plain
from bertlab.ui.state.theme import theme
from bertlab.ui.widgets.token_selection import choose_token
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.layers import (
    answers_frame,
    answers_table,
    clicked_position,
    describe_answers,
    describe_first_answers,
    describe_ranks,
    first_answers,
    grid_frame,
    rank_curve,
    ranks_frame,
)
from bertlab.views.shared.shortening import fit

WATCH, PIECE = "watch", "watch_piece"


def watched_token(seen: Traced) -> int:
    """Draw the box for the word to watch; return the id of the token that it means.

    An empty box means the hidden word. Of a word of several pieces one is watched at a time.
    """
    loaded, default = seen.loaded, default_watched(seen.loaded, seen.trace, seen.token)
    name = str(loaded.tokenizer.convert_ids_to_tokens(default))
    url_state.text_state(WATCH, "")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            "Watch a word", placeholder=name, width=260, **url_state.bind(WATCH),
            help="Any word of the vocabulary; empty: the hidden one, or what stands there.",
        )  # fmt: skip
        typed = (typed or "").strip()
        url_state.publish_text(WATCH, typed)
        try:
            pieces = watchable_pieces(loaded, typed) if typed else (default,)
        except InputError as problem:
            st.caption(plain(f"{problem} “{name}” is watched instead."))
            return default
        return pieces[0] if len(pieces) == 1 else _choose_piece(seen, typed, pieces)


def _choose_piece(seen: Traced, typed: str, pieces: Sequence[int]) -> int:
    names = seen.loaded.tokenizer.convert_ids_to_tokens(list(pieces))
    url_state.choice_state(PIECE, range(len(pieces)), 0, of=tuple(pieces))
    index = st.segmented_control(
        plain(f"“{typed[:40]}” is {len(pieces)} pieces: watch"),
        range(len(pieces)),
        required=True,
        format_func=lambda i: plain(str(names[i])),
        **url_state.bind(PIECE),
    )
    return pieces[index or 0]


def draw_answers(seen: Traced, answers: Sequence[DepthAnswer]) -> None:
    """The best answers at each depth, beside the watched word's rank."""
    watched = answers[-1].watched
    left, right = st.columns([3, 2], gap="medium")
    with left:
        figure = answers_table(
            answers,
            title=f"The head's answers at position {seen.token}, by layer",
            watched=watched.token_id,
            theme=theme(),
        )
        plot(
            figure,
            key="layers_answers",
            alt=describe_answers(answers),
            is_stretched=False,
            table=lambda: answers_frame(answers),
        )
    with right:
        vocabulary = seen.loaded.config.vocab_size
        figure = rank_curve(
            answers,
            title=f"“{fit(watched.token, 12)}”: from rank {answers[0].watched.rank:,} to "
            f"{watched.rank:,} of {vocabulary:,}",
            vocabulary=vocabulary,
            theme=theme(),
        )
        plot(
            figure,
            key="layers_ranks",
            alt=describe_ranks(answers),
            table=lambda: ranks_frame(answers),
        )


def grid_of(seen: Traced) -> LensGrid:
    """Ask the head about every token; of a long text about those round the chosen one, and say so.

    Moving inside the same stretch keeps the grid.
    """
    count = len(seen.tokens)
    positions = grid_positions(count, seen.token)
    if len(positions) < count:
        st.info(
            f"The text has {count} tokens; the picture shows {len(positions)} of them, from "
            f"{positions[0]} to {positions[-1]}. Choose another token above to move on.",
            icon=":material/width:",
        )
    return _grid(seen.model, seen.text, seen.pair, seen.trace.masked, positions)


@st.cache_resource(max_entries=32, show_spinner="Asking the head at every layer …")  # 10 kB each
def _grid(
    model: str,
    text: str,
    pair: str | None,
    masked: tuple[int, ...],
    positions: tuple[int, ...],
) -> LensGrid:
    trace = caches.trace(model, text, pair, masked=masked)
    return read_grid(caches.model(model), trace, positions)


def draw_grid(seen: Traced, grid: LensGrid, counts: Sequence[int], counted: int) -> None:
    """Every token's first answer at every depth; a click chooses the token."""
    figure = first_answers(
        grid,
        seen.tokens,
        title="The head's first answer for every token, by layer",
        chosen=seen.token,
        masked=seen.trace.masked,
        theme=theme(),
    )
    plot(
        figure,
        key="layers_grid",
        alt=describe_first_answers(grid, seen.tokens),
        is_stretched=False,
        table=lambda: grid_frame(grid, seen.tokens),
        on_click=lambda cell: choose_token(clicked_position(grid, cell)),
    )
    if counted:
        shares = " · ".join(
            f"{depth_name(depth)} {count}/{counted}" for depth, count in enumerate(counts)
        )
        st.caption(
            f"Tokens with the last layer's first answer (bold), special ones not counted: {shares}"
        )
