"""The engine's own process: `python -m bertlab.engine.main`.

One Dask scheduler, one worker under a nanny (which starts it anew when it dies), bound to
loopback, under TLS with credentials of this start alone, and without web pages. It sweeps the
queue on disk when it is woken and every few seconds, so whatever was queued while it was away is
found. It ends by itself when nothing has been asked of it for long.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from pathlib import Path
from typing import Any

import dask
import psutil
from distributed import Client, Nanny, Scheduler, fire_and_forget

from bertlab.engine.credentials import fresh_credentials
from bertlab.engine.launch import forget_launches
from bertlab.engine.no_dashboard import NO_PAGES, PagelessScheduler, PagelessWorker
from bertlab.engine.process import ADDRESS, LOCK, WAKE, ensure_engine
from bertlab.engine.queue import next_runs, reconcile, run_next
from bertlab.runs import holder_of, list_runs, runs_root
from bertlab.runs.files import read_json, replace_text
from bertlab.runs.lease import process_identity, process_is_alive

LOOK_SECONDS = 0.1  # whether somebody woke us: one look at one file
SWEEP_SECONDS = 5.0  # reading all runs takes longer, so it is done less often
HURRY_SECONDS = 0.3
IDLE_SECONDS = 2 * 3600.0
LONELY_SECONDS = 5.0  # without a worker, after which the nanny has given up starting one
# Dask looks at its worker's stack and its own clock 50 to 100 times a second: idle, that took
# 20 % of a core; with these it takes 1.5 %.
QUIET = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s"}
# A worker that is silent for five minutes of the wall's clock would be ended in mid-run: a laptop
# that slept, a clock that was set. The nanny sees when it really ends.
PATIENT = {"distributed.scheduler.worker-ttl": None}
WORKER_ENVIRONMENT = {"TOKENIZERS_PARALLELISM": "false"}


def main() -> None:
    """Run the engine until it is idle for long, or told to end."""
    root = runs_root()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _take_lock():
        forget_launches()  # the engine that is there needed no other launch
        return
    try:
        was_told_to_end = asyncio.run(_serve())
    finally:
        if _owns_folder():
            for name in (ADDRESS, LOCK):
                with contextlib.suppress(PermissionError):  # Windows: somebody reads it just now
                    (root / name).unlink(missing_ok=True)
    if (
        root.is_dir() and next_runs() and not was_told_to_end
    ):  # queued in the moment of going to sleep
        ensure_engine()


async def _serve() -> bool:
    """Keep scheduler and worker up; return whether a signal ended them."""
    dask.config.set({**QUIET, **PATIENT, **NO_PAGES})
    over = asyncio.Event()
    _end_on_signals(over)
    security = fresh_credentials()
    async with PagelessScheduler(
        protocol="tls", security=security, host="127.0.0.1", port=0, dashboard=False
    ) as scheduler:
        replace_text(runs_root() / ADDRESS, json.dumps(_identity(scheduler.address)))
        os.environ.update(WORKER_ENVIRONMENT)
        async with Nanny(
            scheduler.address,
            worker_class=PagelessWorker,
            security=security,
            nthreads=1,
            protocol="tls",
            host="127.0.0.1",
            name="bertlab-worker",
            memory_limit=0,  # a pause at 80 % of the memory would stop a run for good
            preload=["bertlab.engine.warm_up"],
            dashboard=False,
            env=WORKER_ENVIRONMENT,
            local_directory=str(runs_root() / ".dask"),
        ) as nanny:
            forget_launches()  # it is up: earlier attempts that failed no longer count
            await _sweep(scheduler, nanny, over)
    return over.is_set()


def _end_on_signals(over: asyncio.Event) -> None:
    """Let SIGTERM and Ctrl-C end the engine in good order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, over.set)
        except NotImplementedError:  # Windows' event loop knows no signals
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(over.set))


async def _sweep(scheduler: Scheduler, nanny: Nanny, over: asyncio.Event) -> None:
    """Give the scheduler one task for each run that waits; end when nothing waits for long.

    A worker that dies while the disk is full cannot be started anew, and a nanny tries only
    once: an engine without a worker ends, and another one takes its place.
    """
    last_busy = last_worker = time.monotonic()
    async with Client(
        scheduler.address, asynchronous=True, set_as_default=False, security=scheduler.security
    ) as client:
        while not over.is_set():
            woken = _last_wake()
            if nanny.is_alive():
                last_worker = time.monotonic()
            if not _owns_folder() or time.monotonic() - last_worker > LONELY_SECONDS:
                return
            await asyncio.to_thread(reconcile)
            waiting = await asyncio.to_thread(next_runs)
            active = await asyncio.to_thread(_count_own)
            for _ in range(len(waiting) + active - _open_tasks(scheduler)):
                fire_and_forget(client.submit(run_next, pure=False))
            if waiting or _open_tasks(scheduler):
                last_busy = time.monotonic()
            if time.monotonic() - last_busy > _idle_seconds():
                return
            seconds = until_next_sweep(len(waiting), active)
            await _pause(over, seconds, waiting_since=woken)


def until_next_sweep(waiting: int, active: int) -> float:
    """Seconds to the next sweep: few while runs wait and none is executed.

    A task counts until it has ended, so one that has just finished its run stands in the way of
    another for the run that was queued in that moment. 1 waits, 0 active -> 0.3; else 5.
    """
    return HURRY_SECONDS if waiting and not active else SWEEP_SECONDS


async def _pause(over: asyncio.Event, seconds: float, *, waiting_since: float) -> None:
    """Wait for the next sweep: until somebody wakes the engine, ends it, or time is up."""
    for _ in range(round(seconds / LOOK_SECONDS)):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), LOOK_SECONDS)
        if over.is_set() or _last_wake() != waiting_since:
            return


def _owns_folder() -> bool:
    """Whether this is still the folder's engine: the folder may be gone, or another's."""
    return read_json(runs_root() / LOCK).get("pid") == os.getpid()


def _last_wake() -> float:
    try:
        return (runs_root() / WAKE).stat().st_mtime
    except OSError:
        return 0.0


def _count_own() -> int:
    """Count the runs that this engine's workers execute; the command line's are its own affair."""
    pids = [child.pid for child in psutil.Process().children(recursive=True)]
    own = {f"{socket.gethostname()}:{pid}" for pid in pids}
    return sum(run.status().is_active and holder_of(run.folder) in own for run in list_runs())


def _open_tasks(scheduler: Scheduler) -> int:
    """Count tasks that have not ended; one of them may be executing a run already."""
    ended = ("memory", "erred", "released")
    return sum(task.state not in ended for task in scheduler.tasks.values())


def _idle_seconds() -> float:
    return float(os.environ.get("BERTLAB_ENGINE_IDLE", IDLE_SECONDS))


def _identity(address: str = "") -> dict[str, Any]:
    return {**process_identity(os.getpid()), "address": address}


def _take_lock() -> bool:
    """Become the only engine of this folder; False if another one lives."""
    path = runs_root() / LOCK
    for _ in range(2):
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(json.dumps(_identity()))
            return True
        except FileExistsError:
            lock = read_json(path)
            if not lock:  # another engine is writing it at this moment
                time.sleep(0.5)
                lock = read_json(path)
            if lock and process_is_alive(lock):
                return False
            if not _clear(path, lock):
                return False
    return False


def _clear(path: Path, dead: dict[str, Any]) -> bool:
    """Move a dead engine's lock away; False where somebody else has just taken its place."""
    grave = path.with_name(f"{LOCK}.{os.getpid()}")
    try:
        path.rename(grave)
    except FileNotFoundError:
        return True
    if read_json(grave) != dead:
        grave.rename(path)
        return False
    grave.unlink()
    return True


if __name__ == "__main__":
    main()
