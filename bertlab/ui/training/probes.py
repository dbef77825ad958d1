"""Small measurements for the settings page: asked of the engine, waited for, fetched once."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import streamlit as st

from bertlab.engine import actions
from bertlab.errors import RunError
from bertlab.runs import Run, open_run
from bertlab.ui.state.guards import plain
from bertlab.ui.state.student import student_id

EVERY = 0.5  # seconds between two looks at a measurement


def ask(key: str, store: Callable[[], Run]) -> None:
    """Store and queue a probe of this browser; remember under which key its answer is wanted.

    Raises:
        RunError: too many runs of this browser wait, or a cluster of others cannot be reached.
    """
    actions.demand_place(student_id())
    run = store()
    actions.submit(run, by=student_id())
    _asked()[key] = run.id


def is_asked(key: str) -> bool:
    """Whether an answer is on its way."""
    return key in _asked()


def answer(key: str) -> dict[str, Any] | None:
    """What was measured on this machine, for whichever student; None where nothing was."""
    return known().get(key)


@st.fragment(run_every=EVERY)
def wait(key: str, doing: str) -> None:
    """Look at a probe until it is over; a failed one is told at the next run of the page.

    Args:
        key: under which it was asked.
        doing: what is shown meanwhile.
    """
    try:
        run = open_run(_asked()[key])
    except RunError:  # it was deleted elsewhere
        _forget(key)
        return
    status = run.status()
    if not status.is_final:
        st.markdown(doing)
        return
    result = run.result()
    if result:
        known()[key] = result
    else:
        st.session_state["probe_failure"] = status.message
    _delete(run)
    _forget(key)


def tell_failure() -> None:
    """Say why a measurement failed, once."""
    message = st.session_state.pop("probe_failure", "")
    if message:
        st.warning(f"Nothing could be measured: {plain(message)}", icon=":material/timer_off:")


@st.cache_resource(max_entries=1, show_spinner=False)  # of the machine: all students share it
def known() -> dict[str, dict[str, Any]]:
    """All answers so far, a few hundred bytes each."""
    return {}


def _forget(key: str) -> None:
    del _asked()[key]
    st.rerun()


def _delete(run: Run) -> None:
    with suppress(RunError):  # its executor has not quite let go; the queue deletes it later
        actions.delete(run, by=student_id())


def _asked() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault("probes", {})
    return found
