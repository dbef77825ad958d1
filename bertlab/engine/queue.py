"""The queue is on disk: which run is next, and what became of those that were interrupted."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from dataclasses import replace
from typing import Any

from bertlab.errors import RunError
from bertlab.runs import Run, holder_of, list_runs
from bertlab.runs.limits import limits
from bertlab.runs.run import PROBES
from bertlab.runs.status import write_status

log = logging.getLogger(__name__)

# A run that ends its process twice without getting any further would do so for ever.
MAX_ATTEMPTS = 2
PROBE_SECONDS = 600.0  # after which a probe that nobody fetched is deleted


def run_next() -> str | None:
    """Execute the next run in fair order; this is the task that workers are given.

    A task names no run: a lost task, a double one or a restarted scheduler cost nothing,
    for what is to be done is read from disk.

    Returns:
        The id of the run that was executed; None when nothing waited.
    """
    from bertlab.engine.executors import execute  # torch: only where runs are executed

    reconcile()
    for run in eligible(next_runs()):
        try:
            execute(run)
            return run.id
        except RunError as error:  # another worker was quicker, it was deleted, the disk is full
            log.info("%s", error)
    return None


def next_runs() -> list[Run]:
    """List the waiting runs, the next one first: round-robin over owners, oldest first.

    Ann queues a, b, c, then Ben queues d -> a, d, b, c. Probes take a moment and come first.
    """
    states = [(run, run.status()) for run in list_runs()]
    queued = [(state.queued, run) for run, state in states if state.phase == "queued"]
    waiting = [run for _, run in sorted(queued, key=lambda pair: pair[0])]
    if not waiting:  # mostly so, and the folder may hold hundreds of runs that are over
        return []
    served: dict[str, float] = {}
    for run, state in states:
        if run.kind not in PROBES:
            served[run.owner] = max(served.get(run.owner, 0.0), state.started)
    order: list[Run] = []
    while waiting:
        # min() keeps the first of equals, which is the oldest run
        chosen = min(waiting, key=lambda run: served.get(run.owner, 0.0))
        waiting.remove(chosen)
        served[chosen.owner] = time.time() + len(order)
        order.append(chosen)
    return sorted(order, key=lambda run: run.kind not in PROBES)


def eligible(waiting: list[Run]) -> list[Run]:
    """Leave out the runs of students who have one being executed; "" is the command line.

    With two workers and Ann's run on one of them, the other one takes Ben's next. Probes count on
    neither side: they take moments.
    """
    most = limits().runs_at_once
    if not any(run.owner for run in waiting):
        return waiting
    runs = [run for run in list_runs() if run.kind not in PROBES]
    active = Counter(run.owner for run in runs if run.status().is_active)
    return [
        run for run in waiting if not run.owner or run.kind in PROBES or active[run.owner] < most
    ]


def reconcile() -> list[Run]:
    """Put runs whose executor died back in the queue; give up those that died too often.

    A run whose status cannot be written, for the disk is full, stays as it is until next time.

    Returns:
        The runs that were looked at for it.
    """
    runs = list_runs()
    _forget_probes(runs)
    interrupted = [run for run in runs if run.is_interrupted()]
    for run in interrupted:
        status = run.status()
        changes: dict[str, Any] = {
            "phase": "queued",
            "message": "The worker ended in the middle of the run; it goes on as soon as it can.",
        }
        if status.attempts >= MAX_ATTEMPTS:
            changes = {
                "phase": "failed",
                "message": f"The worker ended unexpectedly {status.attempts} times in this run, "
                "perhaps for lack of memory. Choose a smaller batch size or model.",
            }
        if not holder_of(run.folder):
            with contextlib.suppress(OSError):
                write_status(run.folder / "status.json", replace(status, holder="", **changes))
    return interrupted


def _forget_probes(runs: list[Run]) -> None:
    """Delete probes that nobody has fetched: their pages were closed."""
    for run in runs:
        if run.kind not in PROBES:
            continue
        status = run.status()
        if status.is_final and time.time() - status.created > PROBE_SECONDS:
            with contextlib.suppress(RunError, OSError):
                run.delete()
