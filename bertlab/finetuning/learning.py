"""The second phase of a run: take the loop's events, keep what must not be lost."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from bertlab.errors import RunError
from bertlab.finetuning.checkpoints import Best, copy_weights, load_checkpoint, save_checkpoint
from bertlab.runs.events import Event
from bertlab.finetuning.loop import Training, evaluate, start_training, train
from bertlab.finetuning.prediction import probabilities
from bertlab.finetuning.preparing import Prepared, Stopped
from bertlab.runs import Journal, Run

PINNED_POINTS = 15  # how often the pinned sentences are predicted in a run
CHECKPOINT_SECONDS = 30.0  # in mid-epoch; the end of an epoch is a cheap moment, see _is_due
EPOCH_CHECKPOINT_SECONDS = 2.0

__all__ = ["Outcome", "Stopped", "learn"]


@dataclass(frozen=True)
class Outcome:
    """How the training ended.

    Args:
        training: as the last step left it; its model carries the chosen weights.
        chosen_epoch: whose weights were kept, counted from 0; None: the last step's.
        steps: that the whole run has.
        was_stopped: whether somebody ended it early.
    """

    training: Training
    chosen_epoch: int | None
    steps: int
    was_stopped: bool


@dataclass
class _Keeper:
    """Keep the best epoch and the checkpoint."""

    run: Run
    journal: Journal
    training: Training
    best: Best | None = None
    saved: float = field(default_factory=time.monotonic)
    cost: float = 0.0

    def see(self, event: Event) -> None:
        """Look at an event of the loop and store what it makes worth storing."""
        is_end = bool(event.values.get("epoch_end"))
        if is_end:
            self.consider(float(event.values["accuracy"]), int(event.values["epoch"]))
        if self._is_due(is_end):
            self.save()

    def consider(self, accuracy: float, epoch: int) -> None:
        """Keep these weights if validation likes them at least as well as the best so far.

        Accuracy rather than loss: with few texts a model's loss rises while it still gets
        better at answering, as it grows too sure of its mistakes. Of equals the later one
        has seen more.
        """
        if self.best is None or accuracy >= self.best.accuracy:
            self.best = Best(accuracy, epoch, copy_weights(self.training.model))

    def save(self) -> None:
        """Write a checkpoint; a full disk costs the checkpoint, not the run."""
        try:
            path = self.run.folder / "checkpoint.pt"
            self.cost = save_checkpoint(path, self.training, self.best, tag=self.run.id)
            # What was reached cannot be lost again: earlier crashes no longer count.
            self.journal.update(attempts=0)
        except OSError as error:
            text = f"No checkpoint could be written ({error}); the training goes on without."
            self.journal.event(self.training.event("message", text=text))
        self.saved = time.monotonic()

    def _is_due(self, is_epoch_end: bool) -> bool:
        """Checkpoints of large models take seconds: never spend over 5 % of the time on them."""
        wait = EPOCH_CHECKPOINT_SECONDS if is_epoch_end else CHECKPOINT_SECONDS
        return time.monotonic() - self.saved >= max(wait, 20 * self.cost)


def learn(run: Run, journal: Journal, prepared: Prepared) -> Outcome:
    """Train until the end or until somebody asks for a stop.

    Args:
        run: looked at for a stop request after every step.
        journal: takes the events.
        prepared: model, settings and data; the model is changed.

    Raises:
        RunError: the loss is no number any more.
    """
    settings = prepared.settings
    steps = settings.epochs * math.ceil(len(prepared.train.lengths) / settings.batch_size)
    rate = settings.learning_rate or 0.0
    training = start_training(prepared.trained, learning_rate=rate, steps=steps)
    keeper = _Keeper(run, journal, training)
    _resume(run, journal, keeper)
    journal.event(training.event("phase", phase="training"))
    journal.update(phase="training", message="", steps=steps)
    _predict_pinned(journal, training, prepared)
    was_stopped = _take_events(run, journal, prepared, keeper, steps)
    chosen = _choose(journal, prepared, keeper, was_stopped)
    return Outcome(training, chosen, steps, was_stopped)


def _take_events(
    run: Run, journal: Journal, prepared: Prepared, keeper: _Keeper, steps: int
) -> bool:
    """Write down what the loop tells; return whether a stop ended it."""
    settings, training = prepared.settings, keeper.training
    pinned_every = max(1, steps // PINNED_POINTS)
    events = train(
        training,
        prepared.train,
        prepared.validation,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
        device=prepared.device,
        use_bf16=prepared.use_bf16 and not prepared.is_frozen,  # a head alone gains nothing
    )
    if run.is_stop_requested():
        return True
    try:
        for event in events:
            journal.event(event, progress=training.step / steps)
            if event.kind == "train":
                _check_loss(event)
                if training.step % pinned_every == 0 or training.step == steps:
                    _predict_pinned(journal, training, prepared)
                if run.is_stop_requested():
                    return training.step < steps
            keeper.see(event)
    except KeyboardInterrupt:  # Ctrl-C on the command line: end as by Stop
        return True
    return False


def _choose(journal: Journal, prepared: Prepared, keeper: _Keeper, was_stopped: bool) -> int | None:
    """Give the model the weights that validation chose."""
    training = keeper.training
    if training.step == 0:
        raise Stopped
    if was_stopped:
        keeper.save()  # for who wants to go on later
        if prepared.validation is not None and keeper.best is not None:
            answers = evaluate(training.model, prepared.validation, device=prepared.device)
            scores = answers.scores()
            journal.event(training.event("validation", **vars(scores), epoch_end=False))
            keeper.consider(scores.accuracy, training.step // _steps_per_epoch(prepared))
    if keeper.best is None:
        return None
    training.model.load_state_dict(keeper.best.weights)
    return keeper.best.epoch


def _resume(run: Run, journal: Journal, keeper: _Keeper) -> None:
    """Go on from the checkpoint where there is one, else say that the run begins anew."""
    path = run.folder / "checkpoint.pt"
    found, keeper.best = load_checkpoint(path, keeper.training, tag=run.id)
    step = keeper.training.step
    was_begun = any(event.get("kind") == "train" for event in run.events()[0])
    if found:
        text = f"The run goes on from its checkpoint at step {step}."
    elif was_begun:
        text = "There is no checkpoint of the interrupted run; it begins anew with the same seed."
    else:
        return
    journal.event(keeper.training.event("resumed", text=text))


def _predict_pinned(journal: Journal, training: Training, prepared: Prepared) -> None:
    """Ask the model as it is now about the pinned sentences."""
    if prepared.pinned is None:
        return
    answers = probabilities(training.model, prepared.pinned, prepared.names, device=prepared.device)
    predictions = [
        {"text": text, "probabilities": answer}
        for text, answer in zip(prepared.settings.pinned, answers, strict=True)
    ]
    journal.event(training.event("pinned", predictions=predictions))


def _check_loss(event: Event) -> None:
    if not math.isfinite(event.values["loss"]):
        raise RunError(
            f"At step {event.step} the loss was no number any more: the steps were too large. "
            "Choose a learning rate ten times smaller and start again."
        )


def _steps_per_epoch(prepared: Prepared) -> int:
    return math.ceil(len(prepared.train.lengths) / prepared.settings.batch_size)
