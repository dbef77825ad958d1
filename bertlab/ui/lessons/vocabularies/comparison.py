"""One text under several vocabularies, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bertlab.observations.vocabularies import comparison_notices
from bertlab.ui.figures.charts import plot
from bertlab.ui.figures.tables import csv_button
from bertlab.ui.lessons.vocabularies import caches
from bertlab.ui.state import url_state
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.language import lesson_language
from bertlab.ui.state.theme import palette
from bertlab.ui.widgets.model_picker import offer_tokenizer
from bertlab.views.vocabularies import comparison as draw
from bertlab.vocabularies.available import Choice, choices, first_choices, missing
from bertlab.vocabularies.comparison import Cutting, find_words

CHOSEN = "voc_with"
STORIES = {"en": "English stories", "zh": "Chinese stories"}
LONGEST = 5_000  # characters; the picture holds the first sixty words anyway


def compare(model: str, text: str) -> list[str]:
    """Draw the whole part; give what there is to notice."""
    shown = text[:LONGEST]
    keys = _choose(model)
    language = _stories(model)
    if not keys:
        st.info("Choose at least one vocabulary above.", icon=":material/checklist:")
        return []
    with explained():
        cuttings = [caches.cutting(shown, key, language) for key in keys]
    words = [shown[start:end] for start, end in find_words(shown)]
    st.html(draw.style(palette()) + draw.table_html(words, cuttings))
    _say_what_counts(text, words, keys, language)
    _numbers(cuttings, words)
    _offer_real_ones()
    return comparison_notices(cuttings)


def _choose(model: str) -> tuple[str, ...]:
    """Buttons for the vocabularies at hand; those chosen stand in the address."""
    at_hand = choices()
    names = [choice.key for choice in at_hand]
    default = first_choices(at_hand, model)

    def parse(value: str) -> tuple[str, ...]:
        found = tuple(name for name in names if name in value.split(","))
        if not found:
            raise ValueError("The address names no vocabulary of this machine.")
        return found

    url_state.follow_default(CHOSEN, default)
    chosen = url_state.state(CHOSEN, default, parse)
    st.session_state[CHOSEN] = tuple(name for name in names if name in chosen)
    titles = {choice.key: _title(choice) for choice in at_hand}
    picked = st.pills(
        "Vocabularies",
        names,
        selection_mode="multi",
        format_func=titles.__getitem__,
        **url_state.bind(CHOSEN),
    )
    keys = tuple(name for name in names if name in picked)
    url_state.publish(CHOSEN, ",".join(keys), ",".join(default))
    return keys


def _stories(model: str) -> str:
    """Which village the small vocabularies learn from: at first the one in the model's language."""
    default = lesson_language(model)
    url_state.follow_default("voc_stories", default)
    tie = url_state.option_state("voc_stories", list(STORIES), default)
    language = st.segmented_control(
        "The small ones learn from", list(STORIES), format_func=STORIES.__getitem__,
        required=True, **tie,
    )  # fmt: skip
    return str(language)


def _title(choice: Choice) -> str:
    return plain(choice.title) + (", trained here" if choice.is_small else "")


def _say_what_counts(text: str, words: Sequence[str], keys: Sequence[str], language: str) -> None:
    told = (
        "A word is what stands between blanks, and each Chinese character by itself; signs belong "
        "to the word they touch. A chip with two digits of base 16 is a byte, a part of a "
        "character."
    )
    if any(key in caches.TITLES for key in keys):
        told += (
            " The small vocabularies were trained on this machine just now, on the "
            f"{STORIES[language]} that ship: they show how an algorithm cuts, and not how the real "
            "model's vocabulary would."
        )
    st.caption(told)
    if len(words) > draw.SHOWN_WORDS or len(text) > LONGEST:
        st.caption(
            f"The picture holds the first {min(len(words), draw.SHOWN_WORDS)} words; the numbers "
            f"are those of the first {min(len(text), LONGEST):,} characters."
        )


def _numbers(cuttings: Sequence[Cutting], words: Sequence[str]) -> None:
    plot(
        draw.bars_figure(cuttings, palette(), title=draw.bars_title(cuttings)),
        key="voc_bars",
        alt=draw.describe_cuttings(cuttings),
        table=lambda: draw.cuttings_table(cuttings),
    )
    st.dataframe(draw.cuttings_table(cuttings), hide_index=True)
    csv_button(
        draw.tokens_table(cuttings, words), label="Every token (CSV)", file_name="voc_tokens.csv"
    )


def _offer_real_ones() -> None:
    infos = missing()
    if not infos:
        return
    with st.expander("Real vocabularies that are not on this machine", icon=":material/download:"):
        st.caption(
            "A tokenizer alone, without the model's weights; some need a few MB. Nothing is "
            "fetched unless you ask for it."
        )
        with st.container(horizontal=True):
            for info in infos:
                offer_tokenizer(info)
