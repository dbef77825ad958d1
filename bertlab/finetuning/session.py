"""The second phase of a run: take the loop's events, keep what must not be lost."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bertlab.errors import RunError
from bertlab.finetuning.checkpoints import Keeper
from bertlab.finetuning.loop import Training, evaluate, scores_told, start_training, train
from bertlab.finetuning.monitoring import is_pinned_due, predict_pinned, tell_norms, tell_plan
from bertlab.finetuning.pause_points import is_complete, plan_of
from bertlab.finetuning.setup import Prepared
from bertlab.runs import Journal, Run
from bertlab.runs.events import Event
from bertlab.runs.limits import limits
from bertlab.training.early_stopping import is_over
from bertlab.training.lifecycle import Paused, Stopped

STOPPED, ENDED = "stopped", "ended"  # by somebody; by itself, before its last step


@dataclass(frozen=True)
class Outcome:
    """How the training ended.

    Args:
        training: as the last step left it; its model carries the chosen weights.
        chosen_step: after which step the kept weights were taken.
        is_chosen: whether validation chose them; else they are simply the last step's.
        steps: that the whole run has.
        steps_per_epoch: that one pass over the data has.
        was_stopped: whether somebody ended it early.
        ended_early: whether early stopping, or the time limit, ended it.
    """

    training: Training
    chosen_step: int
    is_chosen: bool
    steps: int
    steps_per_epoch: int
    was_stopped: bool
    ended_early: bool

    @property
    def chosen_epoch(self) -> int | None:
        """The epoch at whose end they were taken, counted from 0; None for in between."""
        epochs, rest = divmod(self.chosen_step, self.steps_per_epoch)
        return None if rest else epochs - 1


def learn(run: Run, journal: Journal, prepared: Prepared) -> Outcome:
    """Train until the end or until somebody asks for a stop.

    Args:
        run: looked at for a stop request after every step.
        journal: takes the events.
        prepared: model, settings and data; the model is changed.

    Raises:
        RunError: the loss is no number any more.
        Paused: somebody asked for it; the checkpoint is written.
    """
    settings = prepared.settings
    steps_per_epoch = math.ceil(len(prepared.train.lengths) / settings.batch_size)
    steps = settings.epochs * steps_per_epoch
    rate = settings.learning_rate or 0.0
    training = start_training(
        prepared.trained,
        learning_rate=rate,
        steps=steps,
        layers=prepared.layers,
        layer_decay=settings.layer_decay,
        warm_up=settings.warm_up,
    )
    time_limit = 60 * limits().minutes or math.inf
    keeper = Keeper(run, journal, training, time_limit)
    keeper.resume()
    place = {"device": str(prepared.device), "precision": prepared.precision}
    journal.event(training.event("phase", phase="training", **place))
    journal.update(phase="training", message="", steps=steps)
    tell_plan(journal, training, prepared)
    predict_pinned(journal, training, prepared)
    was_stopped = _take_events(run, journal, prepared, keeper, steps)
    if training.step == 0:
        raise Stopped
    if was_stopped:
        _end_early(journal, prepared, keeper, is_epoch_end=training.step % steps_per_epoch == 0)
    best = keeper.best
    if best is not None:
        training.model.load_state_dict(best.weights)
    return Outcome(
        training,
        chosen_step=training.step if best is None else best.step,
        is_chosen=best is not None,
        steps=steps,
        steps_per_epoch=steps_per_epoch,
        was_stopped=was_stopped,
        ended_early=training.step < steps and not was_stopped,
    )


def _take_events(
    run: Run, journal: Journal, prepared: Prepared, keeper: Keeper, steps: int
) -> bool:
    """Write down what the loop tells; return whether a stop ended it."""
    training = keeper.training
    if run.is_stop_requested():
        return True
    if run.is_pause_requested():
        raise Paused  # as the last checkpoint left it, or before the first step
    began = time.monotonic()
    try:
        for event in _loop(journal, prepared, training, steps):
            if event.kind == "train":  # what came between two events was this step
                training.step_seconds += time.monotonic() - began
            journal.event(event, progress=training.step / steps)
            ending = _after(event, run, journal, prepared, keeper, steps)
            if ending:
                return ending == STOPPED
            began = time.monotonic()
    except KeyboardInterrupt:  # Ctrl-C on the command line: end as by Stop
        return True
    return False


def _loop(journal: Journal, prepared: Prepared, training: Training, steps: int) -> Iterator[Event]:
    """The training loop with this run's settings."""
    settings = prepared.settings
    return train(
        training,
        prepared.train,
        prepared.validation,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
        device=prepared.device,
        use_bf16=prepared.encoder_uses_bf16,
        clip=settings.clip,
        task=prepared.task,
        on_epoch=prepared.let_learn,
        on_gradients=lambda step: tell_norms(journal, training, prepared, step=step, steps=steps),
    )


def _after(
    event: Event, run: Run, journal: Journal, prepared: Prepared, keeper: Keeper, steps: int
) -> str:
    """Do what is due after an event; return what ends the training now, or ""."""
    training = keeper.training
    is_last = training.step == steps
    if event.kind == "train":
        _check_loss(event)
        if is_pinned_due(training.step, steps):
            predict_pinned(journal, training, prepared)
        # A stop in the very last step comes too late: its validation is still due.
        if not is_last and run.is_stop_requested():
            return STOPPED
        if not is_last and training.elapsed() > keeper.time_limit:
            _end_in_time(journal, prepared, keeper)
            return ENDED
    keeper.see(event)
    if event.values.get("epoch_end") and _has_lost_patience(journal, keeper, prepared):
        return ENDED
    if not is_last and is_complete(event, plan_of(prepared)) and run.is_pause_requested():
        keeper.pause()
    return ""


def _end_in_time(journal: Journal, prepared: Prepared, keeper: Keeper) -> None:
    """Say that the time is over which a run may take here, and keep what it has learned."""
    minutes = limits().minutes
    text = f"It ends after {minutes:g} minutes, as much as a run may take here; the model is kept."
    journal.event(keeper.training.event("message", text=text))
    _end_early(journal, prepared, keeper, is_epoch_end=False)


def _has_lost_patience(journal: Journal, keeper: Keeper, prepared: Prepared) -> bool:
    """Early stopping: whether enough epochs have brought nothing; said where any are left."""
    settings = prepared.settings
    training, epochs = keeper.training, len(keeper.qualities)
    if epochs == settings.epochs or not is_over(keeper.qualities, settings.patience):
        return False
    waited = "1 epoch" if settings.patience == 1 else f"{settings.patience} epochs"
    text = (
        f"Early stopping after {epochs} of {settings.epochs} epochs: {prepared.task.goal} has not "
        f"become better for {waited}."
    )
    journal.event(training.event("message", text=text))
    return True


def _end_early(journal: Journal, prepared: Prepared, keeper: Keeper, *, is_epoch_end: bool) -> None:
    """Leave a checkpoint for who wants to go on, and ask validation about the last step.

    Where the stop fell on an epoch's end, going on must find that epoch among the candidates,
    as an unbroken run would; weights from within an epoch are no candidates for it.
    """
    if not is_epoch_end:
        keeper.save()
    if prepared.validation is not None and (is_epoch_end or keeper.best is not None):
        training = keeper.training
        scores = evaluate(
            training.model,
            prepared.validation,
            device=prepared.device,
            use_bf16=prepared.encoder_uses_bf16,
            task=prepared.task,
        ).scores()
        journal.event(training.event("validation", **scores_told(scores), epoch_end=is_epoch_end))
        if is_epoch_end:
            keeper.end_epoch(scores.quality)
        else:
            keeper.consider(scores.quality)
    if is_epoch_end:
        keeper.save()


def _check_loss(event: Event) -> None:
    if not math.isfinite(event.values["loss"]):
        raise RunError(
            f"At step {event.step} the loss was no number any more: the steps were too large. "
            "Choose a learning rate ten times smaller and start again."
        )
