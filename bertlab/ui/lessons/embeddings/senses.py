"""The parts of the lesson on embeddings that follow one word through many sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from bertlab.errors import InputError
from bertlab.inspection.embeddings.occurrences import find_occurrences
from bertlab.inspection.embeddings.projection import Projection, project
from bertlab.inspection.embeddings.senses import (
    SenseSet,
    bundled_senses,
    read_own_senses,
    write_lines,
)
from bertlab.inspection.embeddings.separation import Separation, measure_separation
from bertlab.inspection.layers import depth_name
from bertlab.observations.embeddings import separation_notice
from bertlab.ui.figures.charts import plot
from bertlab.ui.lessons.examples.embeddings import FIRST_WORD
from bertlab.ui.state import caches, url_state
from bertlab.ui.state.guards import plain
from bertlab.ui.state.theme import theme
from bertlab.ui.widgets.computation import Tell, compute_once
from bertlab.ui.widgets.head_selection import choose_layer, layer_in_hand
from bertlab.views.embeddings.senses import (
    describe_map,
    describe_overview,
    describe_separation,
    map_frame,
    overview_frame,
    sense_map,
    separation_curve,
    separation_frame,
    words_overview,
)

OWN = "own"
WORD = "sense_of"  # in the address; "word" is that of the tokenization lesson


@dataclass(frozen=True)
class Study:
    """What is kept of one word's sentences.

    Attributes:
        word: The word.
        senses, sentences: Of the sentences that hold it.
        left_out: Sentences that do not.
        pieces: What the word became, the most frequent way.
        projection: Of its vectors at each depth.
        separation: Of its senses; None where there are no two senses to tell apart.
        why_none: Why not.
    """

    word: str
    senses: tuple[str, ...]
    sentences: tuple[str, ...]
    left_out: tuple[str, ...]
    pieces: tuple[str, ...]
    projection: Projection
    separation: Separation | None
    why_none: str


def choose_senses(language: str) -> SenseSet:
    """Draw the choice of a word, or the boxes for one's own.

    Raises:
        InputError: The own sentences are none, or too many.
    """
    sets = {chosen.word: chosen for chosen in bundled_senses(language)}
    names = [*sets, OWN]
    default = FIRST_WORD[language]
    tie = url_state.option_state(WORD, names, default)
    chosen = st.pills(
        "Word",
        names,
        format_func=lambda name: "Own word and sentences …" if name == OWN else name,
        required=True,
        **tie,
    )
    if chosen != OWN:
        return sets[chosen or default]
    return _own_senses(sets[default])


def _own_senses(start: SenseSet) -> SenseSet:
    """Boxes that begin with a bundled word's sentences, so that the form is seen."""
    lines = write_lines(start)
    url_state.follow_default("own_word", start.word)  # the other language's
    url_state.follow_default("own_lines", lines)
    url_state.text_state("own_word", start.word)
    url_state.text_state("own_lines", lines)
    word = st.text_input("Your word", width=260, **url_state.bind("own_word"))
    text = st.text_area(
        "Your sentences, one a line; “sense | ” before a sentence tells its sense",
        height=220,
        **url_state.bind("own_lines"),
    )
    if problem := url_state.complaint("own_lines"):
        st.warning(plain(problem), icon=":material/link_off:")
    url_state.publish_text("own_word", word or "", start.word)
    url_state.publish_text("own_lines", text or "", lines)
    return read_own_senses(word or "", text or "")


def study(model: str, chosen: SenseSet) -> Study:
    """Read a word's vectors in its sentences, project them, measure how far senses stand apart.

    Raises:
        InputError: No sentence holds the word.
    """
    says = plain(f"Reading “{chosen.word[:20]}” in {len(chosen.sentences)} sentences")
    return compute_once(
        ("senses", model, chosen), lambda tell: _study(model, chosen, says, tell), says=says
    )


def _study(model: str, chosen: SenseSet, says: str, tell: Tell) -> Study:
    total = len(chosen.sentences)
    seen = find_occurrences(
        caches.model(model),
        chosen.word,
        chosen.sentences,
        on_progress=lambda done: tell(says, done, total),
    )
    senses = tuple(chosen.senses[i] for i in seen.found)
    separation, why_none = None, ""
    tell("Comparing with shuffled senses", 0, 1)
    try:
        separation = measure_separation(seen.vectors, senses)
    except InputError as problem:
        why_none = str(problem)
    return Study(
        word=seen.word,
        senses=senses,
        sentences=tuple(chosen.sentences[i] for i in seen.found),
        left_out=tuple(s for i, s in enumerate(chosen.sentences) if i not in set(seen.found)),
        pieces=max(seen.pieces, key=seen.pieces.count),
        projection=project(seen.vectors),
        separation=separation,
        why_none=why_none,
    )


def choose_depth(model: str, found: Study) -> int:
    """Draw the layer slider: the layer in hand, or at first where the senses stand apart most."""
    depths = len(found.projection.points)
    layer = layer_in_hand(depths - 1)
    default = found.separation.best if found.separation else depths - 1
    default = default if layer is None else layer + 1  # depth 0 is the embedding
    belongs_to = (model, found.word, found.sentences, layer)
    depth = url_state.choice_state("depth", range(depths), default, of=belongs_to)
    st.session_state["depth"] = default if depth is None else depth
    chosen = st.select_slider(
        "Layer",
        range(depths),
        format_func=depth_name,
        **(url_state.bind("depth") | {"on_change": _slide, "args": ()}),
    )
    return int(chosen)


def _slide() -> None:
    _choose_depth(st.session_state["depth_widget"])


def _choose_depth(depth: int) -> None:
    """Take a depth, and with it the layer in hand for every lesson."""
    st.session_state["depth"] = depth
    if depth:
        choose_layer(depth - 1)


def draw_study(found: Study, depth: int) -> None:
    """The map of the sentences, with the curve of separation beside it."""
    tell_left_out(found)
    left, right = st.columns([6, 5], gap="medium")
    with left:
        figure = sense_map(
            found.projection, depth, found.senses, found.sentences, word=found.word, theme=theme()
        )
        plot(
            figure,
            key="embeddings_map",
            alt=describe_map(found.projection, depth, found.senses),
            is_stretched=False,
            table=lambda: map_frame(found.projection, found.senses, found.sentences),
        )
    with right:
        if (separation := found.separation) is None:
            st.info(plain(found.why_none), icon=":material/label:")
            return
        figure = separation_curve(separation, depth, word=found.word, theme=theme())
        plot(
            figure,
            key="embeddings_separation",
            alt=describe_separation(separation),
            table=lambda: separation_frame(separation),
            on_click=_choose_depth,
        )
        st.caption(_how_measured(separation))


def _how_measured(separation: Separation) -> str:
    tried = (
        f"all {separation.shuffles:,} ways to deal the labels out"
        if separation.is_exact
        else f"{separation.shuffles:,} random shuffles of the labels"
    )
    return (
        "Silhouette 1: senses far apart; 0: mixed. The grey band holds 95 % of what "
        f"{tried} give. Filled points: at most 1 in 20 of them does as well, in any layer. "
        "Click a point to choose its layer."
    )


def tell_left_out(found: Study) -> None:
    """Say which sentences do not hold the word as it was typed."""
    if found.left_out:
        first = found.left_out[0][:60]
        st.warning(
            plain(
                f"{len(found.left_out)} of the sentences are left out: they do not hold "
                f"“{found.word}” as a word of its own, such as: {first}"
            ),
            icon=":material/filter_alt:",
        )


def notices_of(found: Study) -> list[str]:
    """What may be said of the word's senses."""
    return [separation_notice(found.word, found.separation)] if found.separation else []


def draw_overview(model: str, language: str) -> None:
    """Offer all bundled words at once: a dozen seconds with a large model, so only when asked."""
    sets: Sequence[SenseSet] = bundled_senses(language)
    if not st.toggle(f"All {len(sets)} words at once", **url_state.flag_state("all_words", False)):
        return
    separations: dict[str, Separation] = {}
    for chosen in sets:
        if (separation := study(model, chosen).separation) is not None:
            separations[chosen.word] = separation
    plot(
        words_overview(separations, theme=theme()),
        key="embeddings_words",
        alt=describe_overview(separations),
        is_stretched=False,
        table=lambda: overview_frame(separations),
    )
    st.caption(
        "Silhouette by word and layer. Bold: at most 1 in 20 shuffles does as well in any layer, "
        "and context adds at least 0.05 to what the embedding alone has."
    )
