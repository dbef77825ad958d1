"""What stands around a run: its heading, its deletion, the list of one's own runs."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from bertlab.engine import actions
from bertlab.errors import RunError
from bertlab.runs import Run, list_runs, open_run, runs_root
from bertlab.runs.looks import is_revealed
from bertlab.runs.run import FINETUNING
from bertlab.ui.app.lesson import model_is_here
from bertlab.ui.runs.ownership import is_mine, offer_control, tell_watchers
from bertlab.ui.runs.run_view import PHASE_TEXTS
from bertlab.ui.runs.similar_run import like_finetuning, start_one_like
from bertlab.ui.server.local_reader import is_here
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.student import student_id
from bertlab.ui.training.data_report import looked_at
from bertlab.ui.training.start import open_in_page
from bertlab.ui.training.strategy import TITLES
from bertlab.ui.widgets.sentence import warn_about_unknown

SHOWN = 10  # of one's own runs


def run_heading(run_id: str) -> Run:
    """Open a run and draw its name and what can be done with it.

    Raises:
        RunError: There is no such run (any more), or it is one of pre-training.
    """
    try:
        run = open_run(run_id)
        if run.kind != FINETUNING:
            raise RunError(f"Run {run_id} is one of pre-training: open it in that lesson.")
    except RunError:
        if st.button("Start a new run", icon=":material/add:", key="run_lost_new"):
            open_in_page(None)
        raise
    settings = run.settings
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.subheader(plain(run.name), anchor=False)
    counts = run.about["examples"]
    epochs = "1 epoch" if settings.epochs == 1 else f"{settings.epochs} epochs"
    left.markdown(
        f"**{plain(settings.model)}**, {TITLES[settings.strategy].lower()}, {epochs}: "
        f"{counts['train']:,} examples to learn from, {counts['validation']:,} for validation, "
        f"{counts['test']:,} for the test. This page's address opens the run again."
    )
    with right:
        offer_more(run, like_finetuning(settings, str(run.about.get("source_name") or "")))
    tell_watchers(run)
    for warning in st.session_state.get("run_notes", {}).get(run.id, ()):
        st.warning(plain(warning), icon=":material/warning:")
    return run


def offer_more(run: Run, values: dict[str, str], *, key: str = "run") -> None:
    """Draw what can be done beside a run: another one; for those it belongs to, the rest.

    Args:
        run: Of any kind.
        values: Its settings, as `run_likeness` writes them.
        key: As `offer_deletion`.
    """
    if not is_mine(run):
        start_one_like(values, key=key)
    if st.button("New run", icon=":material/add:", key=f"{key}_new", width="stretch"):
        open_in_page(None, key=key)
    if is_mine(run):
        offer_control(run, key=key)
        with st.popover("Delete", icon=":material/delete:", width="stretch"):
            offer_deletion(run, key=key)


def offer_deletion(run: Run, *, key: str = "run") -> None:
    """Say what deleting a run means, and do it.

    Args:
        run: Of any kind.
        key: Under which the page's address and this session name it.
    """
    st.write("This deletes the run, its copy of the data and its model from this machine.")
    if is_here():
        st.text(f"They lie in {runs_root()}.")
    if st.button("Delete now", type="primary", key="run_delete"):
        with explained():
            actions.delete(run, by=student_id())
        open_in_page(None, key=key)


def model_of(run_id: str) -> str | None:
    """The model of a run that is shown; None without one, or where it is gone."""
    try:
        return open_run(run_id).settings.model if run_id else None
    except RunError:
        return None


def warn_about_run(run: Run) -> None:
    """Say where a run's model cannot read the run's texts."""
    name = run.settings.model
    if model_is_here(name):
        warn_about_unknown(name, _some_texts(str(run.folder)))


@st.cache_resource(max_entries=16, show_spinner=False)  # at most 150 KB each
def _some_texts(folder: str) -> list[str]:
    return looked_at(Run("", Path(folder)).examples("validation").texts)


def own_runs(
    *, key: str = "run", kind: str = FINETUNING, phases: Mapping[str, str] = PHASE_TEXTS
) -> None:
    """The runs that were started in this browser, newest first.

    Args:
        key: As `offer_deletion`.
        kind: Of the runs.
        phases: What each phase is called.
    """
    own = [run for run in list_runs(owner=student_id()) if run.kind == kind][:SHOWN]
    if not own:
        return
    st.markdown("**Started in this browser**")
    for run in own:
        status = run.status()
        is_shown = status.accuracy is not None and (kind != FINETUNING or is_revealed(run))
        figure = f" · {status.accuracy:.1%}" if is_shown else ""
        if st.button(f"{plain(run.name)} · {phases[status.phase]}{figure}", key=f"own_{run.id}"):
            open_in_page(run.id, key=key)
