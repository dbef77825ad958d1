"""A run while it learns, whatever is trained: one object that owns all it needs."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from bertlab.errors import RunError
from bertlab.runs import Event, Journal, Run
from bertlab.runs.events import MessageEvent, PhaseEvent, ResumedEvent, TrainEvent
from bertlab.runs.limits import limits
from bertlab.training.checkpoints import CheckpointManager
from bertlab.training.lifecycle import Stopped, raise_if_stopped
from bertlab.training.state import TrainingState


class AnyStep(Protocol):
    """What every training step tells of itself."""

    @property
    def loss(self) -> float:
        """The loss before the step, in nats."""


State = TypeVar("State", bound=TrainingState)
OneStep = TypeVar("OneStep", bound=AnyStep)


class TrainingSession(ABC, Generic[State, OneStep]):
    """A run, its journal, the state of its training, and its checkpoint.

    session.learn() -> takes all steps, or those until somebody stops it; may raise `Paused`

    What is trained, and what is told of it, a subclass says.

    Attributes:
        run: looked at for a stop or a pause after every step.
        journal: takes the events.
        state: of the training; the model is in it.
        steps: of the whole run.
        checkpoints: where the training can go on from.
        was_stopped: whether somebody ended it early.
    """

    def __init__(self, run: Run, journal: Journal, state: State, *, steps: int) -> None:
        """Begin nothing yet: `state` is at step 0."""
        self.run, self.journal, self.state, self.steps = run, journal, state, steps
        self.checkpoints = CheckpointManager(run, journal, state, self.write_checkpoint)
        self.was_stopped = False
        self._minutes = limits().minutes  # that a run may take here; 0 for no limit

    # --- what a subclass says ---

    @abstractmethod
    def train(self) -> Iterator[OneStep]:
        """Take the steps that are left, one at a time."""

    @abstractmethod
    def train_event(self, step: OneStep) -> TrainEvent:
        """Say what is told of a step; where the training stands is added."""

    @abstractmethod
    def write_checkpoint(self, path: Path) -> float | None:
        """Store the training: the seconds it took; None where it is not worth storing."""

    @abstractmethod
    def load_checkpoint(self) -> bool:
        """Put the training where its checkpoint was; return whether there was one."""

    def training_phase(self) -> PhaseEvent:
        """Make the event with which the training begins; it may say where it computes."""
        return PhaseEvent("training")

    def begin(self) -> None:
        """Do what is due before the first step of this stretch."""

    def observe(self) -> None:
        """Do what is due after every step, also after one at which a stop was asked for."""

    def end_step(self) -> bool:
        """Do what is due after a step with which the training goes on; return whether it is over.

        The last step is one of these.
        """
        return False

    def end_in_time(self) -> None:
        """Do what is due where the time for a run is over."""

    def interrupt(self) -> None:
        """Take note of Ctrl-C, which may have fallen into a step."""

    def finish(self) -> None:
        """Do what is due when no more steps are taken."""

    # --- what all share ---

    @property
    def is_last(self) -> bool:
        """Whether the whole run's last step has been taken."""
        return self.state.step == self.steps

    def tell(self, event: Event) -> None:
        """Write an event, stamped with where the training stands."""
        self.journal.event(self.state.stamp(event))

    def say(self, text: str) -> None:
        """Write a message for whoever watches the run."""
        self.tell(MessageEvent(text))

    def learn(self) -> None:
        """Train until the end, or until somebody asks for a stop.

        Raises:
            RunError: the loss became NaN.
            Stopped: somebody asked for it before the first step.
            Paused: somebody asked for it; the checkpoint is written.
        """
        self._resume()
        self.tell(self.training_phase())
        self.journal.update(phase="training", message="", steps=self.steps)
        self.begin()
        self.was_stopped = self._take_steps()
        if self.state.step == 0:
            raise Stopped
        self.finish()

    def _resume(self) -> None:
        """Go on from the checkpoint where there is one, else say that the run begins anew."""
        if self.load_checkpoint():
            text = f"The run goes on from its checkpoint at step {self.state.step}."
        elif self.run.was_begun():
            text = (
                "There is no checkpoint of the interrupted run; it begins anew with the same seed."
            )
        else:
            return
        self.tell(ResumedEvent(text))

    def _take_steps(self) -> bool:
        """Take the steps; return whether a stop ended it."""
        if self.run.is_stop_requested():
            return True
        raise_if_stopped(self.run)  # paused as the last checkpoint left it, or before step 1
        try:
            for step in self._timed_steps():
                told = self.state.stamp(self.train_event(step))
                self.journal.event(told, progress=self.state.step / self.steps)
                self._check_loss(step)
                self.observe()
                # A stop in the very last step comes too late: all that is due is done.
                if not self.is_last and self.run.is_stop_requested():
                    return True
                if not self.is_last and self._is_out_of_time():
                    return False
                if self.end_step():
                    return False
                if not self.is_last and self.run.is_pause_requested():
                    self.checkpoints.pause()
        except KeyboardInterrupt:  # Ctrl-C on the command line: end as by Stop
            self.interrupt()
            return True
        return False

    def _timed_steps(self) -> Iterator[OneStep]:
        """Take the steps and count the seconds of these alone."""
        steps = self.train()
        while True:
            began = time.monotonic()
            step = next(steps, None)
            if step is None:
                return
            self.state.step_seconds += time.monotonic() - began
            yield step

    def _check_loss(self, step: OneStep) -> None:
        if not math.isfinite(step.loss):
            raise RunError(
                f"At step {self.state.step} the loss was no number any more: the steps were too "
                "large. Choose a learning rate ten times smaller and start again."
            )

    def _is_out_of_time(self) -> bool:
        """End a run that has taken as much time as one may take here."""
        if not self._minutes or self.state.elapsed() < 60 * self._minutes:
            return False
        self.say(
            f"It ends after {self._minutes:g} minutes, as much as a run may take here; "
            "the model is kept."
        )
        self.end_in_time()
        return True
