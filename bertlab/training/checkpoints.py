"""Where a training stands, as a file that is whole or not there."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import torch

from bertlab.runs.files import move_over


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
