"""A pre-training run while it learns: it fills held-out text and the watched blanks on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from torch import nn

from bertlab.pretraining.blanks import fill_blanks
from bertlab.pretraining.checkpoints import load_checkpoint, save_checkpoint
from bertlab.pretraining.heldout import HeldoutScores, join_scores, score_text
from bertlab.pretraining.loop import PretrainingState, PretrainingStep, pretrain
from bertlab.pretraining.setup import PretrainingSetup
from bertlab.runs import Journal, Run
from bertlab.runs.events import BlanksEvent, TrainEvent, ValidationEvent
from bertlab.training.session import TrainingSession

CHECKPOINT_SECONDS = 60.0
CHECKS = 20  # how often the held-out text is asked for in a run
WATCHES = 60  # how often the blanks are filled
HELDOUT_INPUTS = 200  # of each held-out file while the model learns; at least so many at the end


class PretrainingSession(TrainingSession[PretrainingState, PretrainingStep]):
    """One run of pre-training.

    Attributes:
        setup: model, settings and data; the model is changed.
    """

    def __init__(self, run: Run, journal: Journal, setup: PretrainingSetup) -> None:
        """Learn nothing yet."""
        self.setup = setup
        self._is_torn = False  # an interrupt fell into a step: some weights have taken it
        super().__init__(run, journal, setup.state, steps=setup.data.plan.steps)

    def begin(self) -> None:
        """Measure the random weights."""
        if self.state.step == 0:
            self._measure()
            self._fill_blanks()

    def train(self) -> Iterator[PretrainingStep]:
        """Take the steps that are left."""
        setup = self.setup
        return pretrain(
            self.state,
            setup.data.batch,
            setup.loop_options,
            words=setup.words,
            device=setup.device,
            use_bf16=setup.use_bf16,
        )

    def train_event(self, step: PretrainingStep) -> TrainEvent:
        """Leave out the losses that this run does not have."""
        metrics = {"loss": step.loss, "accuracy": step.accuracy, "next": step.next}
        taught = {"teacher": step.teacher, "words": step.words}
        metrics |= {name: loss for name, loss in taught.items() if loss is not None}
        return TrainEvent(metrics, learning_rate=step.learning_rate, tokens=step.tokens)

    def observe(self) -> None:
        """Fill held-out text and blanks now and then, and keep a checkpoint."""
        if _is_due(self.state.step, self.steps, CHECKS):
            self._measure()
        if _is_due(self.state.step, self.steps, WATCHES):
            self._fill_blanks()
        self.checkpoints.save_if_due(CHECKPOINT_SECONDS)

    def end_in_time(self) -> None:
        """Measure the model as it is."""
        self._measure()
        self._fill_blanks()

    def interrupt(self) -> None:
        """Keep the last checkpoint: this step may be half taken."""
        self._is_torn = True

    def finish(self) -> None:
        """Keep a checkpoint also at the end: storing the model may fail."""
        self.checkpoints.save()

    def heldout_scores(self, *, most: int | None = None) -> dict[str, HeldoutScores]:
        """Ask the model as it is about every held-out file, by file name.

        Args:
            most: inputs of each file that are asked about; None for all.
        """
        setup = self.setup
        return {
            name: score_text(
                self.state.learner.bert,
                text,
                marks=setup.data.marks,
                vocabulary=setup.data.vocabulary,
                most=most,
                fewest=HELDOUT_INPUTS,
                device=setup.device,
                use_bf16=setup.use_bf16,
            )
            for name, text in setup.heldout.items()
        }

    def write_checkpoint(self, path: Path) -> float | None:
        """Store the training, unless its weights are broken."""
        if self._is_torn or not _is_finite(self.state.learner):
            return None
        return save_checkpoint(path, self.state, tag=self.setup.tag)

    def load_checkpoint(self) -> bool:
        """Put the training where its checkpoint was.

        Raises:
            RunError: the checkpoint is damaged, or does not fit.
        """
        return load_checkpoint(self.checkpoints.path, self.state, tag=self.setup.tag)

    def _measure(self) -> None:
        """Fill a sample of the held-out text."""
        if self.setup.heldout:
            scores = self.heldout_scores(most=HELDOUT_INPUTS)
            self.tell(ValidationEvent(asdict(join_scores(list(scores.values())))))

    def _fill_blanks(self) -> None:
        """Fill the watched blanks."""
        if blanks := self.setup.settings.blanks:
            model = self.state.learner.bert
            answers = fill_blanks(model, self.setup.tokenizer, blanks, self.setup.device)
            self.tell(BlanksEvent(answers))


def _is_due(step: int, steps: int, times: int) -> bool:
    return step == steps or step % -(-steps // times) == 0


def _is_finite(model: nn.Module) -> bool:
    return all(bool(weight.isfinite().all()) for weight in model.parameters())
