"""Training in the command's own process: the same function and folder as the engine's."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

from bertlab.cli.output import Answer, emit, note

if TYPE_CHECKING:
    from bertlab.runs import Event, Run
    from bertlab.runs.events import ValidationEvent

TELL_SECONDS = 2.0  # how often progress is told
FAILED, BAD_INPUT, STOPPED = 1, 2, 130


def train_here(run: "Run", *, as_json: bool) -> int:
    """Execute a run to its end, telling its progress, and print what the contract asks for.

    The first Ctrl-C asks the run to stop after its step, as the page's Stop does; a second one
    interrupts it at once. A run that is stopped after its first step keeps its model.

    Returns:
        The exit status: 0; 130 for a run that was stopped or paused; 1 for one that failed, 2
        where what the user gave is to blame.

    Raises:
        RunError: Somebody else executes the run.
    """
    from bertlab.engine.executors import execute

    with _stop_on_interrupt(run), _telling(run):
        status = execute(run)
    if status.phase == "paused":
        note(f"{status.message} Go on with: bertlab runs resume {run.id}")
        return STOPPED
    result = run.result()
    if status.phase == "failed" or result is None:
        note(f"Run {run.id} {status.phase}. {status.message}")
        return STOPPED if status.phase == "stopped" else _blame(run)
    _print(run, result, as_json=as_json)
    if status.phase == "stopped":
        note(f"{status.message} Go on with: bertlab runs resume {run.id}")
        return STOPPED
    return 0


def _blame(run: "Run") -> int:
    """Tell a text or setting that cannot be used from what broke by itself."""
    from bertlab.runs.events import PhaseEvent, newest

    end = newest(run.history(), PhaseEvent)
    return BAD_INPUT if end and end.bad_input else FAILED


def _print(run: "Run", result: Answer, *, as_json: bool) -> None:
    from bertlab.cli import pretrain_output
    from bertlab.runs.looks import reveal
    from bertlab.runs.run import PRETRAINING

    if run.kind == PRETRAINING:
        emit(pretrain_output.summarise(result), pretrain_output.show, as_json=as_json)
    else:
        emit(summarise(result), show, as_json=as_json)
        with suppress(OSError):  # printed is looked at; a full disk takes no answer away
            reveal(run)


def summarise(result: Answer) -> Answer:
    """Of all figures of a run those that the contract names."""
    names = ("run", "model_dir", "train_examples", "steps", "seconds", "examples_per_second")
    return {name: result[name] for name in (*names, "validation", "test")}


def show(answer: Answer) -> str:
    """For people: where the model lies, how fast it was, how good it is."""
    lines = [
        f"Run {answer['run']}: {answer['train_examples']:,} examples, {answer['steps']:,} steps, "
        f"{answer['seconds']:.1f} s ({answer['examples_per_second']:.0f} examples/s)",
        f"Model: {answer['model_dir']}",
    ]
    for part in ("validation", "test"):
        scores = answer[part]
        if scores:
            lines.append(
                f"{part.capitalize():<10} {_quality(scores)}, loss {scores['loss']:.3f} "
                f"({scores['examples']:,} examples)"
            )
    return "\n".join(lines + _trust(answer["test"]))


def _quality(scores: Answer) -> str:
    """How good a model is, by what it predicts."""
    if "mean_absolute_error" in scores:
        return (
            f"mean absolute error {scores['mean_absolute_error']:.4g}, Pearson "
            f"{scores['pearson']:.3f}, Spearman {scores['spearman']:.3f}"
        )
    name = "all labels right" if "micro_f1" in scores else "accuracy"
    micro = f", micro-F1 {scores['micro_f1']:.3f}" if "micro_f1" in scores else ""
    return f"{name} {scores['accuracy']:.1%}{micro}, macro-F1 {scores['macro_f1']:.3f}"


def _trust(test: Answer | None) -> list[str]:
    """How far the test's accuracy can be trusted, and what always guessing one label gives."""
    if not test:
        return []
    low, high = test["interval"]
    what = "set of labels" if "micro_f1" in test else "label"
    if "baseline_error" in test:
        return [
            f"           95 % interval {low:.4g} to {high:.4g}; always the training part's median: "
            f"{test['baseline_error']:.4g}"
        ]
    return [
        f"           accuracy's 95 % interval {low:.1%} to {high:.1%}; always the commonest "
        f"{what}: {test['majority_share']:.1%}"
    ]


@contextmanager
def _stop_on_interrupt(run: "Run") -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return
    earlier = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, earlier)
        note("Stopping after this step. Press Ctrl-C again to interrupt at once.")
        run.request_stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, earlier)


@contextmanager
def _telling(run: "Run") -> Iterator[None]:
    """Tell the run's events on standard error while the block works, read from its folder."""
    is_over = threading.Event()
    _, offset = run.events()

    def follow() -> None:
        nonlocal offset
        while True:
            is_last = is_over.wait(TELL_SECONDS)
            events, offset = run.events(after=offset)
            _tell(events, run)
            if is_last:
                return

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _tell(events: "Sequence[Event]", run: "Run") -> None:
    from bertlab.runs.events import MessageEvent, PhaseEvent, TrainEvent, ValidationEvent, newest

    if last := newest(events, TrainEvent):
        note(f"step {last.step} of {run.status().steps}: loss {last.loss:.3f}")
    for event in events:
        if isinstance(event, PhaseEvent):
            note(event.text or event.phase)
        elif isinstance(event, MessageEvent):
            note(event.text)
        elif isinstance(event, ValidationEvent):
            note(f"validation after step {event.step}: loss {event.loss:.3f}, {_checked(event)}")


def _checked(event: "ValidationEvent") -> str:
    if event.has("mean_absolute_error"):
        return f"mean absolute error {event.metric('mean_absolute_error'):.4g}"
    accuracy = event.metric("accuracy")
    if event.has("micro_f1"):
        return f"micro-F1 {event.metric('micro_f1'):.3f}, all labels right {accuracy:.1%}"
    return f"accuracy {accuracy:.1%}"
