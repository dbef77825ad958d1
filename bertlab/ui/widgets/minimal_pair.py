"""A second sentence to compare with: one box for every lesson, and what the change does.

    compared = compare_box(traced, page="layers")
    if compared is not None:
        draw_embedding_difference(traced, compared)

The second sentence goes with the student as the first one does; it stands as `other` in the
address. Everything is drawn in the first sentence's positions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from bertlab.inspection.minimal_pairs import (
    Alignment,
    align_tokens,
    attention_difference,
    compare_answers,
    cosine_distances,
    head_changes,
    mean_spread,
    most_moved,
    total_variation,
)
from bertlab.inspection.trace import Trace
from bertlab.observations.masked_words import moved_notice
from bertlab.tokenization.encoding import EncodedInput
from bertlab.ui.figures.charts import chart_config, on_ground, plot, save_buttons
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.theme import palette, theme
from bertlab.ui.widgets.glossary import prose
from bertlab.ui.widgets.head_selection import choose_head_of, chosen_head, head_selectors
from bertlab.ui.widgets.minimal_pair_examples import MINIMAL_PAIRS, MinimalPair
from bertlab.ui.widgets.traced_sentence import Traced
from bertlab.views.masked_words import compared_bars, describe_comparison
from bertlab.views.shared import minimal_pairs as views
from bertlab.views.shared.heatmap import BESIDE_AT_MOST
from bertlab.views.shared.shortening import shorten

Draw = Callable[[Traced, "Compared"], None]
OTHER = "other"
BEFORE = "masked_other"  # its name in links of the time when one lesson alone had it
LONGEST_NAME = 50  # characters of a sentence in a legend


@dataclass(frozen=True)
class Compared:
    """The second sentence, and how it lies beside the first.

    Attributes:
        names: What pictures call the two.
        trace: Of the second sentence.
        alignment: Of the tokens that the model was given, masks put in.
        tokens: The first sentence's; "he→she" where another one stands in the second.
        added: The second sentence's tokens that have no place in the first.
    """

    names: tuple[str, str]
    trace: Trace
    alignment: Alignment
    tokens: tuple[str, ...]
    added: tuple[str, ...]


def compare_box(
    traced: Traced,
    *,
    page: str,
    label: str = "Sentence to compare with",
    needs_blank: bool = False,
) -> Compared | None:
    """Draw the box for the second sentence with all that helps to fill it; run the model on it.

    Args:
        traced: The first sentence; where it is one of a pair, the other one of the pair stays.
        page: Prefixes the keys.
        label: The box's.
        needs_blank: Whether there is nothing to compare without a masked word.

    Returns:
        None where there is no second sentence yet, or nothing to compare; what is missing is told.
    """
    other = _box(label)
    _helpers(traced, other, page=page)
    if not other.strip():
        return None
    with explained():
        encoded = caches.encoded(traced.model, other, traced.pair)
    masked = _masks(traced, encoded)
    if masked is None:
        st.info(
            f"This sentence has {len(encoded.tokens)} tokens, the first one "
            f"{len(traced.encoded.tokens)}: its blank has no place yet. Type [MASK] where it "
            "should be.",
            icon=":material/edit:",
        )
        if needs_blank:
            return None
    with explained():
        trace = caches.trace(traced.model, other, traced.pair, masked=masked or ())
    compared = compare_with(
        traced, trace, names=(shorten(traced.text, LONGEST_NAME), shorten(other, LONGEST_NAME))
    )
    if compared.alignment.is_unchanged:
        st.info("Both sentences are the same: change a word of one.", icon=":material/edit:")
        return None
    if compared.added:
        told = ", ".join(plain(token) for token in compared.added)
        st.caption(f"Only in the second sentence, so in none of the pictures of the first: {told}")
    return compared


def minimal_pair_part(traced: Traced, *, page: str, says: str, draws: Sequence[Draw]) -> None:
    """End a lesson with a second sentence, one word of it changed, drawn as the lesson draws.

    Args:
        traced: The lesson's sentence.
        page: Prefixes the keys.
        says: What to look for.
        draws: What to draw of the two, one below the other.
    """
    st.subheader("Change one word", anchor=False)
    prose(says)
    compared = compare_box(traced, page=page)
    if compared is not None:
        for draw in draws:
            draw(traced, compared)


def compare_with(traced: Traced, trace: Trace, *, names: tuple[str, str]) -> Compared:
    """Lay another trace of the same model beside the first one.

    Args:
        traced: The first input.
        trace: Of the second.
        names: What pictures call the two.
    """
    alignment = align_tokens(traced.trace.token_ids, trace.token_ids)
    words = caches.tokenizer(traced.model).convert_ids_to_tokens(list(trace.token_ids))
    partner = dict(alignment.pairs)
    tokens = tuple(
        f"{token}→{words[partner[i]]}" if i in set(alignment.changed) else token
        for i, token in enumerate(traced.tokens)
    )
    added = tuple(words[i] for i in alignment.added)
    return Compared(names, trace, alignment, tokens, added)


def draw_prediction_difference(
    traced: Traced, compared: Compared, *, key: str = "compared_answers"
) -> None:
    """Both sentences' answers for the first blank in one picture, on one scale."""
    if not traced.loaded.has_mlm_head:
        st.caption(f"{traced.model} has no masked-LM head, so there are no answers to compare.")
        return
    if not traced.trace.masked or not compared.trace.masked:
        st.caption("Mask a word in both sentences to compare the answers for it.")
        return
    with explained():
        answers = compare_answers(traced.loaded, traced.trace, compared.trace)
        distance = total_variation(traced.trace, compared.trace)
    figure = compared_bars(answers, palette(), names=compared.names, title="The first blank")

    def table() -> pd.DataFrame:
        rows = [(answer.token, answer.first, answer.second) for answer in answers]
        return pd.DataFrame(rows, columns=["token", *compared.names])

    plot(figure, key=key, alt=describe_comparison(answers), table=table)
    st.caption(f"{distance:.1%} of the belief moved to other answers (total variation distance).")


def draw_attention_difference(
    traced: Traced, compared: Compared, *, key: str = "compared", has_selectors: bool = True
) -> None:
    """The chosen head's attention, second sentence minus first, and a grid to choose it from.

    Args:
        traced: The first sentence.
        compared: The second.
        key: Prefixes the keys.
        has_selectors: Whether to draw drop-downs for layer and head; a page may have them already.
    """
    if not compared.alignment.pairs:
        st.caption("The two sentences have no token in common, so no weights can be compared.")
        return
    layer, head = chosen_head(traced.trace)
    if has_selectors:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            head_selectors(traced.trace, layer, head)
    is_beside = len(compared.tokens) <= BESIDE_AT_MOST
    left, right = st.columns([3, 4], gap="medium") if is_beside else (st, st)
    changes = head_changes(traced.trace, compared.trace, compared.alignment)
    with left.container():
        _clickable_grid(changes, (layer, head), key=f"{key}_grid")
    first, second = traced.trace.attention, compared.trace.attention
    difference = attention_difference(  # (query, key)
        first[layer, head], second[layer, head], compared.alignment
    )
    with right.container():
        _one_head(difference, compared, f"Head {layer}.{head}", key=f"{key}_attention")


def _one_head(difference: np.ndarray, compared: Compared, name: str, *, key: str) -> None:
    top = 100 * float(np.nanmax(np.abs(difference)))
    figure = views.difference_heatmap(
        difference,
        compared.tokens,
        title=f"{name}: at most {top:.1f} points between the two sentences",
        theme=theme(),
        changed=compared.alignment.changed,
    )
    plot(
        figure,
        key=key,
        alt=views.describe_difference(difference, compared.tokens),
        is_stretched=False,
        table=lambda: views.difference_table(difference, compared.tokens),
    )
    st.caption(
        "Purple and lilac: more weight in the second sentence; orange: less. Grey: a token without "
        "a partner. Framed: what was changed."
    )


def draw_embedding_difference(
    traced: Traced, compared: Compared, *, key: str = "compared_spread", watched: int | None = None
) -> None:
    """How far the change has spread: each token's vector against its partner's, layer by layer.

    Args:
        traced: The first sentence.
        compared: The second.
        key: The figure's.
        watched: A position of the first sentence that the title speaks of.
    """
    alignment = compared.alignment
    if not alignment.pairs:
        st.caption("The two sentences have no token in common, so no vectors can be compared.")
        return
    distances = cosine_distances(traced.trace, compared.trace, alignment)  # (layers + 1, token)
    spread = mean_spread(distances, alignment)
    title = "Cosine distance of each token's two vectors"
    if np.isfinite(spread).all():
        title = f"After the last layer the unchanged tokens are {spread[-1]:.3f} apart on average"
        if watched is not None and np.isfinite(distances[-1, watched]):
            title += f", {compared.tokens[watched]} {distances[-1, watched]:.3f}"
    figure = views.spread_heatmap(
        distances, compared.tokens, title=title, theme=theme(), changed=alignment.changed
    )
    plot(
        figure,
        key=key,
        alt=views.describe_spread(distances, compared.tokens),
        is_stretched=False,
        table=lambda: views.spread_table(distances, compared.tokens),
    )
    st.caption(
        "Each token's vector in one sentence against its vector in the other: 0 the same "
        "direction, 1 a right angle. In the embeddings only the framed tokens can differ, unless "
        "others have moved to another place; from there attention carries the change on."
    )


def tell_most_moved(traced: Traced, compared: Compared) -> None:
    """Say which of the unchanged tokens the change has moved most, and where the blank comes."""
    alignment, blank = compared.alignment, traced.token
    if not set(alignment.first) - set(alignment.changed):
        return
    distances = cosine_distances(traced.trace, compared.trace, alignment)
    most, rank = most_moved(distances, alignment, watched=blank)
    st.markdown(plain(moved_notice(distances[-1], compared.tokens, most, blank, rank)))


def _box(label: str) -> str:
    if url_state.in_url(BEFORE) or url_state.in_url(f"{BEFORE}_id"):
        st.session_state[OTHER] = url_state.text_state(BEFORE, "")
    url_state.text_state(OTHER, "")
    other = st.text_input(
        label,
        max_chars=2_000,
        placeholder="The same sentence with one word changed; masks stand at the same places",
        **url_state.bind(OTHER),
    )
    url_state.publish_text(OTHER, other or "")
    url_state.publish_text(BEFORE, "")
    return str(other or "")


def _helpers(traced: Traced, other: str, *, page: str) -> None:
    """Buttons that fill the box: the first sentence to change, and pairs that are ready."""
    state = st.session_state

    def put(**texts: str) -> None:
        state.update(texts)

    def button(label: str, icon: str | None, **texts: str) -> None:
        st.button(
            label, key=f"{page}_compare_{label}", icon=icon, on_click=put, kwargs=texts,
        )  # fmt: skip

    with st.container(horizontal=True, gap="small"):
        if not other.strip():
            button("Copy the first one here", ":material/content_copy:", other=traced.text)
        else:
            swapped = {"text": other, "other": traced.text}
            button("Swap the two", ":material/swap_vert:", **swapped)
            button("Clear", ":material/close:", other="")
        for pair in MINIMAL_PAIRS[lesson_language(traced.model)]:
            is_shown = (pair.first, pair.second) == (traced.text, other)
            button(pair.title, ":material/check:" if is_shown else None, **_texts(pair))


def _texts(pair: MinimalPair) -> dict[str, str]:
    return {"text": pair.first, OTHER: pair.second, "pair": ""}


def _masks(traced: Traced, encoded: EncodedInput) -> tuple[int, ...] | None:
    """Where the second sentence is masked; None where the first one's masks have no place in it."""
    masked = traced.trace.masked
    mask_token = str(traced.loaded.tokenizer.mask_token)
    if not masked or mask_token in encoded.tokens:
        return ()
    if len(encoded.tokens) == len(traced.encoded.tokens):
        return masked
    partner = dict(align_tokens(traced.encoded.tokens, encoded.tokens).pairs)
    return tuple(partner[i] for i in masked if i in partner) or None


def _clickable_grid(changes: np.ndarray, chosen: tuple[int, int], *, key: str) -> None:
    """How much each head changes; a click chooses the head everywhere."""
    st.markdown("**How much each head changes**, in points on average; click one.")
    figure = views.change_grid(changes, theme=theme(), chosen=chosen)
    widget = f"{key}_{chosen[0]}_{chosen[1]}"  # anew for each choice, so none stays marked

    def take() -> None:
        selected: Any = st.session_state[widget]["selection"]["points"]
        if selected:
            layer, head = selected[0]["customdata"][:2]
            choose_head_of(int(layer), int(head))

    with st.container(key=f"{key}_frame"):
        st.plotly_chart(
            on_ground(figure),
            key=widget,
            theme=None,
            width="content",
            on_select=take,
            selection_mode="points",
            config=chart_config(key),
            alt=views.describe_grid(changes),
        )
    save_buttons(lambda: views.grid_table(changes), key=key)
