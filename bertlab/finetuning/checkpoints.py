"""What a run needs to go on after its process was killed, and the best weights so far."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from bertlab.finetuning.optimization import FineTuningState
from bertlab.training.checkpoints import load_state, random_state, save_state, set_random_state

FORMAT = 5  # what stands in the file, and where


@dataclass(frozen=True)
class Best:
    """The weights that validation liked best so far.

    Args:
        quality: on the validation part, the `quality` of its scores; higher is better.
        step: after how many optimizer steps they were taken.
        weights: the trained part of the model at that time, on the CPU.
    """

    quality: float
    step: int
    weights: dict[str, Tensor]


def copy_weights(model: nn.Module) -> dict[str, Tensor]:
    """Copy a model's weights to the CPU, where further training leaves them alone."""
    return {name: weight.detach().cpu().clone() for name, weight in model.state_dict().items()}


def save_checkpoint(
    path: Path,
    training: FineTuningState,
    best: Best | None,
    qualities: Sequence[float] = (),
    *,
    tag: str,
) -> float:
    """Store where a training stands: the file is there whole or not at all.

    Args:
        path: where to; an older checkpoint is replaced.
        training: the training, between two steps.
        best: the best weights so far.
        qualities: on the validation part at the end of each epoch so far.
        tag: what run this belongs to; a checkpoint of other settings is not loaded.

    Returns:
        The seconds it took.

    Raises:
        OSError: the disk is full; the older checkpoint is still there.
    """
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
        "random": random_state(),
        "qualities": list(qualities),
        "best": None if best is None else [best.quality, best.step, dict(best.weights)],
    }
    return save_state(path, state)


def load_checkpoint(
    path: Path, training: FineTuningState, *, tag: str
) -> tuple[bool, Best | None, list[float]]:
    """Put a training where its checkpoint was.

    Args:
        path: where `save_checkpoint` stored it.
        training: freshly started with the same settings; it is changed.
        tag: what run this is.

    Returns:
        Whether there was a usable checkpoint, the best weights so far, and the validation
        quality at the end of each epoch so far.
    """
    state = load_state(path)
    if state is None or (state.get("tag"), state.get("format")) != (tag, FORMAT):
        return False, None, []  # missing, damaged, or of another version: the run begins anew
    training.model.load_state_dict(state["model"])
    training.optimizer.load_state_dict(state["optimizer"])
    training.schedule.load_state_dict(state["schedule"])
    training.step, training.examples, training.seconds, training.step_seconds = state["place"]
    training.started = time.monotonic()
    set_random_state(state["random"])
    best = None if state["best"] is None else Best(*state["best"])
    return True, best, list(state["qualities"])
