"""A Dask cluster as an administrator would start it by hand, for tests of BERTLAB_SCHEDULER."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

PATIENCE = 180.0  # a busy machine takes a minute to load torch
PRELOAD = ("--preload", "bertlab.engine.preload")


def wait_for(is_so, what):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not happen in {PATIENCE} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


class Cluster:
    """`dask scheduler` and `dask worker` as processes of their own, on loopback.

    Args:
        folder: for their files and their log.
        protocol: "tcp" or "tls".
        environment: of all of them, beside this process's own.
    """

    def __init__(self, folder: Path, *, protocol: str = "tcp", environment=None):
        self.folder = folder
        self.protocol = protocol
        self.environment = {**os.environ, **(environment or {})}
        self.port = free_port()
        self.address = f"{protocol}://127.0.0.1:{self.port}"
        self.log = (folder / "dask.log").open("ab")
        self.processes: list[subprocess.Popen] = []

    def start_scheduler(self) -> None:
        place = self.folder / "scheduler.json"
        place.unlink(missing_ok=True)
        self.scheduler = self._dask(
            "scheduler", "--protocol", self.protocol, "--host", "127.0.0.1",
            "--port", self.port, "--no-dashboard", "--scheduler-file", place,
        )  # fmt: skip
        wait_for(lambda: place.exists() and json.loads(place.read_text()), "the scheduler")

    def start_worker(self, *options: str) -> subprocess.Popen:
        """A worker; it looks at the queue as soon as it is up."""
        return self._dask(
            "worker", self.address, "--protocol", self.protocol, "--host", "127.0.0.1",
            "--nthreads", "1", "--memory-limit", "0", "--no-dashboard",
            "--local-directory", self.folder, *PRELOAD, *options,
        )  # fmt: skip

    def said(self) -> str:
        return (self.folder / "dask.log").read_text(errors="replace")

    def stop(self) -> None:
        """Kill all of it: an orderly end takes ten seconds, and nothing here needs one."""
        own = [psutil.Process(process.pid) for process in self.processes if process.poll() is None]
        family = own + [child for parent in own for child in parent.children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for process in self.processes:
            process.wait(PATIENCE)
        psutil.wait_procs(family, timeout=PATIENCE)
        self.log.close()

    def _dask(self, *arguments) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", *map(str, arguments)]
        process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, env=self.environment, cwd=self.folder
        )
        self.processes.append(process)
        return process
