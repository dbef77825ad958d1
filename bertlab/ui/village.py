"""The village stories as pages use them: in the language of the model in hand."""

import streamlit as st

from bertlab.models import find_model
from bertlab.pretraining.stories import Stories, village
from bertlab.ui import links
from bertlab.ui.sentence import DEFAULT_SENTENCE, Example

OPENING = (1, 5)  # the second story: its sixth sentence, and the one behind it


@st.cache_resource(max_entries=2, show_spinner=False)  # one a language, 200 KB each
def village_stories(language: str) -> Stories:
    """The stories that ship, read once."""
    return village(language)


def language_of_model(model: str) -> str:
    """Name the village for a model: "zh" for a model of Chinese alone, else "en"."""
    return "zh" if find_model(model).language == "zh" else "en"


def opening_pair(language: str) -> Example:
    """Two consecutive sentences of a story."""
    story, at = OPENING
    first, second = village_stories(language).all[story][at : at + 2]
    return Example("Two sentences of a story", first, second)


def start_from(default: Example) -> None:
    """Show the default where nobody has typed anything, also after the model changed language."""
    state = st.session_state
    before = state.get("_village_default", Example("", DEFAULT_SENTENCE))
    if before == default:
        return
    state["_village_default"] = default
    is_untouched = state.get("text") in (None, DEFAULT_SENTENCE, before.text)
    has_pair = state.get("pair") not in (None, "", before.pair)
    if is_untouched and not has_pair and not _is_linked():
        state["text"], state["pair"] = default.text, default.pair


def _is_linked() -> bool:
    return any(links.has_arrived(key) for key in ("text", "text_id", "pair", "pair_id"))
