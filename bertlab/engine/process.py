"""Start the engine, find it again, stop it; nothing here imports Dask or torch."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass

import psutil

from bertlab.engine.launch import (
    LOG,
    PAUSES,
    Launch,
    forget_launches,
    launch_if_due,
    newest_launch,
)
from bertlab.engine.remote import remote_scheduler, why_refused
from bertlab.runs import runs_root
from bertlab.runs.files import read_json
from bertlab.runs.lease import process_is_alive

# The engine's own files in the folder of all runs. The lock is created by the engine
# itself, exclusively, and names its process; the address is written when it is ready.
LOCK, ADDRESS, WAKE = ".engine.lock", ".engine.json", ".engine.wake"
MOST_FAILURES = 3  # so many launches in a row are given the benefit of the doubt


@dataclass(frozen=True)
class EngineStatus:
    """Whether runs are being executed.

    Args:
        state: "running", "starting", "stopped", "failed" (it cannot be started), or "remote"
            with BERTLAB_SCHEDULER.
        address: of the Dask scheduler; "" unless running or remote.
        pid: of the local engine; 0 for none, or where it has only just been started.
        message: why it cannot be started, or why a remote one is not asked; else "".
    """

    state: str
    address: str = ""
    pid: int = 0
    message: str = ""


def engine_status() -> EngineStatus:
    """Look whether there is an engine; a few milliseconds, no connection is made."""
    remote = remote_scheduler()
    if remote:
        return EngineStatus("remote", remote, message=why_refused(remote))
    lock = read_json(runs_root() / LOCK)
    if not lock or not process_is_alive(lock):
        return _without_engine(newest_launch())
    address = read_json(runs_root() / ADDRESS)
    if address.get("pid") != lock["pid"]:
        return EngineStatus("starting", pid=int(lock["pid"]))
    return EngineStatus("running", str(address["address"]), int(lock["pid"]))


def _without_engine(launch: Launch) -> EngineStatus:
    """Tell what is to be said while nobody holds the lock."""
    if launch.failures >= MOST_FAILURES:
        said = launch.log_tail() or "nothing."
        message = (
            f"The training engine could not be started, {launch.failures} times in a row. It is "
            f"tried again every {PAUSES[-1]:.0f} seconds. What it said last, in "
            f"{runs_root() / LOG}: {said}"
        )
        return EngineStatus("failed", pid=launch.pid, message=message)
    if launch.number and not launch.is_next_due:
        return EngineStatus("starting", pid=launch.pid)
    return EngineStatus("stopped")


def ensure_engine(*, wait_seconds: float = 0.0) -> EngineStatus:
    """Start the engine unless there is one.

    ensure_engine().state -> "starting", a few seconds later "running"

    Cheap enough to be called whenever a page looks at a run that is not over: an engine
    that died comes back and picks up what it left. However many ask at once, one process is
    started (see `launch`); and two engines cannot run side by side in any case: the second
    finds the first one's lock and ends.

    Args:
        wait_seconds: how long to wait until it is ready; 0 returns at once.
    """
    deadline = time.monotonic() + wait_seconds
    status = _ensure()
    while status.state in ("starting", "stopped") and time.monotonic() < deadline:
        time.sleep(0.1)
        status = _ensure()
    return status


def _ensure() -> EngineStatus:
    status = engine_status()
    if status.state in ("stopped", "failed") and launch_if_due():
        status = engine_status()
    return status


def try_again() -> None:
    """Give an engine that could not be started a new chance at once: somebody asks for it."""
    if engine_status().state == "failed" and not newest_launch().is_under_way:
        forget_launches()


def stop_engine(*, wait_seconds: float = 3.0) -> None:
    """End the engine and its worker; a run in progress goes on when the engine is back."""
    pid = engine_status().pid
    if pid:
        _end(pid, wait_seconds)
    forget_launches()
    for name in (LOCK, ADDRESS):
        (runs_root() / name).unlink(missing_ok=True)


def _end(pid: int, wait_seconds: float) -> None:
    with contextlib.suppress(psutil.Error):
        engine = psutil.Process(pid)
        family = [engine, *engine.children(recursive=True)]
        engine.terminate()
        _, left = psutil.wait_procs(family, timeout=wait_seconds)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=5)
