"""A pre-training run while it waits and trains: its heading, figures, blanks and curves."""

from collections.abc import Sequence

import streamlit as st

from bertlab.errors import RunError
from bertlab.pretraining.blanks import Watched, watched_blanks
from bertlab.pretraining.settings import PretrainingSettings
from bertlab.pretraining.start import settings_of
from bertlab.runs import Event, Run, Status, open_run
from bertlab.runs.events import TrainEvent, ValidationEvent, newest, of_kind
from bertlab.runs.run import PRETRAINING
from bertlab.ui.lessons.pretraining.start import RUN
from bertlab.ui.runs.ownership import tell_watchers
from bertlab.ui.runs.run_list import offer_more
from bertlab.ui.runs.run_view import PHASE_TEXTS, draw_news, draw_phase, seconds_left
from bertlab.ui.runs.similar_run import like_pretraining
from bertlab.ui.state.guards import plain
from bertlab.ui.state.theme import palette
from bertlab.ui.training.start import open_in_page
from bertlab.views.pretraining import run as views
from bertlab.views.shared.times import duration
from bertlab.views.training.curves import describe_run

PHASES = PHASE_TEXTS | {
    "starting": "Cutting the text into pieces",
    "testing": "Storing the model, asking it about the held-out text",
}
NOTES = {
    "Held-out accuracy": "Of the masked pieces of the held-out text, how many it finds first.",
    "Next sentence": "Of the held-out sentence pairs, how many it tells apart. 50 % is a coin.",
    "Pieces a second": "Of all time so far: measuring included.",
}


def run_heading(run_id: str) -> Run:
    """Open a run and draw its name and what can be done with it.

    Raises:
        RunError: There is no such run (any more), or it is one of fine-tuning.
    """
    try:
        run = open_run(run_id)
        if run.kind != PRETRAINING:
            raise RunError(f"Run {run_id} is one of fine-tuning: open it in that lesson.")
    except RunError:
        if st.button("Start a new run", icon=":material/add:", key="pretraining_lost_new"):
            open_in_page(None, key=RUN)
        raise
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.subheader(plain(run.name), anchor=False)
    settings = settings_of(run)
    left.markdown(f"{_describe(settings)} This page's address opens the run again.")
    with right:
        offer_more(run, like_pretraining(settings), key=RUN)
    tell_watchers(run)
    for warning in st.session_state.get("run_notes", {}).get(run.id, ()):
        st.warning(plain(warning), icon=":material/warning:")
    return run


def _describe(settings: PretrainingSettings) -> str:
    sizes = settings.architecture
    heads = "1 head" if sizes.heads == 1 else f"{sizes.heads} heads"
    passes = ", ".join(f"{source.passes:g}" for source in settings.sources[:3])
    pairs = "next sentence too" if settings.pair_share else "without next sentence"
    return (
        f"**{sizes.layers} × {sizes.hidden_size}, {heads}, from random weights**: {passes} passes, "
        f"{settings.masked_share:.0%} masked, {pairs}, seed {settings.seed}."
    )


def draw_progress(run: Run, status: Status, events: Sequence[Event]) -> None:
    """Progress, figures of the moment, the blanks, the curves."""
    draw_phase(run, status, PHASES)
    draw_news(events)
    _draw_figures(status, events)
    draw_blanks(watched_blanks(events, settings_of(run).blanks), status.steps)
    draw_curves(status.steps, events)


def _draw_figures(status: Status, events: Sequence[Event]) -> None:
    """The newest numbers, side by side."""
    train, check = newest(events, TrainEvent), newest(events, ValidationEvent)
    left = seconds_left(status, train)
    pairs = check.metrics.get("next_accuracy") if check else None
    figures = {
        "Training loss": f"{train.loss:.3f}" if train else "–",
        "Held-out loss": f"{check.loss:.3f}" if check else "–",
        "Held-out accuracy": f"{check.metric('accuracy'):.1%}" if check else "–",
        "Next sentence": "–" if pairs is None else f"{pairs:.1%}",
        "Pieces a second": _speed(train),
        "Time left": "–" if left is None else duration(left),
    }
    draw_metrics(figures)


def draw_metrics(figures: dict[str, str]) -> None:
    """Numbers with their names, side by side."""
    with st.container(horizontal=True, gap="medium"):
        for name, value in figures.items():
            st.metric(name, value, width="content", help=NOTES.get(name))


def _speed(train: TrainEvent | None) -> str:
    if not train or not train.seconds or train.tokens is None:
        return "–"
    return f"{train.tokens / train.seconds:,.0f}"


def draw_blanks(watched: Sequence[Watched], steps: int) -> None:
    """The table of blanks as it stands."""
    if not watched:
        return
    step = watched[0].last.step
    of_all = f" of {steps:,}" if steps else ""
    st.markdown(f"**The blanks after {step:,}{of_all} steps**")
    colours = palette()
    st.html(views.style(colours) + views.blanks_html(watched, colours, steps=steps))


def draw_curves(steps: int, events: Sequence[Event]) -> None:
    """Loss beside accuracy, over this many steps in all."""
    if not of_kind(events, TrainEvent):
        return
    alt, colours = describe_run(events), palette()
    left, right = st.columns(2)
    with left:
        spec = views.loss_curves(events, colours, steps=steps)
        st.echarts_chart(spec, key="pretraining_loss", height=320, theme=None, alt=alt)
    with right:
        spec = views.accuracy_curves(events, colours, steps=steps)
        st.echarts_chart(spec, key="pretraining_accuracy", height=320, theme=None, alt=alt)
