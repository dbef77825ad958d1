"""Changes to a table of labels, kept for the session: an editor forgets them with its page.

A `data_editor` holds what was changed beside the table that it was given. So the table must stay
the same while the editor lives, and hold all earlier changes when a new one is drawn.
"""

from collections.abc import Mapping

import streamlit as st

MOST = 20  # tables whose changes are kept: a session's last ones


def start(key: str, widget: str) -> dict[str, str]:
    """The changes that a table is drawn with: `{"Pos": "pos"}` after `keep("a", {"Pos": "pos"})`.

    They are those of the moment in which the editor came to the page, until it leaves it.

    Args:
        key: Of the table.
        widget: The editor's key.
    """
    starts = st.session_state.setdefault("kept_edits_starts", {})
    if widget not in st.session_state or widget not in starts:
        starts.clear()  # one editor is on the page
        starts[widget] = dict(_all().get(key, {}))
    return dict(starts[widget])


def keep(key: str, changes: Mapping[str, str]) -> None:
    """Remember all changes of a table: from the label in the file to its new name."""
    kept = _all()
    kept.pop(key, None)
    if changes:
        kept[key] = dict(changes)
    while len(kept) > MOST:
        del kept[next(iter(kept))]


def forget(key: str) -> None:
    """Forget a table's changes."""
    _all().pop(key, None)


def _all() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = st.session_state.setdefault("kept_edits", {})
    return found
