"""The writing side of a run: what its executor tells the world, while it holds the lease."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from dataclasses import replace
from types import TracebackType
from typing import Any

import psutil

from bertlab.errors import RunError
from bertlab.runs.events import Event, TrainEvent
from bertlab.runs.files import append_from, remove_drafts
from bertlab.runs.lease import Lease, take_lease
from bertlab.runs.run import Run
from bertlab.runs.status import write_status

HEARTBEAT_SECONDS = 2.0
# So long the end of a run waits for a full disk, and so often it tries to be written.
INSIST_SECONDS, INSIST_PAUSE = 60.0, 0.5
# Steps of a small model take a few milliseconds: their lines are gathered for so long and
# written together. All other events are written at once.
GATHER_SECONDS = 0.2


class Journal:
    """Write a run's events and status, and keep its heart beating from a thread of its own.

    with Journal(run) as journal: journal.phase("training"); journal.event(event)

    A context manager: entering takes the lease, leaving writes what is left and releases it.

    A full disk stops no training: what cannot be written stays in memory, in order, and is tried
    again with the next event and the next heartbeat. Only leaving insists on it.
    """

    def __init__(self, run: Run) -> None:
        """Prepare to write; nothing is touched before the journal is entered."""
        self.run = run
        self._lock = threading.Lock()
        self._pending = bytearray()  # whole lines, of which the first may be half on disk
        self._written = 0.0
        self._seconds, self._examples = 0.0, 0  # of the last event
        self._over = threading.Event()
        self._beat = threading.Thread(target=self._keep_beating, daemon=True)
        self._lease: Lease | None = None

    def __enter__(self) -> Journal:
        """Take the lease.

        Raises:
            RunError: somebody else executes the run, or the disk is full.
        """
        try:
            self._lease = take_lease(self.run.folder)
        except OSError as error:
            raise RunError(_disk_message(self.run, "be begun", error)) from error
        if self._lease is None:
            raise RunError(f"Run {self.run.id} is already being executed, or was deleted.")
        status = self.run.status()
        now = time.time()
        self._status = replace(
            status,
            started=now,
            heartbeat=now,
            holder=f"{socket.gethostname()}:{os.getpid()}",
            attempts=status.attempts + 1,
        )
        self._end_torn_line()
        remove_drafts(self.run.folder)
        self._beat.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left and give the run back.

        Raises:
            RunError: the run was taken over, or the disk stayed full for `INSIST_SECONDS`: the
                run then counts as interrupted.
        """
        try:
            self._insist(holder="")
        except OSError as full:
            raise RunError(_disk_message(self.run, "tell how it ended", full)) from full
        finally:
            self._over.set()
            self._beat.join()
            if self._lease is not None:
                self._lease.release()

    def event(self, event: Event, *, progress: float | None = None) -> None:
        """Append an event."""
        with self._lock:
            self._seconds, self._examples = event.seconds, event.examples
            self._pending += f"{json.dumps(event.as_dict())}\n".encode()
            self._status = replace(
                self._status,
                step=event.step,
                progress=self._status.progress if progress is None else progress,
            )
            is_due = time.monotonic() - self._written >= GATHER_SECONDS
            if is_due or not isinstance(event, TrainEvent):
                self._try_to_flush()

    def tell(self, event: Event) -> None:
        """Append an event that belongs to no step of its own: it gets the last one's."""
        step, seconds, examples = self._status.step, self._seconds, self._examples
        self.event(replace(event, step=step, seconds=seconds, examples=examples))

    def update(self, **changes: Any) -> None:
        """Change the status, and write it and all gathered events now."""
        with self._lock:
            self._status = replace(self._status, **changes)
            self._try_to_flush()

    def _insist(self, **changes: Any) -> None:
        """Change the status, and see to it that it is written."""
        deadline = time.monotonic() + INSIST_SECONDS
        while True:
            try:
                with self._lock:
                    self._status = replace(self._status, **changes)
                    self._flush()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(INSIST_PAUSE)

    def _try_to_flush(self) -> None:
        """Write what waits; on a full disk it goes on waiting."""
        self._written = time.monotonic()
        with contextlib.suppress(OSError):
            self._flush()

    def _flush(self) -> None:
        if self._lease is None or self._lease.is_lost():
            raise RunError(f"Run {self.run.id} was taken over or deleted; this executor ends.")
        append_from(self._pending, self.run.folder / "events.jsonl")
        write_status(self.run.folder / "status.json", self._status)

    def _end_torn_line(self) -> None:
        """Close the half line that a killed executor may have left, so that ours begin anew."""
        path = self.run.folder / "events.jsonl"
        if not path.exists() or not path.stat().st_size:
            return
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                self._pending += b"\n"

    def _keep_beating(self) -> None:
        beaten = time.monotonic()
        while not self._over.wait(GATHER_SECONDS):
            try:
                if time.monotonic() - beaten >= HEARTBEAT_SECONDS:
                    beaten = time.monotonic()
                    self._beat_once()
                elif self._pending:  # a long step, or validation, holds back what came before it
                    self.update()
            except (OSError, RunError):  # a lost lease: the main thread will say
                continue

    def _beat_once(self) -> None:
        if self._lease is not None:
            self._lease.beat()
        self.update(heartbeat=time.time(), memory=psutil.Process().memory_info().rss)


def _disk_message(run: Run, what: str, error: OSError) -> str:
    return (
        f"Run {run.id} cannot {what}: {run.folder} cannot be written "
        f"({error.strerror or error}). Free some space on the disk; the run is not lost."
    )
