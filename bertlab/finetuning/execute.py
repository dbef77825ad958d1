"""Carry out a run: from its folder's settings and data to its model and figures."""

from __future__ import annotations

import gc
import traceback

import torch

from bertlab.devices import choose_device
from bertlab.errors import BertLabError
from bertlab.finetuning.learning import Stopped, learn
from bertlab.finetuning.preparing import prepare
from bertlab.finetuning.reporting import report
from bertlab.runs import Journal, Run, Status
from bertlab.runs.events import Event

LOG = "error.log"


def execute(run: Run, *, device: str | None = None) -> Status:
    """Carry out a run in this process, and tell its folder everything.

    execute(create_run(Settings(), split)).phase -> "finished"

    Whatever goes wrong inside ends as the phase "failed" with a message. A run that was
    interrupted goes on from its last checkpoint.

    Args:
        run: one that nobody else executes.
        device: overrules the run's own setting.

    Returns:
        The status at the end: "finished", "stopped" or "failed".

    Raises:
        RunError: somebody else executes the run.
    """
    with Journal(run) as journal:
        try:
            _carry_out(run, journal, device)
        except Stopped:
            _end(journal, "stopped", "Stopped before the first step: there is no model to keep.")
        except Exception as error:
            (run.folder / LOG).write_text(traceback.format_exc(), encoding="utf-8")
            _end(journal, "failed", explain(error))
        finally:
            free_memory()
    return run.status()


def _carry_out(run: Run, journal: Journal, device: str | None) -> None:
    """Go through the phases; what a phase made is freed when this returns."""
    journal.event(Event("phase", 0, 0.0, 0, {"phase": "starting"}))
    journal.update(phase="starting", message="Loading the model and reading the texts.")
    place = choose_device(device or run.settings.device)
    prepared = prepare(run, journal, place)
    outcome = learn(run, journal, prepared)
    result = report(run, journal, prepared, outcome)
    test = result["test"]
    journal.update(accuracy=None if test is None else test["accuracy"])
    if outcome.was_stopped:
        _end(journal, "stopped", f"Stopped at step {outcome.training.step}; the model is kept.")
    else:
        (run.folder / "checkpoint.pt").unlink(missing_ok=True)
        _end(journal, "finished", "")


def _end(journal: Journal, phase: str, message: str) -> None:
    journal.tell("phase", phase=phase, text=message)
    progress = {"progress": 1.0} if phase == "finished" else {}
    journal.update(phase=phase, message=message, **progress)


def explain(error: Exception) -> str:
    """Say in a sentence what ended a run, and what to do."""
    if isinstance(error, BertLabError):
        return str(error)
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return (
            "The memory was not enough for this run. Choose a smaller batch size, a smaller "
            "maximum length or a smaller model, and start again."
        )
    if isinstance(error, OSError):
        return (
            f"The run's folder could not be written or read: {error.strerror or error}. "
            "Free some space on the disk and start again."
        )
    return (
        f"The run ended by an unexpected error ({type(error).__name__}: {error}). "
        f"The file {LOG} in the run's folder says where."
    )


def free_memory() -> None:
    """Give back what the run's model and optimizer took."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
