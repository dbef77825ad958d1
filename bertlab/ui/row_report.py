"""The rows that the checks found something about: left out, torn between labels, nearly alike."""

from collections.abc import Callable

import streamlit as st

from bertlab.datasets import Examples, count_left_out
from bertlab.datasets.conflicts import Conflict, conflicts
from bertlab.datasets.near import Near, nearly_same
from bertlab.ui.tables import downloadable
from bertlab.views.findings import conflicts_table, near_table
from bertlab.views.results import left_out_table

NEARLY = (
    "Of two texts at least 80 % of all pieces of 4 characters (2 in Chinese, Japanese and Korean) "
    "are in both; case and punctuation do not count, and neither do texts of fewer than 40 "
    "characters (20). Such texts stay on one side of the split: else the test would ask about what "
    "was learned by heart. Groups of more than two are shown by pairs that link them."
)
INCOMPLETE = " So many texts look alike that only the likeliest pairs were compared."
TORN = "All of these rows are learned from. Decide for one label, or take the text out."


def report_rows(examples: Examples) -> bool:
    """Draw one expander with a tab for each kind of finding; return whether there is any."""
    torn, near = _found(examples)
    tabs = {
        name: draw
        for count, name, draw in (
            (examples.left_out, "Left out", lambda: _left_out(examples)),
            (torn, "Conflicting labels", lambda: _conflicts(torn)),
            (near.pairs, "Nearly the same", lambda: _near(examples, near)),
        )
        if count
    }
    if tabs:
        title = _title(count_left_out(examples.left_out), len(torn), len(near.pairs))
        with st.expander(title, icon=":material/playlist_remove:"):
            _draw(tabs)
    return bool(tabs)


def _found(examples: Examples) -> tuple[tuple[Conflict, ...], Near]:
    """Kept while the examples are the same: the page runs anew at every click."""
    kept = st.session_state.get("finetune_findings")
    if kept is None or kept[0] is not examples:
        with st.spinner("Comparing the texts …", show_time=True):
            kept = (examples, conflicts(examples), nearly_same(examples))
        st.session_state["finetune_findings"] = kept
    return kept[1], kept[2]


def _title(left_out: int, torn: int, near: int) -> str:
    parts = []
    if left_out:
        parts.append("1 row is left out" if left_out == 1 else f"{left_out:,} rows are left out")
    if torn:
        parts.append(f"{torn:,} {'text' if torn == 1 else 'texts'} with conflicting labels")
    if near:
        parts.append(f"{near:,} {'pair' if near == 1 else 'pairs'} nearly the same")
    return " · ".join(parts)


def _draw(tabs: dict[str, Callable[[], None]]) -> None:
    for place, draw in zip(st.tabs(list(tabs)), tabs.values(), strict=True):
        with place:
            draw()


def _left_out(examples: Examples) -> None:
    table = left_out_table(examples.left_out)
    downloadable(table, label="Download this list", file_name="left_out.csv")


def _conflicts(torn: tuple[Conflict, ...]) -> None:
    st.caption(TORN)
    table = conflicts_table(torn)
    downloadable(table, label="Download the conflicts", file_name="conflicting_labels.csv")


def _near(examples: Examples, near: Near) -> None:
    st.caption(NEARLY + ("" if near.is_complete else INCOMPLETE))
    table = near_table(examples, near.pairs)
    downloadable(table, label="Download the pairs", file_name="nearly_the_same.csv")
