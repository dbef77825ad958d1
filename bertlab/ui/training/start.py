"""Fine-tuning, third part: what is about to happen in one line, and Start beside it."""

import math
from collections.abc import Callable, Sequence

import streamlit as st

from bertlab.datasets import Examples, Split, split_examples, with_own_parts
from bertlab.engine import actions
from bertlab.errors import RunError
from bertlab.runs import Run, create_run
from bertlab.runs.equal_runs import find_finished
from bertlab.runs.fingerprints import fingerprint
from bertlab.runs.settings import Settings
from bertlab.ui.state.guards import explained, plain
from bertlab.ui.state.student import student_id
from bertlab.ui.state.theme import palette
from bertlab.ui.training import probes
from bertlab.ui.training.epochs import offer_more_epochs
from bertlab.ui.training.equal_runs import start_or_offer
from bertlab.ui.training.estimate import draw_estimate
from bertlab.ui.training.lengths import lengths_of
from bertlab.ui.training.provided_splits import OwnParts, tell_doubled
from bertlab.ui.training.strategy import TITLES


def start_bar(examples: Examples, settings: Settings, data_name: str, own: OwnParts) -> None:
    """Say what Start will do, and do it: the run is stored, queued, and shown.

    The bar stays in sight at the window's lower edge (see `style.py`).

    Args:
        examples: What is split.
        settings: With a share of 0 for each part that was brought.
        data_name: What the data is called.
        own: The parts that were brought.
    """
    with explained():
        split = _planned(examples, settings, own)
    tell_doubled(split, own)
    for warning in split.warnings:
        st.warning(plain(warning), icon=":material/warning:")
    rows = _rows_per_text(examples, settings)
    offer_more_epochs(round(len(split.train) * rows), settings)
    probes.tell_failure()
    st.html(f"<style>.st-key-finetune_start_bar {{ background: {palette().ground}; }}</style>")
    with st.container(key="finetune_start_bar", border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        with left:
            st.markdown(describe_plan(split, settings, rows=rows))
            draw_estimate(examples, split, settings)
        is_pressed = right.button(
            "Start", type="primary", icon=":material/play_arrow:", key="finetune_start",
            width="stretch",
        )  # fmt: skip
        start_or_offer(
            is_pressed,
            of=(split, settings),
            find=lambda: find_finished(fingerprint(settings, split)),
            start=lambda: _start(split, settings, data_name),
            show=lambda run: open_in_page(run.id),
        )


def _rows_per_text(examples: Examples, settings: Settings) -> float:
    """How many windows a text makes; 1 where long texts are cut."""
    if settings.truncation != "windows":
        return 1.0
    return lengths_of(settings.model, examples).rows_per_text(settings.max_length)


def describe_plan(split: Split, settings: Settings, *, rows: float = 1.0) -> str:
    """The run in a line of Markdown: who learns what from how many rows in how many steps.

    Of 2,000 rows in batches of 16, 3 epochs: 1,600 rows in 100 batches, 300 steps.

    Args:
        split: What is learned from.
        settings: Of the run.
        rows: Windows a text makes; above 1 the steps are about so many.
    """
    train = len(split.train)
    batches = math.ceil(train * rows / settings.batch_size)
    about = "about " if rows > 1 else ""
    epochs = "1 epoch" if settings.epochs == 1 else f"{settings.epochs} epochs"
    return (
        f"**{plain(settings.model)}**, {TITLES[settings.strategy].lower()}: "
        f"{train:,} examples to learn from, {len(split.validation):,} for validation, "
        f"{len(split.test):,} for the test · {epochs} of {about}{batches:,} batches: "
        f"**{about}{settings.epochs * batches:,} steps**"
    )


def _planned(examples: Examples, settings: Settings, own: OwnParts) -> Split:
    """The split that Start would store; kept while neither the examples nor the shares change."""
    wanted = (settings.validation, settings.test, settings.seed)
    sources = [examples, *own.examples().values()]
    kept = st.session_state.get("finetune_split")
    if kept is None or kept[1] != wanted or not _same(kept[0], sources):
        split = split_examples(
            examples, validation=settings.validation, test=settings.test, seed=settings.seed
        )
        split = with_own_parts(split, **own.examples()) if own.examples() else split
        kept = (sources, wanted, split)
        st.session_state["finetune_split"] = kept
    return kept[2]


def _same(old: Sequence[Examples], new: Sequence[Examples]) -> bool:
    return len(old) == len(new) and all(one is other for one, other in zip(old, new, strict=True))


def _start(split: Split, settings: Settings, data_name: str) -> None:
    queue_and_show(
        lambda: create_run(settings, split, owner=student_id(), source_name=data_name),
        notes=split.warnings,
    )


def queue_and_show(
    store: Callable[[], Run], *, notes: Sequence[str] = (), key: str = "run"
) -> None:
    """Store and queue a run; its random id goes into the address.

    Args:
        store: Makes the run; a BertLabError of it is shown.
        notes: What is to be said beside the run.
        key: Under which the page's address and this session name the run.
    """
    with explained(), st.spinner("Storing the data and queueing the run …"):
        actions.demand_place(student_id())  # before anything is stored
        run = store()
    notes = list(notes)
    try:
        actions.submit(run, by=student_id())
    except RunError as error:  # the run is stored and stays in the queue: show it all the same
        notes.append(str(error))
    st.session_state.pop("finetune_split", None)
    st.session_state["run_notes"] = {run.id: notes}
    open_in_page(run.id, key=key)


def open_in_page(run_id: str | None, *, key: str = "run") -> None:
    """Show a run, or the settings again."""
    st.session_state[key] = run_id or ""
    st.rerun()
