"""The second phase of a run: take the loop's events, measure now and then, keep checkpoints."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field

from torch import nn

from bertlab.errors import RunError
from bertlab.pretraining.blanks import fill_blanks
from bertlab.pretraining.checkpoints import load_checkpoint, save_checkpoint
from bertlab.pretraining.heldout import HeldoutScores, join_scores, score_text
from bertlab.pretraining.loop import pretrain
from bertlab.pretraining.setup import Prepared
from bertlab.runs import Journal, Run
from bertlab.runs.events import Event
from bertlab.runs.limits import limits
from bertlab.training.lifecycle import Paused

CHECKPOINT = "checkpoint.pt"
CHECKPOINT_SECONDS = 60.0
CHECKS = 20  # how often the held-out text is asked for in a run
WATCHES = 60  # how often the blanks are filled
HELDOUT_INPUTS = 200  # of each held-out file while the model learns; at least so many at the end


@dataclass
class _Keeper:
    """Write checkpoints when they are due."""

    run: Run
    journal: Journal
    prepared: Prepared
    saved: float = field(default_factory=time.monotonic)
    cost: float = 0.0
    is_torn: bool = False  # an interrupt fell into a step: some weights have taken it, some not

    def see(self, event: Event) -> None:
        """Look at an event of the loop; never spend over 5 % of the time on checkpoints."""
        wait = max(CHECKPOINT_SECONDS, 20 * self.cost)
        if event.kind == "train" and time.monotonic() - self.saved >= wait:
            self.save()

    def save(self) -> bool:
        """Write a checkpoint; a full disk costs this checkpoint, not the run nor the last one.

        Returns:
            Whether it was written.
        """
        training = self.prepared.training
        if self.is_torn or not _is_finite(training.learner):
            return False  # the last good one stays
        is_written = False
        try:
            path = self.run.folder / CHECKPOINT
            self.cost = save_checkpoint(path, training, tag=self.prepared.tag)
            # What was reached cannot be lost again: earlier crashes no longer count.
            self.journal.update(attempts=0)
            is_written = True
        except OSError as error:
            text = f"No checkpoint could be written ({error}); the training goes on without."
            self.journal.event(training.event("message", text=text))
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
        self.journal.event(self.prepared.training.event("message", text=text))


def learn(run: Run, journal: Journal, prepared: Prepared) -> bool:
    """Train until the end or until somebody asks for a stop.

    Args:
        run: looked at for a stop request after every step.
        journal: takes the events.
        prepared: model, settings and data; the model is changed.

    Returns:
        Whether a stop ended it.

    Raises:
        RunError: the loss is no number any more, or the checkpoint does not fit.
        Paused: somebody asked for it; the checkpoint is written.
    """
    training, steps = prepared.training, prepared.data.plan.steps
    if load_checkpoint(run.folder / CHECKPOINT, training, tag=prepared.tag):
        text = f"The run goes on from its checkpoint at step {training.step}."
        journal.event(training.event("resumed", text=text))
    elif run.was_begun():
        text = "There is no checkpoint of the interrupted run; it begins anew with the same seed."
        journal.event(training.event("resumed", text=text))
    journal.event(training.event("phase", phase="training"))
    journal.update(phase="training", message="", steps=steps)
    if training.step == 0:
        _measure(journal, prepared)
        _watch(journal, prepared)
    keeper = _Keeper(run, journal, prepared)
    was_stopped = _take_events(run, journal, prepared, keeper)
    if training.step > 0:  # also at the end: storing the model may fail
        keeper.save()
    return was_stopped


def _take_events(run: Run, journal: Journal, prepared: Prepared, keeper: _Keeper) -> bool:
    """Write down what the loop tells; return whether a stop ended it."""
    settings, training = prepared.settings, prepared.training
    steps, time_limit = prepared.data.plan.steps, 60 * limits().minutes or math.inf
    events = pretrain(
        training,
        prepared.data.batch,
        steps=steps,
        learning_rate=settings.learning_rate,
        warm_up=settings.warm_up,
        frozen=settings.frozen,
        frozen_steps=round(steps * settings.frozen_share) if settings.frozen else 0,
        teacher_weight=settings.teacher_weight,
        words=prepared.words,
        word_weight=settings.word_weight,
        device=prepared.device,
        use_bf16=prepared.use_bf16,
    )
    if run.is_stop_requested():
        return True
    if run.is_pause_requested():
        raise Paused  # as the last checkpoint left it, or before the first step
    try:
        for event in events:
            journal.event(event, progress=training.step / steps)
            _check_loss(event)
            if _is_due(training.step, steps, CHECKS):
                _measure(journal, prepared)
            if _is_due(training.step, steps, WATCHES):
                _watch(journal, prepared)
            keeper.see(event)
            if training.step < steps and run.is_stop_requested():
                return True
            if training.step < steps and training.elapsed() >= time_limit:
                _end_in_time(journal, prepared)
                return False
            if training.step < steps and run.is_pause_requested():
                keeper.pause()
    except KeyboardInterrupt:  # Ctrl-C on the command line: end as by Stop
        keeper.is_torn = True
        return True
    return False


def _end_in_time(journal: Journal, prepared: Prepared) -> None:
    """Say that the time is over which a run may take here; measure the model as it is."""
    minutes = limits().minutes
    text = f"It ends after {minutes:g} minutes, as much as a run may take here; the model is kept."
    journal.event(prepared.training.event("message", text=text))
    _measure(journal, prepared)
    _watch(journal, prepared)


def _is_due(step: int, steps: int, times: int) -> bool:
    return step == steps or step % -(-steps // times) == 0


def _is_finite(model: nn.Module) -> bool:
    return all(bool(weight.isfinite().all()) for weight in model.parameters())


def heldout_scores(prepared: Prepared, *, most: int | None = None) -> dict[str, HeldoutScores]:
    """Ask the model as it is about every held-out file, by file name."""
    return {
        name: score_text(
            prepared.training.learner.bert,
            text,
            marks=prepared.data.marks,
            vocabulary=prepared.data.vocabulary,
            most=most,
            fewest=HELDOUT_INPUTS,
            device=prepared.device,
            use_bf16=prepared.use_bf16,
        )
        for name, text in prepared.heldout.items()
    }


def _measure(journal: Journal, prepared: Prepared) -> None:
    """Fill a sample of the held-out text."""
    if prepared.heldout:
        scores = heldout_scores(prepared, most=HELDOUT_INPUTS)
        whole = asdict(join_scores(list(scores.values())))
        journal.event(prepared.training.event("validation", **whole))


def _watch(journal: Journal, prepared: Prepared) -> None:
    """Fill the watched blanks."""
    if prepared.settings.blanks:
        model, blanks = prepared.training.learner.bert, prepared.settings.blanks
        answers = fill_blanks(model, prepared.tokenizer, blanks, prepared.device)
        journal.event(prepared.training.event("blanks", blanks=answers))


def _check_loss(event: Event) -> None:
    if not math.isfinite(event.values["loss"]):
        raise RunError(
            f"At step {event.step} the loss was no number any more: the steps were too large. "
            "Choose a learning rate ten times smaller and start again."
        )
