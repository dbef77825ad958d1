"""Training in the command's own process: the same function and folder as the engine's."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from bertlab.cli.output import Answer, note
from bertlab.errors import RunError

if TYPE_CHECKING:
    from bertlab.runs import Run

TELL_SECONDS = 1.0  # how often progress is told


def train_here(run: "Run") -> Answer:
    """Execute a run to its end, telling its progress, and return what the contract asks for.

    The first Ctrl-C asks the run to stop after its step, as the page's Stop does; a second one
    interrupts it at once.

    Raises:
        RunError: It failed or was stopped; the message says how to go on.
    """
    from bertlab.finetuning.execute import execute

    with _stop_on_interrupt(run), _telling(run):
        execute(run)
    status = run.status()
    if status.phase == "stopped" and run.result() is None:
        raise RunError(
            f"The run was stopped at step {status.step} of {status.steps}. "
            f"Go on with: bertlab runs resume {run.id}"
        )
    if status.phase != "finished" and run.result() is None:
        raise RunError(f"Run {run.id} is {status.phase}: {status.message}")
    return summarise(run)


def summarise(run: "Run") -> Answer:
    """The figures of a run that came to its end."""
    result = run.result() or {}
    names = ("train_examples", "steps", "seconds", "examples_per_second", "validation", "test")
    return {"run": run.id, "model_dir": str(run.model_folder)} | {
        name: result.get(name) for name in names
    }


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


def _tell(events: list[dict[str, Any]], run: "Run") -> None:
    steps = [event for event in events if event["kind"] == "train"]
    if steps:
        last = steps[-1]
        note(f"step {last['step']} of {run.status().steps}: loss {last['loss']:.3f}")
    for event in events:
        if event["kind"] == "phase":
            note(f"{event['phase']} ...")
        elif event["kind"] == "message":
            note(event["text"])
        elif event["kind"] == "validation":
            note(
                f"validation after step {event['step']}: loss {event['loss']:.3f}, "
                f"accuracy {event['accuracy']:.1%}"
            )
