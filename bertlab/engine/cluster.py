"""The task for a cluster of others, where nobody looks at the queue from time to time."""

from __future__ import annotations

import threading
import time

from distributed import Status, Worker, get_worker, rejoin, secede

from bertlab.engine.queue import eligible, next_runs, reconcile, run_next
from bertlab.runs import list_runs

LOOK_SECONDS = 5.0  # between two looks of a task that waits; each reads the status of all runs
_waiting = threading.Lock()  # of all tasks in a process it is enough that one waits


def run_waiting() -> list[str]:
    """Execute runs until none is left that this task may have to execute.

    A run that is being executed elsewhere may come back to the queue: its worker dies, and its
    lease looks alive for a minute after Dask gave the task to somebody else; or its scheduler
    died, and the worker follows half a minute later. A run that waits may have to wait for
    another one of the same student, or for a full disk. So the task ends when nothing is queued
    and nothing executed. While it waits, its worker is free for other tasks.

    Returns:
        The ids of the runs that were executed.
    """
    worker = _worker()
    done: list[str] = []
    while not _is_closing(worker):
        if (run_id := run_next()) is not None:
            done.append(run_id)
        elif not _is_anything_left() or not _wait(worker):
            break
    return done


def _wait(worker: Worker | None) -> bool:
    """Wait until a run may be begun or nothing is left; False where another task does."""
    if not _waiting.acquire(blocking=False):
        return False
    try:
        if worker is not None:
            secede()
        while not _is_closing(worker):
            time.sleep(LOOK_SECONDS)
            reconcile()
            if eligible(next_runs()) or not _is_anything_left():
                break
    finally:
        _waiting.release()
    if worker is not None and not _is_closing(worker):
        rejoin()
    return True


def _is_anything_left() -> bool:
    states = [run.status() for run in list_runs()]
    return any(state.phase == "queued" or state.is_active for state in states)


def _worker() -> Worker | None:
    """The Dask worker that executes this; None outside of Dask."""
    try:
        return get_worker()
    except ValueError:
        return None


def _is_closing(worker: Worker | None) -> bool:
    """Whether the worker ends: what it began now would be killed in its first steps."""
    return worker is not None and worker.status != Status.running
