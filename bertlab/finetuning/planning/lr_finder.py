"""A learning-rate finder: one short training in which the rate rises until the loss breaks away.

After Smith 2017, "Cyclical Learning Rates for Training Neural Networks", section 3.3.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import torch

from bertlab.datasets import Examples
from bertlab.devices import choose_device
from bertlab.finetuning.loop import LoopOptions, train
from bertlab.finetuning.optimization import FineTuningState, start_training
from bertlab.finetuning.planning.estimate import create_probe, estimate_key
from bertlab.finetuning.setup import FineTuningSetup, set_up
from bertlab.runs import Journal, Run, Status
from bertlab.runs.files import replace_text
from bertlab.runs.run import RATE_SEARCH
from bertlab.runs.settings import Settings
from bertlab.training.curves import Point, running_mean
from bertlab.training.lifecycle import Ending, Stopped, execute_run

LOWEST, HIGHEST = 1e-6, 1e-1
STEPS = 80
BROKEN = 1.5  # times the best smoothed loss: from here on higher rates tell nothing
FELL = 0.97  # the smoothed loss must fall to this share of its start for a rate to be named


def create_rate_search(settings: Settings, examples: Examples, *, owner: str | None = None) -> Run:
    """Make the run that searches, on a sample that it reads about twice at most.

    Args:
        settings: of the run that is planned.
        examples: what it will learn from.
        owner: a random id of who asks.
    """
    asked = replace(settings, learning_rate=LOWEST)
    sample = examples.sample(STEPS * settings.batch_size)
    return create_probe(RATE_SEARCH, asked, sample, owner=owner)


def rate_search_key(settings: Settings, examples: Examples) -> str:
    """Name a search: what it depends on. Other labels of the same texts are another search."""
    sample = examples.sample(64)
    asked = [settings.class_weights, settings.clip, settings.seed, settings.layer_decay]
    told = json.dumps([asked, examples.problem_type, examples.label_names, sample.labels])
    labels = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]
    return f"rates {estimate_key(settings, examples)} {labels}"


def execute_rate_search(run: Run) -> Status:
    """Search in this process; `result.json` then holds the points.

    Raises:
        RunError: somebody else executes the run.
    """
    return execute_run(run, lambda journal: _search(run, journal))


def suggest_rate(points: Sequence[Point]) -> float | None:
    """Name a tenth of the rate at which the smoothed loss was lowest; None where it hardly fell.

    A loss that is 0.7 up to 1e-4, 0.5 at 1e-3 and 2.0 at 1e-2 -> about 1e-4. At the lowest point
    itself the next step may break away, hence a tenth.
    """
    curve = running_mean(points)
    if not curve:
        return None
    rate, lowest = min(curve, key=lambda point: point[1])
    return rate / 10 if lowest <= FELL * curve[0][1] else None


def _search(run: Run, journal: Journal) -> Ending:
    journal.update(phase="starting", message="Trying learning rates.")
    setup = set_up(run, journal, choose_device(run.settings.device))
    points: list[Point] = []
    for point in _points(setup):
        if run.is_stop_requested():
            raise Stopped
        points.append(point)
        if _is_broken(points):
            break
    told = {"points": points, "suggestion": suggest_rate(points)}
    replace_text(run.folder / "result.json", json.dumps(told))
    return Ending(was_stopped=False, step=len(points), accuracy=None)


def _points(setup: FineTuningSetup) -> Iterator[Point]:
    settings = setup.settings
    training = start_training(setup.trained, learning_rate=LOWEST, steps=STEPS, warm_up=0.0)
    factor = (HIGHEST / LOWEST) ** (1 / (STEPS - 1))
    rising = torch.optim.lr_scheduler.LambdaLR(training.optimizer, lambda step: factor**step)
    state = FineTuningState(training.model, training.optimizer, rising)
    options = LoopOptions(
        epochs=STEPS,
        batch_size=settings.batch_size,
        seed=settings.seed,
        device=setup.device,
        use_bf16=setup.encoder_uses_bf16,
        clip=settings.clip,
    )
    for step in islice(train(state, setup.train, setup.task, options), STEPS):
        yield step.learning_rate, step.loss


def _is_broken(points: Sequence[Point]) -> bool:
    losses = [loss for _, loss in running_mean(points)]
    return not math.isfinite(losses[-1]) or losses[-1] > BROKEN * min(losses)
