"""Start the engine, find it again, stop it; nothing here imports Dask or torch."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

import bertlab
from bertlab.runs import runs_root
from bertlab.runs.files import read_json
from bertlab.runs.lease import process_is_alive

# The engine's own files in the folder of all runs. The lock is created by the engine
# itself, exclusively, and names its process; the address is written when it is ready.
LOCK, ADDRESS, WAKE, LOG = ".engine.lock", ".engine.json", ".engine.wake", "engine.log"

# Start the engine from a process that ends at once: the engine then belongs to nobody,
# outlives whoever asked for it, and leaves no dead child behind in the web server.
_LAUNCH = """
import subprocess, sys
with open(sys.argv[1], "ab") as log:
    subprocess.Popen([sys.executable, "-m", "bertlab.engine.main"], start_new_session=True,
                     stdin=subprocess.DEVNULL, stdout=log, stderr=log)
"""


@dataclass(frozen=True)
class EngineStatus:
    """Whether runs are being executed.

    Args:
        state: "running", "starting", "stopped", or "remote" with BERTLAB_SCHEDULER.
        address: of the Dask scheduler; "" unless running or remote.
        pid: of the local engine; 0 for none.
    """

    state: str
    address: str = ""
    pid: int = 0


def engine_status() -> EngineStatus:
    """Look whether there is an engine; a few milliseconds, no connection is made."""
    remote = os.environ.get("BERTLAB_SCHEDULER", "")
    if remote:
        return EngineStatus("remote", remote)
    lock = read_json(runs_root() / LOCK)
    if not lock or not process_is_alive(int(lock["pid"]), float(lock["started"])):
        return EngineStatus("stopped")
    address = read_json(runs_root() / ADDRESS)
    if address.get("pid") != lock["pid"]:
        return EngineStatus("starting", pid=int(lock["pid"]))
    return EngineStatus("running", str(address["address"]), int(lock["pid"]))


def ensure_engine(*, wait_seconds: float = 0.0) -> EngineStatus:
    """Start the engine unless there is one.

    ensure_engine().state -> "starting", a few seconds later "running"

    Cheap enough to be called whenever a page looks at a run that is not over: an engine
    that died comes back and picks up what it left. Two engines cannot run side by side:
    the second finds the first one's lock and ends.

    Args:
        wait_seconds: how long to wait until it is ready; 0 returns at once.
    """
    status = engine_status()
    if status.state == "stopped":
        _launch()
        status = EngineStatus("starting")
    deadline = time.monotonic() + wait_seconds
    while status.state in ("starting", "stopped") and time.monotonic() < deadline:
        time.sleep(0.1)
        status = engine_status()
    return status


def stop_engine(*, wait_seconds: float = 3.0) -> None:
    """End the engine and its worker; a run in progress goes on when the engine is back."""
    pid = engine_status().pid
    if not pid:
        return
    with contextlib.suppress(psutil.Error):
        engine = psutil.Process(pid)
        family = [engine, *engine.children(recursive=True)]
        engine.terminate()
        _, left = psutil.wait_procs(family, timeout=wait_seconds)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=5)
    for name in (LOCK, ADDRESS):
        (runs_root() / name).unlink(missing_ok=True)


def _launch() -> None:
    root = runs_root()
    root.mkdir(parents=True, exist_ok=True)
    package = str(Path(bertlab.__file__).parents[1])
    path = os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH", "")]))
    subprocess.run(
        [sys.executable, "-c", _LAUNCH, str(root / LOG)],
        check=True,
        env={**os.environ, "PYTHONPATH": path, "BERTLAB_RUNS": str(root)},
        stdin=subprocess.DEVNULL,
    )
