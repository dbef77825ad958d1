"""What must not be lost of a training: a checkpoint to go on from, and the best weights so far."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor, nn

from bertlab.finetuning.loop import Training
from bertlab.runs import Journal, Run
from bertlab.runs.events import Event
from bertlab.training.checkpoints import load_state, random_state, save_state, set_random_state
from bertlab.training.lifecycle import Paused

CHECKPOINT_SECONDS = 30.0  # in mid-epoch; the end of an epoch is a cheap moment, see _is_due
EPOCH_CHECKPOINT_SECONDS = 2.0


@dataclass
class Keeper:
    """Keep the best weights and the checkpoint."""

    run: Run
    journal: Journal
    training: Training
    time_limit: float  # seconds of training that a run may take here
    best: Best | None = None
    qualities: list[float] = field(default_factory=list)  # at the end of each epoch
    saved: float = field(default_factory=time.monotonic)
    cost: float = 0.0

    def resume(self) -> None:
        """Go on from the checkpoint where there is one, else say that the run begins anew."""
        path = self.run.folder / "checkpoint.pt"
        found, self.best, self.qualities = load_checkpoint(path, self.training, tag=self.run.id)
        if found:
            text = f"The run goes on from its checkpoint at step {self.training.step}."
        elif self.run.was_begun():
            text = "There is no checkpoint of the interrupted run; it begins anew with its seed."
        else:
            return
        self.journal.event(self.training.event("resumed", text=text))

    def see(self, event: Event) -> None:
        """Look at an event of the loop and store what it makes worth storing."""
        is_end = bool(event.values.get("epoch_end"))
        if is_end:
            self.end_epoch(float(event.values["quality"]))
        if self._is_due(is_end):
            self.save()

    def end_epoch(self, quality: float) -> None:
        """Take down how validation liked the weights at the end of an epoch."""
        self.qualities.append(quality)
        self.consider(quality)

    def consider(self, quality: float) -> None:
        """Keep these weights if validation likes them at least as well as the best so far.

        Of equals the later one has seen more.
        """
        if self.best is None or quality >= self.best.quality:
            self.best = Best(quality, self.training.step, copy_weights(self.training.model))

    def save(self) -> bool:
        """Write a checkpoint; a full disk costs the checkpoint, not the run.

        Returns:
            Whether it was written.
        """
        is_written = False
        try:
            path = self.run.folder / "checkpoint.pt"
            self.cost = save_checkpoint(
                path, self.training, self.best, self.qualities, tag=self.run.id
            )
            # What was reached cannot be lost again: earlier crashes no longer count.
            self.journal.update(attempts=0)
            is_written = True
        except OSError as error:
            text = f"No checkpoint could be written ({error}); the training goes on without."
            self.journal.event(self.training.event("message", text=text))
        self.saved = time.monotonic()
        return is_written

    def pause(self) -> None:
        """Leave by way of a checkpoint; where none can be written, the training goes on.

        Raises:
            Paused: the checkpoint is there.
        """
        if self.save():
            raise Paused
        self.run.forget_pause()
        text = "It was not paused: without a checkpoint its steps would be lost. Free some space."
        self.journal.event(self.training.event("message", text=text))

    def _is_due(self, is_epoch_end: bool) -> bool:
        """Checkpoints of large models take seconds: never spend over 5 % of the time on them."""
        wait = EPOCH_CHECKPOINT_SECONDS if is_epoch_end else CHECKPOINT_SECONDS
        return time.monotonic() - self.saved >= max(wait, 20 * self.cost)


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
    training: Training,
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
    path: Path, training: Training, *, tag: str
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
