"""Hand a run to the engine."""

from __future__ import annotations

from bertlab.engine.process import WAKE, EngineStatus, ensure_engine, try_again
from bertlab.engine.remote import ask_remote, remote_scheduler
from bertlab.errors import RunError
from bertlab.runs import Run, runs_root


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
        RunError: the run is being executed, the disk is full, or BERTLAB_SCHEDULER is refused or
            cannot be reached; in the last two cases the run stays in the queue.
    """
    run.queue()
    remote = remote_scheduler()
    if remote:
        ask_remote(remote)
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
