"""Carry out a run: from its folder's settings and data to its model and figures."""

from __future__ import annotations

from bertlab.devices import choose_device
from bertlab.finetuning.report import report
from bertlab.finetuning.session import FineTuningSession
from bertlab.finetuning.setup import set_up
from bertlab.runs import Journal, Run, Status
from bertlab.runs.events import PhaseEvent
from bertlab.training.lifecycle import Ending, execute_run


def execute(run: Run, *, device: str | None = None) -> Status:
    """Carry out a fine-tuning run in this process, and tell its folder everything.

    execute(create_run(Settings(), split)).phase -> "finished"

    A run that was interrupted goes on from its last checkpoint.

    Args:
        run: one that nobody else executes.
        device: overrules the run's own setting.

    Returns:
        The status at the end: "finished", "stopped", "paused" or "failed".

    Raises:
        RunError: somebody else executes the run.
    """
    return execute_run(run, lambda journal: _work(run, journal, device))


def _work(run: Run, journal: Journal, device: str | None) -> Ending:
    """Go through the phases."""
    journal.event(PhaseEvent("starting"))
    journal.update(phase="starting", message="Loading the model and reading the texts.")
    setup = set_up(run, journal, choose_device(device or run.settings.device))
    session = FineTuningSession(run, journal, setup)
    session.learn()
    accuracy = getattr(report(session).test, "accuracy", None)  # of numbers there is none
    return Ending(session.was_stopped, session.state.step, accuracy)
