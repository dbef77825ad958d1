"""The village stories as pages use them."""

import streamlit as st

from bertlab.pretraining.data.stories import Stories, village

OPENING = (1, 5)  # the second story: its sixth sentence, and the one behind it


@st.cache_resource(max_entries=2, show_spinner=False)  # one a language, 200 KB each
def village_stories(language: str) -> Stories:
    """The stories that ship, read once."""
    return village(language)


def opening_pair(language: str) -> tuple[str, str]:
    """Two consecutive sentences of a story, with which the masking game opens."""
    story, at = OPENING
    first, second = village_stories(language).all[story][at : at + 2]
    return first, second
