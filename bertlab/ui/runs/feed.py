"""A run's events as the page has them: only what is new is read from the folder."""

import streamlit as st

from bertlab.runs import Event, Run
from bertlab.runs.feed import Feed


def events_of(run: Run) -> list[Event]:
    """All events of a run so far, those of a long training joined (see `runs.feed.Feed`).

    Each call reads behind where the last one ended. After an interruption some steps are taken
    again; they appear once, as in `Run.history`.
    """
    feed = st.session_state.get("run_feed")
    if not isinstance(feed, Feed) or feed.run != run:
        feed = st.session_state["run_feed"] = Feed(run)
    return feed.read()
