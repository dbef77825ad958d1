"""How far a training has come: the part of its state that fine-tuning and pre-training share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from bertlab.runs.events import SomeEvent


@dataclass(kw_only=True)
class TrainingState:
    """What changes with every step, beside the weights.

    Args:
        step: optimizer steps taken so far; also the place in the data.
        examples: training examples seen so far, repeats counted.
        seconds: training time before the last interruption.
        started: clock reading when this stretch began.
        step_seconds: time spent on steps alone, without validating and storing.
    """

    step: int = 0
    examples: int = 0
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)
    step_seconds: float = 0.0

    def elapsed(self) -> float:
        """Tell the training time so far in seconds, interruptions left out."""
        return self.seconds + time.monotonic() - self.started

    def stamp(self, event: SomeEvent) -> SomeEvent:
        """Stamp something that happened with where the training stands.

        state.stamp(MessageEvent("It goes on.")).step -> 7
        """
        seconds, examples = self.elapsed(), self.examples
        return replace(event, step=self.step, seconds=seconds, examples=examples)
