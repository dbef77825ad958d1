"""A run's life, whatever is trained: it begins, is stopped or paused, ends or fails."""

from __future__ import annotations

import contextlib
import errno
import gc
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch

from bertlab.errors import BertLabError, InputError
from bertlab.runs import Journal, Run, Status
from bertlab.runs.events import PhaseEvent

LOG = "error.log"
CHECKPOINT = "checkpoint.pt"
LOOK_EVERY = 100  # documents between two looks for a stop
# So say torch on a GPU, on a CPU under Linux and macOS, under Windows, and its libraries cuBLAS,
# C++ and oneDNN; the last asks for memory under the name of what it wanted to make of it.
_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "cublas_status_alloc_failed",
    "bad_alloc",
    "could not create a primitive",
    "could not create a memory",
)
_OF_A_DISK = re.compile(r"\(os error \d+\)|file write failed")  # safetensors, torch


class Stopped(Exception):  # noqa: N818 (asked for, not an error)
    """Somebody asked for a stop before there was anything to keep."""


class Paused(Exception):  # noqa: N818 (asked for, not an error)
    """Somebody asked for a pause, and what there was to keep is in the checkpoint."""


@dataclass(frozen=True)
class Ending:
    """How a run's work came to its end.

    Args:
        was_stopped: whether somebody ended it early.
        step: steps taken.
        accuracy: what lists show of the result; None where nothing was measured.
    """

    was_stopped: bool
    step: int
    accuracy: float | None


def execute_run(run: Run, work: Callable[[Journal], Ending]) -> Status:
    """Do a run's work under its lease, and tell its folder how it ended.

    Whatever goes wrong inside ends as the phase "failed" with a message.

    Args:
        run: one that nobody else executes.
        work: does it; what it made is freed when it returns.

    Returns:
        The status at the end: "finished", "stopped", "paused" or "failed".

    Raises:
        RunError: somebody else executes the run.
    """
    with Journal(run) as journal:
        try:
            _close(run, journal, work(journal))
        except Stopped:
            _end(journal, "stopped", _kept(run))
        except Paused:
            _end(journal, "paused", _resting(run))
        except Exception as error:
            _keep_traceback(run, error)
            is_input = isinstance(error, InputError)
            _tell_end(journal, PhaseEvent("failed", explain(error), bad_input=is_input))
        finally:
            free_memory()
    return run.status()


def raise_if_stopped(run: Run) -> None:
    """Leave where somebody asked for it before a step was taken.

    Raises:
        Stopped: a stop was asked for.
        Paused: a pause was.
    """
    if run.is_stop_requested():
        raise Stopped
    if run.is_pause_requested():
        raise Paused


def until_stopped(run: Run, documents: Iterable[list[str]]) -> Iterator[list[str]]:
    """Pass documents on until somebody asks for a stop or a pause: a large corpus takes minutes.

    Raises:
        Stopped: somebody asked for a stop.
        Paused: somebody asked for a pause.
    """
    for number, document in enumerate(documents):
        if number % LOOK_EVERY == 0:
            raise_if_stopped(run)
        yield document


def _keep_traceback(run: Run, error: Exception) -> None:
    """Write where it went wrong, and let go of what the work had in memory there."""
    with contextlib.suppress(OSError):  # a full disk: the message matters more
        (run.folder / LOG).write_text(traceback.format_exc(), encoding="utf-8")
    traceback.clear_frames(error.__traceback__)
    free_memory()


def _close(run: Run, journal: Journal, ending: Ending) -> None:
    journal.update(accuracy=ending.accuracy)
    if ending.was_stopped:
        _end(journal, "stopped", f"Stopped at step {ending.step}; the model is kept.")
    else:
        (run.folder / CHECKPOINT).unlink(missing_ok=True)
        _end(journal, "finished", "")


def _kept(run: Run) -> str:
    """Say what is left of a run that was stopped before it took a step."""
    if (run.folder / CHECKPOINT).exists():
        return "Stopped before another step; the run can go on from its checkpoint."
    return "Stopped before the first step: there is no model to keep."


def _resting(run: Run) -> str:
    """Say where a run rests: its checkpoint was written at this step, or there is none yet."""
    step = run.status().step
    if not (run.folder / CHECKPOINT).exists():
        return "Paused before the first step; nothing is computed until it goes on."
    if not step:
        return "Paused before another step; it goes on from its checkpoint."
    return f"Paused at step {step}; nothing is computed until it goes on from there."


def _end(journal: Journal, phase: str, message: str) -> None:
    _tell_end(journal, PhaseEvent(phase, message))


def _tell_end(journal: Journal, end: PhaseEvent) -> None:
    journal.tell(end)
    progress = {"progress": 1.0} if end.phase == "finished" else {}
    journal.update(phase=end.phase, message=end.text or "", **progress)


def explain(error: Exception) -> str:
    """Say in a sentence what ended a run, and what to do."""
    if _is_lack_of_memory(error):
        return (
            "The memory was not enough for this run. Choose a smaller batch size, a smaller "
            "maximum length or a smaller model, and start again."
        )
    if isinstance(error, BertLabError):
        return str(error)
    if isinstance(error, OSError) or _OF_A_DISK.search(str(error)):
        reason = getattr(error, "strerror", None) or error
        return (
            f"The run's folder could not be written or read: {reason}. "
            "Free some space on the disk and start again."
        )
    return (
        f"The run ended by an unexpected error ({type(error).__name__}: {error}). "
        f"The file {LOG} in the run's folder says where."
    )


def _is_lack_of_memory(error: BaseException) -> bool:
    """Whether it, or what it was raised from, is: a model that "cannot be loaded", for one."""
    if error.__cause__ is not None and _is_lack_of_memory(error.__cause__):
        return True
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return any(sign in str(error).lower() for sign in _OF_MEMORY)


def free_memory() -> None:
    """Give back what the run's model and optimizer took."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
