"""What a pre-training run needs to go on another day."""

from __future__ import annotations

import time
from pathlib import Path

from bertlab.errors import RunError
from bertlab.pretraining.loop import PretrainingState
from bertlab.training.checkpoints import load_state, random_state, save_state, set_random_state

FORMAT = 1  # what stands in the file, and where


def save_checkpoint(path: Path, training: PretrainingState, *, tag: str) -> float:
    """Store where a training stands, between two steps.

    Args:
        path: where to; an older checkpoint is replaced only by a whole new one.
        training: the training.
        tag: a fingerprint of the run's settings.

    Returns:
        The seconds it took.

    Raises:
        OSError: the disk is full; the older checkpoint is still there.
    """
    place = [training.step, training.examples, training.tokens, training.elapsed()]
    state = {
        "tag": tag,
        "format": FORMAT,
        "place": place,
        "learner": training.learner.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in training.optimizers],
        "random": random_state(),
    }
    return save_state(path, state)


def load_checkpoint(path: Path, training: PretrainingState, *, tag: str) -> bool:
    """Put a training where its checkpoint was.

    Args:
        path: where `save_checkpoint` stored it.
        training: freshly started with the same settings; it is changed.
        tag: the fingerprint of these settings.

    Returns:
        Whether there was a checkpoint.

    Raises:
        RunError: the checkpoint is damaged or of another configuration; it is left as it is,
            for hours of training may stand in it.
    """
    if not path.exists():
        return False
    state = load_state(path)
    if state is None:
        raise RunError(f"The checkpoint {path} is damaged. Delete it to begin anew.")
    if (state.get("tag"), state.get("format")) != (tag, FORMAT):
        raise RunError(
            f"The checkpoint {path} belongs to another configuration: other settings, other text "
            "or another version of BertLab. Restore them, or delete it to begin anew."
        )
    training.learner.load_state_dict(state["learner"])
    for optimizer, stored in zip(training.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(stored)
    training.step, training.examples, training.tokens, training.seconds = state["place"]
    training.started = time.monotonic()
    set_random_state(state["random"])
    return True
