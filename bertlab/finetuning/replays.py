"""Replays: the same rows, settings and seed once more, and whether the same came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bertlab.errors import RunError
from bertlab.runs import Run, create_run, open_run

SUFFIX = ", replayed"
SAME = 1e-4  # what sums in another order may differ by


@dataclass(frozen=True)
class CurveComparison:
    """Two training curves, step by step.

    Args:
        steps: that both took.
        largest: the largest difference of their training losses, in nats.
        differing: the first step at which they differ by more than `SAME`; None where none does.
    """

    steps: int
    largest: float
    differing: int | None

    @property
    def is_same(self) -> bool:
        """Whether the curves are the same but for rounding."""
        return self.differing is None


def create_replay(run: Run, *, owner: str | None = None) -> Run:
    """Make a run that does the same again: split, settings, first weights, order and dropout.

    Args:
        run: one of fine-tuning, in any state.
        owner: a random id of who asks.

    Raises:
        RunError: the new run cannot be stored.
    """
    source = str(run.about.get("source_name") or "")
    settings = replace(run.settings, name=run.name.removesuffix(SUFFIX) + SUFFIX)
    return create_run(settings, run.split(), owner=owner, source_name=source, replay=run.id)


def original_of(run: Run) -> Run | None:
    """Find the run that this one repeats; None where there is none, or it was deleted."""
    try:
        return open_run(run.replay) if run.replay else None
    except RunError:
        return None


def compare_curves(
    one: Iterable[Mapping[str, Any]], other: Iterable[Mapping[str, Any]]
) -> CurveComparison | None:
    """Compare two histories' training losses at the steps that both took; None without any.

    Losses 0.7, 0.6, 0.5 and 0.7, 0.6, 0.4 -> 3 steps, largest 0.1, differing from step 3 on
    """
    first, second = _losses(one), _losses(other)
    common = sorted(first.keys() & second.keys())
    if not common:
        return None
    gaps = {step: abs(first[step] - second[step]) for step in common}
    differing = next((step for step in common if gaps[step] > SAME), None)
    return CurveComparison(len(common), max(gaps.values()), differing)


def _losses(events: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    return {event["step"]: event["loss"] for event in events if event["kind"] == "train"}
