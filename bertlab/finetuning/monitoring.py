"""What a run tells beside its losses: its plan, the pinned sentences, where gradients are long."""

from __future__ import annotations

from dataclasses import replace

from bertlab.finetuning.loop import Training
from bertlab.finetuning.predict import probabilities
from bertlab.finetuning.setup import Prepared
from bertlab.finetuning.strategies.layer_groups import POINTS, has_own_layers, measure_norms
from bertlab.runs import Journal

PINNED_POINTS = 15  # how often the pinned sentences are predicted in a run


def tell_plan(journal: Journal, training: Training, prepared: Prepared) -> None:
    """Note what the picture of the strategy needs: the model may be gone when it is looked at."""
    if has_own_layers(prepared.model.config):
        rate = prepared.settings.learning_rate
        journal.event(training.event("plan", layers=prepared.layers, learning_rate=rate))


def predict_pinned(journal: Journal, training: Training, prepared: Prepared) -> None:
    """Ask the model as it is now about the pinned sentences."""
    if prepared.pinned is None:
        return
    answers = probabilities(
        training.model,
        prepared.pinned,
        prepared.names,
        device=prepared.device,
        task=prepared.task,
    )
    predictions = [
        {"text": text, "probabilities": answer}
        for text, answer in zip(prepared.settings.pinned, answers, strict=True)
    ]
    journal.event(training.event("pinned", predictions=predictions))


def is_pinned_due(step: int, steps: int) -> bool:
    """Whether the pinned sentences are asked after a step: of 30 steps every second one."""
    return step == steps or step % max(1, steps // PINNED_POINTS) == 0


def tell_norms(
    journal: Journal, training: Training, prepared: Prepared, *, step: int, steps: int
) -> None:
    """Measure gradients and weights by part while a step's gradients are there, now and then.

    Args:
        journal: told.
        training: between the backward pass and the step.
        prepared: whose model is measured.
        step: the one that is being taken, from 1.
        steps: of the whole run.
    """
    is_due = step == 1 or step % max(1, steps // POINTS) == 0
    if is_due and has_own_layers(prepared.model.config):
        norms = measure_norms(prepared.model, prepared.layers)
        journal.event(replace(training.event("layers", **vars(norms)), step=step))
