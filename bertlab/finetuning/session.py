"""A fine-tuning run while it learns: it validates, keeps the best weights, and stops in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from bertlab.finetuning.checkpoints import Best, copy_weights, load_checkpoint, save_checkpoint
from bertlab.finetuning.evaluation import evaluate
from bertlab.finetuning.loop import LoopOptions, TrainingStep, train
from bertlab.finetuning.metrics import AnyScores
from bertlab.finetuning.monitoring import is_pinned_due, norms_event, pinned_event, plan_event
from bertlab.finetuning.optimization import FineTuningState, start_training
from bertlab.finetuning.setup import FineTuningSetup
from bertlab.runs import Event, Journal, Run
from bertlab.runs.events import PhaseEvent, TrainEvent, ValidationEvent
from bertlab.training.early_stopping import is_over
from bertlab.training.session import TrainingSession

CHECKS = 12  # how many points the validation curve gets, at least one an epoch
CHECKPOINT_SECONDS = 30.0  # in mid-epoch; the end of an epoch is a cheap moment
EPOCH_CHECKPOINT_SECONDS = 2.0


def steps_per_check(steps_per_epoch: int, epochs: int) -> int:
    """Steps from one look at validation to the next within an epoch: 120, 10 epochs -> 100."""
    return max(1, min(steps_per_epoch, steps_per_epoch * epochs // CHECKS))


class FineTuningSession(TrainingSession[FineTuningState, TrainingStep]):
    """One run of fine-tuning.

    Attributes:
        setup: model, settings and data; the model is changed.
        best: the weights that validation liked best so far; None before it was asked.
        qualities: what validation said at the end of each epoch.
    """

    def __init__(self, run: Run, journal: Journal, setup: FineTuningSetup) -> None:
        """Make the optimizer; nothing is learned yet."""
        settings = setup.settings
        self.setup = setup
        self.options = LoopOptions(
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            seed=settings.seed,
            device=setup.device,
            use_bf16=setup.encoder_uses_bf16,
            clip=settings.clip,
        )
        self.steps_per_epoch = self.options.steps_per_epoch(setup.train)
        self.best: Best | None = None
        self.qualities: list[float] = []
        steps = settings.epochs * self.steps_per_epoch
        state = start_training(
            setup.trained,
            learning_rate=setup.learning_rate,
            steps=steps,
            layers=setup.layers,
            layer_decay=settings.layer_decay,
            warm_up=settings.warm_up,
        )
        super().__init__(run, journal, state, steps=steps)

    # --- how it ended ---

    @property
    def is_chosen(self) -> bool:
        """Whether validation chose the kept weights; else they are simply the last step's."""
        return self.best is not None

    @property
    def chosen_step(self) -> int:
        """After which step the kept weights were taken."""
        return self.state.step if self.best is None else self.best.step

    @property
    def chosen_epoch(self) -> int | None:
        """The epoch at whose end they were taken, counted from 0; None for in between."""
        epochs, rest = divmod(self.chosen_step, self.steps_per_epoch)
        return None if rest else epochs - 1

    @property
    def ended_early(self) -> bool:
        """Whether early stopping, or the time limit, ended it."""
        return not self.is_last and not self.was_stopped

    # --- the course of a run ---

    def training_phase(self) -> PhaseEvent:
        """Say where it computes."""
        device = str(self.setup.device)
        return PhaseEvent("training", device=device, precision=self.setup.precision)

    def begin(self) -> None:
        """Ask about the pinned sentences before anything is learned."""
        self._write(plan_event(self.state, self.setup))
        self._write(pinned_event(self.state, self.setup))

    def train(self) -> Iterator[TrainingStep]:
        """Take the steps that are left."""
        return train(
            self.state,
            self.setup.train,
            self.setup.task,
            self.options,
            on_epoch=self.setup.set_trainable,
            on_gradients=self._measure_norms,
        )

    def train_event(self, step: TrainingStep) -> TrainEvent:
        """Name the metric as the task does."""
        metrics = {"loss": step.loss, self.setup.task.metric_name: step.metric}
        return TrainEvent(metrics, learning_rate=step.learning_rate, epoch=step.epoch)

    def observe(self) -> None:
        """Ask about the pinned sentences now and then."""
        if is_pinned_due(self.state.step, self.steps):
            self._write(pinned_event(self.state, self.setup))

    def end_step(self) -> bool:
        """Validate, keep the best weights and a checkpoint; return whether patience is over."""
        self._validate_if_due()
        is_end = self.is_epoch_end and self.setup.validation is not None
        self.checkpoints.save_if_due(EPOCH_CHECKPOINT_SECONDS if is_end else CHECKPOINT_SECONDS)
        return is_end and self._has_lost_patience()

    def finish(self) -> None:
        """Put the best weights back; of a stopped run, look at its last step first."""
        if self.was_stopped:
            self._end_early()
        if self.best is not None:
            self.state.model.load_state_dict(self.best.weights)

    def end_in_time(self) -> None:
        """Keep what has been learned."""
        self._end_early()

    # --- validation ---

    @property
    def is_epoch_end(self) -> bool:
        """Whether the last step was the last of its epoch."""
        return self.state.step % self.steps_per_epoch == 0

    def _validate_if_due(self) -> None:
        """Validate at each epoch's end, and `CHECKS` times in a run."""
        if self.setup.validation is None:
            return
        every = steps_per_check(self.steps_per_epoch, self.options.epochs)
        if self.is_epoch_end or self.state.step % every == 0:
            scores = self._validate(epoch=(self.state.step - 1) // self.steps_per_epoch)
            if self.is_epoch_end:
                self._end_epoch(scores.quality)

    def _validate(self, *, epoch: int | None = None) -> AnyScores:
        """Ask about the validation part, and tell its scores."""
        assert self.setup.validation is not None
        scores = evaluate(
            self.state.model,
            self.setup.validation,
            device=self.setup.device,
            use_bf16=self.setup.encoder_uses_bf16,
            task=self.setup.task,
        ).scores()
        metrics = asdict(scores) | {"quality": scores.quality}
        asked = metrics.pop("examples")
        is_end = self.is_epoch_end
        self.tell(ValidationEvent(metrics, epoch=epoch, epoch_end=is_end, asked=asked))
        return scores

    def _end_epoch(self, quality: float) -> None:
        self.qualities.append(quality)
        self._consider(quality)

    def _consider(self, quality: float) -> None:
        """Keep these weights if validation likes them at least as well as the best so far.

        Of equals the later one has seen more.
        """
        if self.best is None or quality >= self.best.quality:
            self.best = Best(quality, self.state.step, copy_weights(self.state.model))

    def _has_lost_patience(self) -> bool:
        """Early stopping: whether enough epochs have brought nothing; said where any are left."""
        settings, epochs = self.setup.settings, len(self.qualities)
        if epochs == settings.epochs or not is_over(self.qualities, settings.patience):
            return False
        waited = "1 epoch" if settings.patience == 1 else f"{settings.patience} epochs"
        self.say(
            f"Early stopping after {epochs} of {settings.epochs} epochs: {self.setup.task.goal} "
            f"has not become better for {waited}."
        )
        return True

    def _end_early(self) -> None:
        """Leave a checkpoint for who wants to go on, and ask validation about the last step.

        Where the stop fell on an epoch's end, going on must find that epoch among the candidates,
        as an unbroken run would; weights from within an epoch are no candidates for it.
        """
        if not self.is_epoch_end:
            self.checkpoints.save()
        if self.setup.validation is not None and (self.is_epoch_end or self.best is not None):
            quality = self._validate().quality
            if self.is_epoch_end:
                self._end_epoch(quality)
            else:
                self._consider(quality)
        if self.is_epoch_end:
            self.checkpoints.save()

    # --- what is written ---

    def write_checkpoint(self, path: Path) -> float:
        """Store the training with its best weights."""
        return save_checkpoint(path, self.state, self.best, self.qualities, tag=self.run.id)

    def load_checkpoint(self) -> bool:
        """Put the training where its checkpoint was; a damaged one counts as none."""
        path = self.checkpoints.path
        found, self.best, self.qualities = load_checkpoint(path, self.state, tag=self.run.id)
        return found

    def _measure_norms(self, step: int) -> None:
        self._write(norms_event(self.state, self.setup, step=step, steps=self.steps))

    def _write(self, event: Event | None) -> None:
        if event is not None:
            self.journal.event(event)
