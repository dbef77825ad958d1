"""Hand a run to the engine."""

from __future__ import annotations

import os

from bertlab.engine.process import WAKE, EngineStatus, ensure_engine, try_again
from bertlab.errors import RunError
from bertlab.runs import Run, runs_root

CONNECT_SECONDS = 3.0


def submit(run: Run) -> EngineStatus:
    """Queue a run and wake the engine; returns at once, whatever the engine's state.

    submit(create_run(Settings(), split)).state -> "running"

    The run is in the queue as soon as this returns: the queue is on disk, where the engine
    finds it, at once or when it is up. No connection is made, unless BERTLAB_SCHEDULER
    names a cluster of others.

    Args:
        run: one that was just made, one that is over and shall go on, or one that waits: a
            cluster that was away or has lost its task is asked once more.

    Raises:
        RunError: the run is being executed, or BERTLAB_SCHEDULER cannot be reached.
    """
    run.queue()
    remote = os.environ.get("BERTLAB_SCHEDULER", "")
    if remote:
        _ask_remote(remote)
        return EngineStatus("remote", remote)
    (runs_root() / WAKE).touch()  # the engine looks at this file ten times a second
    try_again()
    return ensure_engine()


def resume(run: Run) -> EngineStatus:
    """Let a stopped, failed or interrupted run go on from its checkpoint.

    Raises:
        RunError: the run is finished, or is being executed.
    """
    if run.status().phase == "finished":
        raise RunError(f"Run {run.id} is finished; there is nothing to go on with.")
    return submit(run)


def _ask_remote(address: str) -> None:
    """Give a cluster a task for what waits."""
    from distributed import Client, fire_and_forget  # half a second, on first use only

    from bertlab.engine.queue import run_waiting

    try:
        with Client(address, timeout=CONNECT_SECONDS, set_as_default=False) as client:
            # A task that no client waits for is dropped unless it is told to be fired.
            fire_and_forget(client.submit(run_waiting, pure=False))
    except (OSError, TimeoutError) as error:
        raise RunError(
            f"The scheduler {address} cannot be reached: {error}. The run stays in the queue; "
            "check BERTLAB_SCHEDULER and submit it again."
        ) from error
