"""What happens in a run, as a stream of small records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Event:
    """One thing that happened; one line of a run's `events.jsonl`.

    Event("train", step=7, seconds=1.2, examples=112, values={"loss": 0.61, "epoch": 0})
      .as_dict() -> {"kind": "train", "step": 7, ..., "loss": 0.61, "epoch": 0}

    Args:
        kind: "phase", "train", "validation", "pinned", "message" or "resumed".
        step: optimizer steps taken so far.
        seconds: since the training began, interruptions left out.
        examples: training examples seen so far, repeats counted.
        values: what else belongs to this kind, ready for JSON.
    """

    kind: str
    step: int
    seconds: float
    examples: int
    values: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Flatten the event for a line of JSON."""
        head = {"kind": self.kind, "step": self.step, "seconds": round(self.seconds, 3)}
        return {**head, "examples": self.examples, **self.values}
