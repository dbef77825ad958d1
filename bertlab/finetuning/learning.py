"""The second phase of a run: take the loop's events, keep what must not be lost."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

from bertlab.errors import RunError
from bertlab.executing import Paused, Stopped
from bertlab.finetuning.checkpoints import Best, copy_weights, load_checkpoint, save_checkpoint
from bertlab.finetuning.depths import has_own_layers
from bertlab.finetuning.loop import Training, evaluate, scores_told, start_training, train
from bertlab.finetuning.norms import POINTS, measure_norms
from bertlab.finetuning.patience import is_over
from bertlab.finetuning.pausing import is_complete, plan_of
from bertlab.finetuning.prediction import probabilities
from bertlab.finetuning.preparing import Prepared
from bertlab.runs import Journal, Run
from bertlab.runs.events import Event
from bertlab.runs.limits import limits

PINNED_POINTS = 15  # how often the pinned sentences are predicted in a run
CHECKPOINT_SECONDS = 30.0  # in mid-epoch; the end of an epoch is a cheap moment, see _is_due
EPOCH_CHECKPOINT_SECONDS = 2.0


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


@dataclass
class _Keeper:
    """Keep the best weights and the checkpoint."""

    run: Run
    journal: Journal
    training: Training
    best: Best | None = None
    qualities: list[float] = field(default_factory=list)  # at the end of each epoch
    saved: float = field(default_factory=time.monotonic)
    cost: float = 0.0

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
    keeper = _Keeper(run, journal, training)
    _resume(run, journal, keeper)
    place = {"device": str(prepared.device), "precision": prepared.precision}
    journal.event(training.event("phase", phase="training", **place))
    journal.update(phase="training", message="", steps=steps)
    _tell_plan(journal, training, prepared)
    _predict_pinned(journal, training, prepared)
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
    run: Run, journal: Journal, prepared: Prepared, keeper: _Keeper, steps: int
) -> bool:
    """Write down what the loop tells; return whether a stop ended it."""
    settings, training = prepared.settings, keeper.training
    pinned_every = max(1, steps // PINNED_POINTS)
    norms_every = max(1, steps // POINTS)
    plan = plan_of(prepared)
    time_limit = 60 * limits().minutes or math.inf

    def tell_norms(step: int) -> None:
        is_due = step == 1 or step % norms_every == 0
        if is_due and has_own_layers(prepared.model.config):
            norms = measure_norms(prepared.model, prepared.layers)
            journal.event(replace(training.event("layers", **vars(norms)), step=step))

    events = train(
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
        on_gradients=tell_norms,
    )
    if run.is_stop_requested():
        return True
    if run.is_pause_requested():
        raise Paused  # as the last checkpoint left it, or before the first step
    began = time.monotonic()
    try:
        for event in events:
            if event.kind == "train":  # what came between two events was this step
                training.step_seconds += time.monotonic() - began
            journal.event(event, progress=training.step / steps)
            if event.kind == "train":
                _check_loss(event)
                if training.step % pinned_every == 0 or training.step == steps:
                    _predict_pinned(journal, training, prepared)
                # A stop in the very last step comes too late: its validation is still due.
                if training.step < steps and run.is_stop_requested():
                    return True
                if training.step < steps and training.elapsed() > time_limit:
                    _end_in_time(journal, prepared, keeper)
                    return False
            keeper.see(event)
            if event.values.get("epoch_end") and _has_lost_patience(journal, keeper, prepared):
                return False
            if training.step < steps and is_complete(event, plan) and run.is_pause_requested():
                keeper.pause()
            began = time.monotonic()
    except KeyboardInterrupt:  # Ctrl-C on the command line: end as by Stop
        return True
    return False


def _end_in_time(journal: Journal, prepared: Prepared, keeper: _Keeper) -> None:
    """Say that the time is over which a run may take here, and keep what it has learned."""
    minutes = limits().minutes
    text = f"It ends after {minutes:g} minutes, as much as a run may take here; the model is kept."
    journal.event(keeper.training.event("message", text=text))
    _end_early(journal, prepared, keeper, is_epoch_end=False)


def _has_lost_patience(journal: Journal, keeper: _Keeper, prepared: Prepared) -> bool:
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


def _end_early(
    journal: Journal, prepared: Prepared, keeper: _Keeper, *, is_epoch_end: bool
) -> None:
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


def _resume(run: Run, journal: Journal, keeper: _Keeper) -> None:
    """Go on from the checkpoint where there is one, else say that the run begins anew."""
    path = run.folder / "checkpoint.pt"
    found, keeper.best, keeper.qualities = load_checkpoint(path, keeper.training, tag=run.id)
    step = keeper.training.step
    if found:
        text = f"The run goes on from its checkpoint at step {step}."
    elif run.was_begun():
        text = "There is no checkpoint of the interrupted run; it begins anew with the same seed."
    else:
        return
    journal.event(keeper.training.event("resumed", text=text))


def _tell_plan(journal: Journal, training: Training, prepared: Prepared) -> None:
    """Note what the picture of the strategy needs: the model may be gone when it is looked at."""
    if has_own_layers(prepared.model.config):
        rate = prepared.settings.learning_rate
        journal.event(training.event("plan", layers=prepared.layers, learning_rate=rate))


def _predict_pinned(journal: Journal, training: Training, prepared: Prepared) -> None:
    """Ask the model as it is now about the pinned sentences."""
    if prepared.pinned is None:
        return
    answers = probabilities(
        training.model,
        prepared.pinned,
        prepared.names,
        device=prepared.device,
        task=prepared.task,
    )
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
