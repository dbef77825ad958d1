"""Fine-tuning, third part: how long it will take, measured before Start."""

import streamlit as st

from bertlab.datasets import Examples, Split
from bertlab.engine import submit
from bertlab.errors import RunError
from bertlab.finetuning.estimating import (
    Parts,
    Times,
    create_estimate,
    estimate_key,
    estimate_seconds,
    read_times,
    ways_to_halve,
)
from bertlab.runs import Run, open_run
from bertlab.runs.settings import Settings
from bertlab.ui.guards import explained, plain
from bertlab.ui.run_view import about

EVERY = 0.5  # seconds between two looks at a measurement


def draw_estimate(examples: Examples, split: Split, settings: Settings) -> None:
    """Say how long the run will take, or offer to measure it."""
    key = estimate_key(settings, examples)
    times = _known().get(key)
    if times is not None:
        st.markdown(describe_time(times, settings, _parts(split)))
    elif key in _asked():
        _wait(key)
    elif st.button(
        "How long will it take?", icon=":material/timer:", key="finetune_estimate",
        help="Takes a few steps of this model on these texts, on the machine that will train.",
    ):  # fmt: skip
        with explained():
            run = create_estimate(settings, examples)
            submit(run)
        _asked()[key] = run.id
        st.rerun()


def describe_time(times: Times, settings: Settings, parts: Parts) -> str:
    """The estimate in a line of Markdown, with what would halve it."""
    seconds = estimate_seconds(times, settings, parts)
    most = "at most " if settings.strategy == "gradual" else ""
    text = f"**{most}{about(seconds)}**, by a few steps measured here ({times.step:.3g} s each)"
    if seconds < 10:
        return text
    ways = [f"{way} ({about(shorter)})" for way, shorter in ways_to_halve(times, settings, parts)]
    return f"{text}. Half of it or less: {', or '.join(ways)}." if ways else text


@st.fragment(run_every=EVERY)
def _wait(key: str) -> None:
    """Look at the measurement until it is there; a failed one says why, once."""
    try:
        run = open_run(_asked()[key])
    except RunError:  # it was deleted elsewhere
        _forget(key)
    status = run.status()
    if not status.is_final:
        st.markdown("Measuring a few steps …")
        return
    result = run.result()
    if result:
        _known()[key] = read_times(result)
    else:
        st.session_state["run_estimate_error"] = status.message
    _delete(run)
    _forget(key)


def tell_failure() -> None:
    """Say why a measurement failed."""
    message = st.session_state.pop("run_estimate_error", "")
    if message:
        st.warning(f"No estimate: {plain(message)}", icon=":material/timer_off:")


def _forget(key: str) -> None:
    del _asked()[key]
    st.rerun()


def _delete(run: Run) -> None:
    try:
        run.delete()
    except RunError:  # its executor has not quite let go; the queue deletes it later
        pass


def _parts(split: Split) -> Parts:
    return Parts(len(split.train), len(split.validation), len(split.test))


@st.cache_resource(max_entries=1, show_spinner=False)  # of the machine: all students share it
def _known() -> dict[str, Times]:
    return {}


def _asked() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault("finetune_estimates", {})
    return found
