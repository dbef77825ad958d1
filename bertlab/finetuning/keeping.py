"""What must not be lost of a training: the weights that validation liked best, a checkpoint."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from bertlab.executing import Paused
from bertlab.finetuning.checkpoints import Best, copy_weights, load_checkpoint, save_checkpoint
from bertlab.finetuning.loop import Training
from bertlab.runs import Journal, Run
from bertlab.runs.events import Event

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
