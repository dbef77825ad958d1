"""Fine-tuning, third part: how long it will take, measured before Start."""

import streamlit as st

from bertlab.datasets import Examples, Split
from bertlab.finetuning.planning.estimate import (
    Parts,
    Times,
    create_estimate,
    estimate_key,
    estimate_range,
    estimate_seconds,
    read_times,
    ways_to_halve,
)
from bertlab.runs.settings import Settings
from bertlab.ui.state.guards import explained
from bertlab.ui.state.student import student_id
from bertlab.ui.training import probes
from bertlab.views.shared.times import duration

LONG = 10.0  # seconds; nobody needs to halve less


def draw_estimate(examples: Examples, split: Split, settings: Settings) -> None:
    """Say how long the run will take, or offer to measure it."""
    key = estimate_key(settings, examples)
    measured = probes.answer(key)
    if measured is not None:
        st.markdown(describe_time(read_times(measured), settings, _parts(split)))
    elif probes.is_asked(key):
        probes.wait(key, "Measuring a few steps …")
    elif st.button(
        "How long will it take?", icon=":material/timer:", key="finetune_estimate",
        help="Takes a few steps of this model on these texts, on the machine that will train.",
    ):  # fmt: skip
        with explained():
            probes.ask(key, lambda: create_estimate(settings, examples, owner=student_id()))
        st.rerun()


def describe_time(times: Times, settings: Settings, parts: Parts) -> str:
    """The estimate in a line of Markdown, with what would halve it."""
    seconds = estimate_seconds(times, settings, parts)
    most = "at most " if settings.strategy == "gradual" else ""
    low, high = estimate_range(times, settings, parts)
    text = (
        f"**{most}about {duration(seconds)}** ({duration(low)} to {duration(high)}), by "
        f"{times.steps} steps measured here ({times.step:.3g} s each)"
    )
    if times.is_slowed:
        text += ". Other work slows this machine now; alone it would need the lesser time"
    ways = ways_to_halve(times, settings, parts) if seconds >= LONG else []
    told = ", or ".join(f"{way} ({duration(shorter)})" for way, shorter in ways)
    return f"{text}. Half of it or less: {told}." if ways else text


def _parts(split: Split) -> Parts:
    return Parts(len(split.train), len(split.validation), len(split.test))
