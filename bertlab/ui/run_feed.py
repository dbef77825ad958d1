"""A run's events as the page has them: only what is new is read from the folder."""

from typing import Any

import streamlit as st

from bertlab.runs import Run
from bertlab.runs.run import without_repeats


def events_of(run: Run) -> list[dict[str, Any]]:
    """All events of a run so far; each call reads behind where the last one ended.

    After an interruption some steps are taken again; they appear once, as in `Run.history`.
    """
    feed = st.session_state.get("run_feed")
    if feed is None or feed["run"] != run.id:
        feed = {"run": run.id, "offset": 0, "events": []}
        st.session_state["run_feed"] = feed
    new, feed["offset"] = run.events(after=feed["offset"])
    feed["events"].extend(new)
    if any(event["kind"] == "resumed" for event in new):
        feed["events"] = without_repeats(feed["events"])
    return feed["events"]
