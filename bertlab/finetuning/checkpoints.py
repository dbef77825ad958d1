"""What a run needs to go on after its process was killed."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from bertlab.finetuning.loop import Training
from bertlab.runs.files import move_over

FORMAT = 2  # what stands in the file, and where


@dataclass(frozen=True)
class Best:
    """The weights that validation liked best so far.

    Args:
        accuracy: on the validation part, 0 to 1.
        step: after how many optimizer steps they were taken.
        weights: the trained part of the model at that time, on the CPU.
    """

    accuracy: float
    step: int
    weights: dict[str, Tensor]


def copy_weights(model: nn.Module) -> dict[str, Tensor]:
    """Copy a model's weights to the CPU, where further training leaves them alone."""
    return {name: weight.detach().cpu().clone() for name, weight in model.state_dict().items()}


def save_checkpoint(path: Path, training: Training, best: Best | None, *, tag: str) -> float:
    """Store where a training stands: the file is there whole or not at all.

    Args:
        path: where to; an older checkpoint is replaced.
        training: the training, between two steps.
        best: the best weights so far.
        tag: what run this belongs to; a checkpoint of other settings is not loaded.

    Returns:
        The seconds it took.

    Raises:
        OSError: the disk is full; the older checkpoint is still there.
    """
    began = time.monotonic()
    state = {
        "tag": tag,
        "format": FORMAT,
        "place": [
            training.step,
            training.examples,
            training.elapsed(),
            training.step_seconds,
        ],
        "model": training.model.state_dict(),
        "optimizer": training.optimizer.state_dict(),
        "schedule": training.schedule.state_dict(),
        "random": _random_state(),
        "best": None if best is None else [best.accuracy, best.step, dict(best.weights)],
    }
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


def load_checkpoint(path: Path, training: Training, *, tag: str) -> tuple[bool, Best | None]:
    """Put a training where its checkpoint was.

    Args:
        path: where `save_checkpoint` stored it.
        training: freshly started with the same settings; it is changed.
        tag: what run this is.

    Returns:
        Whether there was a usable checkpoint, and the best weights so far.
    """
    try:
        state: Mapping[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        if (state["tag"], state["format"]) != (tag, FORMAT):
            return False, None
    except Exception:  # missing, damaged, or of another version: the run begins anew
        return False, None
    training.model.load_state_dict(state["model"])
    training.optimizer.load_state_dict(state["optimizer"])
    training.schedule.load_state_dict(state["schedule"])
    training.step, training.examples, training.seconds, training.step_seconds = state["place"]
    training.started = time.monotonic()
    torch.set_rng_state(state["random"]["cpu"])
    if "cuda" in state["random"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["random"]["cuda"])
    return True, None if state["best"] is None else Best(*state["best"])


def _random_state() -> dict[str, Any]:
    states: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state_all()
    return states
