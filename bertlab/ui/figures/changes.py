"""What a suggestion changed: the first figure that is another one, brought into sight and marked.

Every figure notes what it draws while the page runs. "Try this" stands at the page's end: there
the figures are held against those of the run before.
"""

import json
from hashlib import blake2b

import streamlit as st

from bertlab.ui.figures.assets import joined

_DRAWING, _DRAWN, _TRIED, _NUMBER = "_drawing", "_drawn", "_tried", "_tried_number"
_bring = st.components.v2.component(
    "bertlab_show_change", html="<i></i>", js=joined("show_change.js")
)


def begin() -> None:
    """Start to note what a run of the page draws."""
    st.session_state[_DRAWING] = {}


def note(key: str, content: object) -> None:
    """Note a figure.

    Args:
        key: The element's, by which it is found on the page.
        content: What it draws: bytes, or what can be written as JSON or as words.
    """
    data = content if isinstance(content, bytes) else json.dumps(content, default=str).encode()
    st.session_state.setdefault(_DRAWING, {})[key] = blake2b(data, digest_size=16).digest()


def tried(shows: str) -> None:
    """Remember that a suggestion was taken up; for callbacks.

    Args:
        shows: The key of what it moves, where that is no figure; "" for the first that changes.
    """
    st.session_state[_TRIED] = shows


def first_changed(before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """The first figure, in the page's order, that is new or another one; "" where there is none.

    {"strip": 1, "map": 2} and {"strip": 1, "map": 3, "grid": 4} give "map".
    """
    return next((key for key, drawn in after.items() if before.get(key) != drawn), "")


def show() -> None:
    """End the notes of a run; where a suggestion was taken up, bring what it changed into sight."""
    state = st.session_state
    shows = state.pop(_TRIED, None)
    drawn = state.get(_DRAWING, {})
    if shows is not None:
        key = shows or first_changed(state.get(_DRAWN, {}), drawn)
        state[_NUMBER] = {"number": state.get(_NUMBER, {}).get("number", 0) + 1, "key": key}
    state[_DRAWN] = drawn
    _bring(key="show_change", data=state.get(_NUMBER, {"number": 0, "key": ""}), height=1)
