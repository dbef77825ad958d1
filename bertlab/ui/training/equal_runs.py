"""Thirty equal runs: before one starts, the finished run that did the same is offered."""

import time
from collections.abc import Callable

import streamlit as st

from bertlab.runs import Run
from bertlab.ui.state.guards import plain
from bertlab.ui.state.student import student_id
from bertlab.views.shared.times import duration


def start_or_offer(
    is_pressed: bool,
    *,
    of: object,
    find: Callable[[], Run | None],
    start: Callable[[], None],
    show: Callable[[Run], None],
    key: str = "run",
) -> None:
    """Start when Start is pressed; where somebody has that result already, offer it first.

    Args:
        is_pressed: Whether Start was pressed just now.
        of: What would be started: an offer is gone as soon as it is something else.
        find: Looks for the finished run that did the same.
        start: Starts the run.
        show: Opens a run on this page.
        key: Under which the page's address and this session name a run.
    """
    place = f"_{key}_equal"
    asked, found = st.session_state.get(place, (None, None))
    if is_pressed:
        asked, found = of, find()
        st.session_state[place] = (asked, found)
        if found is None:
            start()
    if found is not None and asked == of and found.folder.is_dir():
        _offer(found, start, show, key)


def _offer(run: Run, start: Callable[[], None], show: Callable[[Run], None], key: str) -> None:
    who = "You have" if run.owner == student_id() else "The class has"
    st.info(f"{who} this result: {_describe(run)}", icon=":material/groups:")
    with st.container(horizontal=True):
        if st.button("See it", type="primary", icon=":material/visibility:", key=f"{key}_see"):
            show(run)
        if st.button("Run it all the same", icon=":material/play_arrow:", key=f"{key}_anyway"):
            start()


def _describe(run: Run) -> str:
    """A run in half a sentence; its test score is told where one has asked for it."""
    ago = duration(max(0.0, time.time() - run.status().heartbeat))
    return f"**{plain(run.name)}**, the same data, settings and seed, finished {ago} ago."
