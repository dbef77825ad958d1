"""Checkpoints: where a training stands, as a file that is whole or not there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from bertlab.runs import Journal, Run
from bertlab.runs.events import MessageEvent
from bertlab.runs.files import move_over
from bertlab.training.lifecycle import CHECKPOINT, Paused
from bertlab.training.state import TrainingState

MOST_TIME = 0.05  # share of a training that may be spent on checkpoints, which take seconds


class CheckpointManager:
    """Write a run's checkpoint when it is due; a full disk costs the checkpoint, not the run."""

    def __init__(
        self,
        run: Run,
        journal: Journal,
        state: TrainingState,
        write: Callable[[Path], float | None],
    ) -> None:
        """Write nothing yet.

        Args:
            run: in whose folder the checkpoint lies.
            journal: told where it could not be written.
            state: how far the training has come.
            write: stores it in a file, whole or not at all, and returns the seconds it took; None
                where there is nothing worth storing, and the last checkpoint stays.
        """
        self.path = run.folder / CHECKPOINT
        self._run, self._journal, self._state, self._write = run, journal, state, write
        self._saved, self._cost = time.monotonic(), 0.0

    def save(self) -> bool:
        """Write a checkpoint; return whether it was written."""
        is_written = False
        try:
            cost = self._write(self.path)
            if cost is not None:
                self._cost, is_written = cost, True
                # What was reached cannot be lost again: earlier crashes no longer count.
                self._journal.update(attempts=0)
        except OSError as error:
            self._say(f"No checkpoint could be written ({error}); the training goes on without.")
        self._saved = time.monotonic()
        return is_written

    def save_if_due(self, wait: float) -> None:
        """Write a checkpoint if the last one is `wait` seconds old, more where it takes long."""
        if time.monotonic() - self._saved >= max(wait, self._cost / MOST_TIME):
            self.save()

    def pause(self) -> None:
        """Leave by way of a checkpoint; where none can be written, the training goes on.

        Raises:
            Paused: the checkpoint is there.
        """
        if self.save():
            raise Paused
        self._run.forget_pause()
        self._say(
            "It was not paused: without a checkpoint its steps would be lost. Free some space."
        )

    def _say(self, text: str) -> None:
        self._journal.event(self._state.stamp(MessageEvent(text)))


def save_state(path: Path, state: dict[str, Any]) -> float:
    """Store a state of tensors, numbers and lists; an older file is replaced.

    Args:
        path: where to.
        state: what `torch.load(..., weights_only=True)` reads again.

    Returns:
        The seconds it took.

    Raises:
        OSError: the disk is full; the older file is still there.
    """
    began = time.monotonic()
    draft = path.with_suffix(".draft")
    try:
        with draft.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        move_over(draft, path)
    except RuntimeError as error:  # torch reports a full disk so
        raise OSError(str(error)) from error
    finally:
        draft.unlink(missing_ok=True)
    return time.monotonic() - began


def load_state(path: Path) -> dict[str, Any] | None:
    """Read a state onto the CPU; None where the file is missing or damaged."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # missing, torn, or no such file at all
        return None
    return state if isinstance(state, dict) else None


def random_state() -> dict[str, Any]:
    """Read torch's random state, of the CPU and of every GPU."""
    states: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states


def set_random_state(states: dict[str, Any]) -> None:
    """Put torch's random state back."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(states["cuda"])
