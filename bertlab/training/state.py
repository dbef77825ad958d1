"""How far a training has come: the part of its state that fine-tuning and pre-training share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from bertlab.runs.events import Event


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

    def event(self, kind: str, **values: Any) -> Event:
        """Stamp something that happened with where the training stands."""
        return Event(kind, self.step, self.elapsed(), self.examples, values)
