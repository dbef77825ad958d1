"""What a student can do with a run that is not over: stop it, let it rest, let it go on."""

import streamlit as st

from bertlab.engine import actions
from bertlab.runs import Run
from bertlab.ui.runs.ownership import is_mine
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.student import student_id


def draw_controls(run: Run, *, rests: bool) -> bool:
    """Draw the buttons of a run, for those who may press them.

    Args:
        run: One that is not over.
        rests: Whether it is paused.

    Returns:
        Whether the pictures are to stay as they are, so that one can zoom into them.
    """
    if rests:
        st.info(plain(run.status().message), icon=":material/pause_circle:")
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_mine(run):
            _go_on(run) if rests else _pause(run)
            _stop(run, rests=rests)
        if rests:
            return False
        return st.toggle(
            "Pause the pictures",
            key="run_paused",
            help="To zoom into a curve in peace: rest the pointer on it and turn the wheel, or "
            "pinch; drag to move. The run goes on.",
        )


def _go_on(run: Run) -> None:
    if st.button("Go on", type="primary", icon=":material/play_arrow:", key="run_resume"):
        with explained():
            actions.resume(run, by=student_id())
        st.rerun()


def _pause(run: Run) -> None:
    if st.button(
        "Pause", icon=":material/pause:", key="run_pause",
        help="It rests after this step, and others take its place. Go on whenever you like: the "
        "curve is that of a run without a pause.",
    ):  # fmt: skip
        with explained():
            actions.pause(run, by=student_id())
        st.toast("It rests after this step.")


def _stop(run: Run, *, rests: bool) -> None:
    kept = "It ends after this step, is measured on the test part, and its model is kept."
    lost = "It ends here. To have a model of it, let it go on first, and stop it then."
    if st.button("Stop", icon=":material/stop:", key="run_stop", help=lost if rests else kept):
        is_active = run.status().is_active
        with explained():
            actions.stop(run, by=student_id())
        if is_active:
            st.toast("It stops after this step and keeps what it has learned.")
