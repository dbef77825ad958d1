"""What a browser may ask of a run that is there already; every page goes through here.

    stop(run, by=student_id())

Each function asks first whether that browser may change the run (see `runs.ownership`), and
raises a ControlError before anything happens where it may not. The command line, the engine and
its workers do without: they call the run itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Protocol, TypeVar

from bertlab.engine import submission
from bertlab.engine.process import EngineStatus
from bertlab.errors import RunError
from bertlab.finetuning.compare import create_replay, create_twin
from bertlab.runs import Run, list_runs, looks, ownership
from bertlab.runs.limits import limits

T = TypeVar("T", covariant=True)


class Action(Protocol[T]):
    """Something that changes a run on behalf of a browser."""

    def __call__(self, run: Run, *, by: str) -> T:
        """Do it, or raise a ControlError."""


ACTIONS: dict[str, Action[object]] = {}  # all of them, by name


def guarded(
    demand: Callable[[Run, str], None],
) -> Callable[[Action[T]], Action[T]]:
    """Let a function change a run only where `demand` lets the browser pass."""

    def guard(function: Action[T]) -> Action[T]:
        @wraps(function)
        def action(run: Run, *, by: str) -> T:
            demand(run, by)
            return function(run, by=by)

        ACTIONS[function.__name__] = action  # type: ignore[attr-defined]
        return action

    return guard


controllers_only = guarded(ownership.demand_control)
owner_only = guarded(ownership.demand_ownership)


def demand_place(by: str) -> None:
    """Let nobody pass who has as many runs waiting as are allowed.

    Raises:
        RunError: naming the limit.
        InputError: the limits cannot be read.
    """
    most = limits().runs_queued
    waiting = [run for run in list_runs(owner=by) if run.status().phase == "queued"]
    if len(waiting) >= most:
        runs = "1 run of yours waits" if most == 1 else f"{len(waiting):,} runs of yours wait"
        raise RunError(
            f"{runs} already, as many as are allowed here. Stop one of them, or come again when "
            "one has had its turn."
        )


@controllers_only
def submit(run: Run, *, by: str) -> EngineStatus:
    """Queue a run, or ask a cluster for it once more; see `submission.submit`."""
    _demand_its_place(run)
    return submission.submit(run)


@controllers_only
def resume(run: Run, *, by: str) -> EngineStatus:
    """Let a run go on from its checkpoint; see `submission.resume`."""
    _demand_its_place(run)
    return submission.resume(run)


def _demand_its_place(run: Run) -> None:
    """Count a run among its owner's, whoever asks; one that waits has its place already."""
    if run.owner and run.status().phase != "queued":
        demand_place(run.owner)


@controllers_only
def stop(run: Run, *, by: str) -> None:
    """Ask a run to end; see `Run.request_stop`."""
    run.request_stop()


@controllers_only
def pause(run: Run, *, by: str) -> None:
    """Ask a run to rest; see `Run.request_pause`."""
    run.request_pause()


@controllers_only
def delete(run: Run, *, by: str) -> None:
    """Delete a run and its data; see `Run.delete`."""
    run.delete()


@controllers_only
def reveal(run: Run, *, by: str) -> None:
    """Look at a run's test figures, which counts; see `runs.looks.reveal`."""
    try:
        looks.reveal(run)
    except OSError as error:
        raise RunError(
            f"The folder of run {run.id} cannot be written: {error.strerror or error}. Free some "
            "space on the disk and try again."
        ) from error


@controllers_only
def replay(run: Run, *, by: str) -> Run:
    """Make a run of this browser that does the same again, with a copy of the data."""
    return create_replay(run, owner=by)


@controllers_only
def make_twin(run: Run, *, by: str) -> Run:
    """Make the run with other first weights, which then stands on the first one's page."""
    return create_twin(run, owner=by)


@owner_only
def hand_over(run: Run, *, by: str) -> str:
    """Make the secret with which another browser takes control; see `make_control_token`."""
    return ownership.make_control_token(run)


@owner_only
def take_back(run: Run, *, by: str) -> None:
    """Make that secret worthless; see `take_back_control`."""
    ownership.take_back_control(run)
