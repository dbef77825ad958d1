"""The same run once more: its button, and whether the same came of it."""

from collections.abc import Sequence

import streamlit as st

from bertlab.engine import actions
from bertlab.finetuning.compare import compare_curves, original_of
from bertlab.observations.fine_tuning import replay_notice
from bertlab.runs import Event, Run
from bertlab.ui.app.lesson import model_is_here
from bertlab.ui.runs.feed import events_of
from bertlab.ui.runs.ownership import is_mine
from bertlab.ui.state.student import student_id
from bertlab.ui.training.start import open_in_page, queue_and_show


def draw_replay(run: Run, events: Sequence[Event]) -> None:
    """Compare a replay with the run that it repeats; offer its owner to replay this one."""
    original = original_of(run)
    if original is not None:
        _compare(original, events)
    if not is_mine(run):
        return
    is_here = model_is_here(run.settings.model)
    if st.button(
        "Replay with the same seed",
        icon=":material/replay:",
        key="run_replay",
        disabled=not is_here,
        help="The same rows, settings, first weights, order and dropout: the same curve should "
        "come of it."
        if is_here
        else "The model is not on this machine.",
    ):
        queue_and_show(lambda: actions.replay(run, by=student_id()))


def _compare(original: Run, events: Sequence[Event]) -> None:
    st.subheader("A replay", anchor=False)
    comparison = compare_curves(events_of(original), events)
    if comparison is None:
        st.markdown("One of the two runs took no step, so there is nothing to compare.")
    else:
        st.markdown(replay_notice(comparison))
    if st.button("Open the run that it repeats", icon=":material/history:", key="run_original"):
        open_in_page(original.id)
