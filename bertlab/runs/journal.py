"""The writing side of a run: what its executor tells the world, while it holds the lease."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from dataclasses import replace
from types import TracebackType
from typing import Any

from bertlab.errors import RunError
from bertlab.runs.events import Event
from bertlab.runs.lease import Lease, take_lease
from bertlab.runs.run import Run
from bertlab.runs.status import write_status

HEARTBEAT_SECONDS = 2.0
# Steps of a small model take a few milliseconds: their lines are gathered for so long and
# written together. All other events are written at once.
GATHER_SECONDS = 0.2


class Journal:
    """Write a run's events and status, and keep its heart beating from a thread of its own.

    with Journal(run) as journal: journal.phase("training"); journal.event(event)

    A context manager: entering takes the lease, leaving writes what is left and releases it.
    """

    def __init__(self, run: Run) -> None:
        """Prepare to write; nothing is touched before the journal is entered."""
        self.run = run
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._written = 0.0
        self._seconds, self._examples = 0.0, 0  # of the last event
        self._over = threading.Event()
        self._beat = threading.Thread(target=self._keep_beating, daemon=True)
        self._lease: Lease | None = None

    def __enter__(self) -> Journal:
        """Take the lease.

        Raises:
            RunError: somebody else executes the run.
        """
        self._lease = take_lease(self.run.folder)
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
        self._beat.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what is left and give the run back."""
        self._over.set()
        self._beat.join()
        try:
            self.update(holder="")
        finally:
            if self._lease is not None:
                self._lease.release()

    def event(self, event: Event, *, progress: float | None = None) -> None:
        """Append an event."""
        with self._lock:
            self._seconds, self._examples = event.seconds, event.examples
            self._lines.append(json.dumps(event.as_dict()))
            self._status = replace(
                self._status,
                step=event.step,
                progress=self._status.progress if progress is None else progress,
            )
            is_due = time.monotonic() - self._written >= GATHER_SECONDS
            if is_due or event.kind != "train":
                self._flush()

    def tell(self, kind: str, **values: Any) -> None:
        """Append an event that belongs to no step of its own."""
        self.event(Event(kind, self._status.step, self._seconds, self._examples, values))

    def update(self, **changes: Any) -> None:
        """Change the status, and write it and all gathered events now."""
        with self._lock:
            self._status = replace(self._status, **changes)
            self._flush()

    def _flush(self) -> None:
        if self._lease is None or self._lease.is_lost():
            raise RunError(f"Run {self.run.id} was taken over or deleted; this executor ends.")
        if self._lines:
            with (self.run.folder / "events.jsonl").open("a", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in self._lines))
            self._lines.clear()
        self._written = time.monotonic()
        write_status(self.run.folder / "status.json", self._status)

    def _end_torn_line(self) -> None:
        """Close the half line that a killed executor may have left, so that ours begin anew."""
        path = self.run.folder / "events.jsonl"
        if not path.exists() or not path.stat().st_size:
            return
        with path.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")

    def _keep_beating(self) -> None:
        beaten = time.monotonic()
        while not self._over.wait(GATHER_SECONDS):
            try:
                if time.monotonic() - beaten >= HEARTBEAT_SECONDS:
                    beaten = time.monotonic()
                    self._beat_once()
                elif self._lines:  # a long step, or validation, holds back what came before it
                    self.update()
            except (OSError, RunError):  # a full disk, or a lost lease: the main thread will say
                continue

    def _beat_once(self) -> None:
        if self._lease is not None:
            self._lease.beat()
        self.update(heartbeat=time.time())
