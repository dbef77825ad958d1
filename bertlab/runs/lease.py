"""Leases: a run is executed by one process at a time, whatever dies when.

A lease is a file `lease-N` that only one process can create. Who wants the run reads the
highest N. If that lease was given back, or its holder is dead, `lease-N+1` is created; of
several who try, the file system lets one succeed. A holder that finds a higher number than
its own has lost the run and writes no more. Lease files are never removed before the run is.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bertlab.runs.files import read_json, replace_text

# Without a sign of life for so long a holder on another machine counts as dead. On the
# same machine its process is looked up instead, so that a suspended laptop loses nothing.
DEAD_AFTER_SECONDS = 60.0
# A lease file is empty for the moment between its creation and its first writing.
WRITING_SECONDS = 5.0


@dataclass(frozen=True)
class Lease:
    """The right to execute a run, held by this process.

    Args:
        folder: the run's.
        number: which lease of this run it is, from 1.
    """

    folder: Path
    number: int

    @property
    def path(self) -> Path:
        """The file that stands for the lease."""
        return self.folder / f"lease-{self.number}"

    def is_lost(self) -> bool:
        """Whether somebody took over, or the run was deleted."""
        return _highest(self.folder) != self.number

    def beat(self) -> None:
        """Give a sign of life to other machines."""
        if not self.is_lost():
            os.utime(self.path)

    def release(self) -> None:
        """Give the run back."""
        if self.is_lost():
            return
        try:
            replace_text(self.path, json.dumps({**_identity(), "released": True}))
        except OSError:  # a full disk; an empty lease of long ago takes no space and is nobody's
            os.truncate(self.path, 0)
            os.utime(self.path, (0, 0))


def take_lease(folder: Path) -> Lease | None:
    """Take the right to execute a run, or return None where somebody alive holds it.

    Args:
        folder: the run's.

    Raises:
        OSError: the disk is full.
    """
    number = _highest(folder)
    if number and holder_of(folder):
        return None
    lease = Lease(folder, number + 1)
    try:
        file = lease.path.open("xb", buffering=0)
    except (FileExistsError, FileNotFoundError):  # somebody was quicker; the run was deleted
        return None
    try:
        with file:
            file.write(json.dumps(_identity()).encode())
    except OSError:
        lease.path.unlink()  # nobody ever held it
        raise
    return lease


def holder_of(folder: Path) -> str:
    """Tell who executes a run, as "host:process"; "" if nobody alive does."""
    number = _highest(folder)
    if not number:
        return ""
    path = folder / f"lease-{number}"
    identity = read_json(path)  # first: opening it makes a network file system look again
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return ""
    if not identity:
        return "somebody" if age < WRITING_SECONDS else ""
    if identity.get("released") or not _is_alive(identity, age):
        return ""
    return f"{identity['host']}:{identity['pid']}"


def process_identity(pid: int) -> dict[str, Any]:
    """Name a process of this machine so that it is found again, whatever becomes of the clock.

    process_identity(812) -> {"pid": 812, "started": 1204.31, "boot": "033ab716-8071-..."}

    Raises:
        psutil.Error: there is none of this number.
    """
    return {"pid": pid, "started": _started(psutil.Process(pid)), "boot": _boot()}


def process_is_alive(identity: Mapping[str, Any]) -> bool:
    """Whether a process still runs; its start tells it from a later one of the same number."""
    try:
        process = psutil.Process(int(identity.get("pid", 0)))
        return (
            identity.get("boot") == _boot()
            and abs(_started(process) - float(identity.get("started", 0.0))) < 2.0
            and process.status() != psutil.STATUS_ZOMBIE  # killed, and nobody looked yet
        )
    except psutil.Error:
        return False


def _started(process: psutil.Process) -> float:
    """Seconds at which a process began: since the machine did on Linux, elsewhere since 1970.

    Linux counts from the machine's start, and psutil adds when that was. When the clock is set,
    that changes too: every process would look like another one, and its run be executed twice.
    """
    return float(process.create_time() - (psutil.boot_time() if psutil.LINUX else 0.0))


def _boot() -> str:
    """The id of this start of the machine; "" where it has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _is_alive(identity: dict[str, Any], age: float) -> bool:
    if identity.get("host") == socket.gethostname():
        return process_is_alive(identity)
    return age < DEAD_AFTER_SECONDS


def _identity() -> dict[str, Any]:
    return {"host": socket.gethostname(), **process_identity(os.getpid())}


def _highest(folder: Path) -> int:
    numbers = [path.name.removeprefix("lease-") for path in folder.glob("lease-*")]
    return max((int(number) for number in numbers if number.isdigit()), default=0)
