"""How long a run still waits: its place in the queue, and what stands before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bertlab.engine.queue import next_runs
from bertlab.runs import Run, list_runs
from bertlab.runs.limits import limits
from bertlab.runs.run import FINETUNING
from bertlab.runs.settings import Settings


@dataclass(frozen=True)
class QueuePosition:
    """Where a waiting run stands.

    Args:
        ahead: runs that come first, those being executed included.
        seconds: until its turn, judged by what earlier runs took; None where nothing like the
            runs before it was ever measured here.
    """

    ahead: int
    seconds: float | None


def places() -> dict[str, QueuePosition]:
    """Tell for each waiting run where it stands: three runs, one executed -> 1, 2 ahead.

    One worker is taken for granted: with more of them the wait is shorter than is said.
    """
    waiting = next_runs()
    if not waiting:
        return {}
    runs = list_runs()
    speeds = _speeds(runs)
    active = [run for run in runs if run.status().is_active]
    waits = [_left(run, speeds) for run in active]
    found: dict[str, QueuePosition] = {}
    for run in waiting:
        known = [wait for wait in waits if wait is not None]
        seconds = sum(known) if len(known) == len(waits) else None
        found[run.id] = QueuePosition(len(waits), seconds)
        waits.append(_left(run, speeds))
    return found


Speeds = dict[tuple[Any, ...], float]  # examples a second, by what it depends on, see _kind


def _speeds(runs: list[Run]) -> Speeds:
    """Look up how fast the newest finished run of each kind was."""
    speeds: Speeds = {}
    for run in runs:  # newest first
        status = run.status()
        if status.phase == "finished" and run.kind == FINETUNING:
            result, settings = run.result() or {}, run.settings
            if result.get("training_seconds") and status.steps:
                share = result["steps"] / status.steps  # less than 1 where it ended early
                trained = result["train_examples"] * settings.epochs * share
                speeds.setdefault(_kind(settings), trained / result["training_seconds"])
    return speeds


def _kind(settings: Settings) -> tuple[Any, ...]:
    """What the speed of a run depends on most."""
    return settings.model, settings.strategy, settings.truncation, settings.max_length


def _left(run: Run, speeds: Speeds) -> float | None:
    """Judge how many seconds a run still takes; None where nothing like it was measured."""
    if run.kind != FINETUNING:
        return None
    settings = run.settings
    speed = speeds.get(_kind(settings))
    if not speed:
        return None
    whole = run.about["examples"]["train"] * settings.epochs / speed
    most = 60 * limits().minutes or math.inf
    return float(min(whole, most) * (1 - run.status().progress))
