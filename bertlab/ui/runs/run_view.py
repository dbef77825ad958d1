"""A run while it waits and trains: drawn from its folder alone, twice a second."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

import streamlit as st

from bertlab.engine import actions, engine_status, ensure_engine
from bertlab.engine.waiting import QueuePosition, places
from bertlab.errors import RunError
from bertlab.runs import Event, Run, Status
from bertlab.runs.events import (
    MessageEvent,
    PhaseEvent,
    PlanEvent,
    ResumedEvent,
    TrainEvent,
    ValidationEvent,
    newest,
    of_kind,
)
from bertlab.training.curves import rate_text
from bertlab.ui.runs.controls import draw_controls
from bertlab.ui.runs.feed import events_of
from bertlab.ui.runs.ownership import is_mine
from bertlab.ui.server.local_reader import is_here
from bertlab.ui.state.guards import plain
from bertlab.ui.state.student import student_id
from bertlab.ui.state.theme import palette, theme
from bertlab.ui.training.strategy import draw_stack
from bertlab.views.fine_tuning.layer_norms import (
    describe_gradients,
    gradient_heatmap,
    weight_heatmap,
)
from bertlab.views.shared.times import duration
from bertlab.views.training.curves import (
    accuracy_chart,
    describe_run,
    latest_pinned,
    loss_chart,
    pinned_chart,
)
from bertlab.views.training.measures import measure_of

# Seconds between two looks at the folder. On a busy laptop with 2 cores a step of a run that trains
# is seen 0.45 s after it was written, p95 0.75 s; a look takes 25 ms of the server's processor
# there, one at a run that waits 6 ms. Of thirty students' runs one trains, the others wait: 0.2 of
# a core (tests/benchmarks/bench_live.py).
EVERY = 0.6
EVERY_WAITING = 1.0
PHASE_TEXTS = {
    "created": "Stored, not yet queued",
    "queued": "Waiting for its turn",
    "starting": "Loading the model and encoding the texts",
    "training": "Training",
    "testing": "Measuring on the test part",
    "paused": "Paused",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
}
PRECISIONS = {
    "bf16": "in mixed precision: matrix products in bf16, weights and loss in float32",
    "fp32": "in float32",
}

Events = Sequence[Event]
MIB = 2**20
FIGURE_NOTES = {"Examples a second": "Of all time so far: validating and saving included."}


def follow(run: Run, draw: Callable[[Run, Status, Events], None] | None = None) -> None:
    """Show a run that is not over; the page reruns once when it is.

    Args:
        run: The run.
        draw: What is drawn at each look; `draw_progress` where it is left out.
    """
    draw = draw or draw_progress
    before = run.status()
    rests = before.is_paused
    are_still = draw_controls(run, rests=rests)
    every = EVERY if before.is_active else EVERY_WAITING

    @st.fragment(run_every=None if are_still else every)
    def tick() -> None:
        status = run.status()
        is_gone = not run.folder.is_dir()  # it was deleted elsewhere
        has_changed = (status.is_paused, status.is_active) != (rests, before.is_active)
        if status.is_final or is_gone or (has_changed and not are_still):
            st.rerun()
        if not rests:
            ensure_engine()  # it was killed, perhaps: it comes back and goes on
            _submit_again(run, status)
        draw(run, status, events_of(run))

    tick()


def _submit_again(run: Run, status: Status) -> None:
    """Offer to ask a cluster once more: it may have been away, or have lost its task."""
    waits = status.phase == "queued" or run.is_interrupted()
    if not (waits and engine_status().state == "remote" and is_mine(run)):
        return
    if st.button("Submit again", icon=":material/send:", key="run_submit_again"):
        try:
            actions.submit(run, by=student_id())
        except RunError as error:  # the page goes on looking: the cluster may come back
            st.error(plain(str(error)), icon=":material/error:")
        else:
            st.toast("The cluster was asked to execute it.")


def draw_progress(run: Run, status: Status, events: Sequence[Event]) -> None:
    """Progress, figures of the moment, and the curves."""
    draw_phase(run, status)
    draw_news(events)
    draw_figures(run, status, events)
    draw_place(status, events)
    draw_curves(run, status, events)
    draw_pinned(run, events, status.steps)
    draw_learning(run, events)


def draw_learning(run: Run, events: Sequence[Event]) -> None:
    """Which parts learn now, and how long each one's gradient is."""
    plan, train = newest(events, PlanEvent), newest(events, TrainEvent)
    if plan is None or train is None:  # a run of old, or of a model whose layers are one
        return
    with st.expander("Where does learning happen?", icon=":material/layers:"):
        left, right = st.columns([2, 3], gap="large")
        with left:
            draw_stack(run.settings, plan.layers, plan.learning_rate, now=train.epoch)
        with right:
            draw_gradients(events)


def draw_gradients(events: Sequence[Event]) -> None:
    """The gradients' lengths by part over the steps; or by how much the weights have grown."""
    words = describe_gradients(events)
    of = st.segmented_control(
        "Length of", ["gradients", "weights"], default="gradients", required=True,
        key="run_norms_of", label_visibility="collapsed",
    )  # fmt: skip
    draw = gradient_heatmap if of == "gradients" else weight_heatmap
    spec = draw(events, theme=theme())
    st.echarts_chart(spec, key=f"run_layers_{of}", height=300, theme=None, alt=words)
    st.markdown(words)


def draw_phase(run: Run, status: Status, texts: Mapping[str, str] = PHASE_TEXTS) -> None:
    """One line and a bar: what is being done, by default in the words of fine-tuning."""
    text = texts[status.phase]
    engine = engine_status()
    if status.phase == "queued" and engine.state == "starting":
        text = "Waiting for the training engine, which is starting"
    elif status.phase == "queued" and engine.state == "failed":
        text = "Waiting for the training engine, which cannot be started"
        why = engine.message if is_here() else "The server's log says why."
        st.error(plain(why), icon=":material/error:")
    elif status.phase == "queued" and engine.message:
        text = "Waiting: the cluster is not asked"
        st.error(plain(engine.message), icon=":material/error:")
    elif status.phase == "queued":
        text = f"{text}{describe_place(_places().get(run.id))}"
    elif status.phase == "starting" and status.message:
        text = status.message.rstrip(".")
    if run.is_interrupted():
        text = "Interrupted; it goes on from its last checkpoint as soon as the engine is back"
    steps = f" · step {status.step:,} of {status.steps:,}" if status.steps else ""
    st.progress(min(1.0, status.progress), f"{text}{steps}")


@st.cache_data(ttl=EVERY_WAITING, show_spinner=False)  # one look at the folders for all who wait
def _places() -> dict[str, QueuePosition]:
    return places()


def describe_place(place: QueuePosition | None) -> str:
    """Say how many are before a run, and how long that may take.

    >>> describe_place(Place(2, 95.0))
    ': 2 runs before it, about 95 s'
    >>> describe_place(Place(0, 0.0))
    ': it is next'
    """
    if place is None:
        return ""
    if not place.ahead:
        return ": it is next"
    runs = "1 run" if place.ahead == 1 else f"{place.ahead} runs"
    if place.seconds is None:
        return f": {runs} before it"
    return f": {runs} before it, about {duration(place.seconds)}"


def draw_news(events: Sequence[Event]) -> None:
    """What the run itself had to say last: why it began anew, that the encoder is frozen."""
    told = [one.text for one in events if isinstance(one, MessageEvent | ResumedEvent)]
    if told:
        st.text(told[-1])


def draw_figures(run: Run, status: Status, events: Sequence[Event]) -> None:
    """The newest numbers, side by side."""
    train = newest(events, TrainEvent)
    check = newest(events, ValidationEvent)
    measure = measure_of(run.problem_type)
    speed = train.examples / train.seconds if train and train.seconds else None
    left = seconds_left(status, train)
    figures = {
        "Training loss": f"{train.loss:.3f}" if train else "–",
        "Validation loss": f"{check.loss:.3f}" if check else "–",
        measure.label: measure.say(check) if check else "–",
        "Learning rate": rate_text(train.learning_rate) if train else "–",
        "Examples a second": f"{speed:,.0f}" if speed else "–",
        "Time left": duration(left) if left is not None else "–",
    }
    with st.container(horizontal=True, gap="medium"):
        for name, value in figures.items():
            st.metric(name, value, width="content", help=FIGURE_NOTES.get(name))


def draw_place(status: Status, events: Sequence[Event]) -> None:
    """Where it computes, in which precision, and what memory it takes, as soon as that is known."""
    told = [one for one in of_kind(events, PhaseEvent) if one.precision]
    if told:
        precision = PRECISIONS[told[-1].precision or ""]
        memory = f" Its process holds {status.memory / MIB:,.0f} MiB." if status.memory else ""
        st.markdown(f"Computed on {told[-1].device}, {precision}.{memory}")


def draw_curves(run: Run, status: Status, events: Sequence[Event]) -> None:
    """The loss beside what else the run is measured by."""
    if not of_kind(events, TrainEvent):
        return
    measure = measure_of(run.problem_type)
    alt, steps = describe_run(events, measure), status.steps
    left, right = st.columns(2)
    with left:
        spec = loss_chart(events, palette(), steps=steps)
        st.echarts_chart(spec, key="run_loss", height=320, theme=None, alt=alt)
    with right:
        spec = accuracy_chart(events, palette(), steps=steps, measure=measure)
        st.echarts_chart(spec, key="run_accuracy", height=320, theme=None, alt=alt)


def draw_pinned(
    run: Run,
    events: Sequence[Event],
    steps: int,
    final: Sequence[tuple[str, str, str]] | None = None,
) -> None:
    """The pinned sentences with their newest answers, beside the way these took.

    Args:
        run: What is predicted in it matters.
        events: The run's history.
        steps: Optimizer steps in all.
        final: The finished model's answers, where there is one; they stand in the list.
    """
    answers = latest_pinned(events, run.problem_type)
    if not answers:
        return
    left, right = st.columns(2, vertical_alignment="center")
    with left:
        now = "Your sentences now" if final is None else "Your sentences, by the stored model"
        st.markdown(f"**{now}**")
        st.html(_answers_html(final or answers))
    with right:
        spec = pinned_chart(events, palette(), steps=steps, problem_type=run.problem_type)
        st.echarts_chart(spec, key="run_pinned", height=300, theme=None, alt=_pinned_alt(answers))


def _answers_html(answers: Sequence[tuple[str, str, str]]) -> str:
    rows = "".join(
        f"<li style='margin:0.5rem 0'>{escape(text)}<br><b>{escape(said)}</b> {escape(note)}</li>"
        for text, said, note in answers
    )
    return f"<ol style='max-width:60ch;overflow-wrap:anywhere'>{rows}</ol>"


def _pinned_alt(answers: Sequence[tuple[str, str, str]]) -> str:
    return "; ".join(f"{text}: {said} {note}" for text, said, note in answers)


def seconds_left(status: Status, train: TrainEvent | None) -> float | None:
    """How long it still takes if it goes on as fast; None before the first step."""
    if not (train and status.steps and train.step):
        return None
    return float(train.seconds / train.step * (status.steps - train.step))
