"""What a run tells beside its losses: its plan, the pinned sentences, where gradients are long."""

from __future__ import annotations

from dataclasses import replace

from bertlab.finetuning.optimization import FineTuningState
from bertlab.finetuning.predict import probabilities
from bertlab.finetuning.setup import FineTuningSetup
from bertlab.finetuning.strategies.layer_groups import POINTS, has_own_layers, measure_norms
from bertlab.runs.events import NormsEvent, PinnedEvent, PinnedPrediction, PlanEvent

PINNED_POINTS = 15  # how often the pinned sentences are predicted in a run


def plan_event(state: FineTuningState, setup: FineTuningSetup) -> PlanEvent | None:
    """Note what the picture of the strategy needs: the model may be gone when it is looked at."""
    if not has_own_layers(setup.model.config):
        return None
    return state.stamp(PlanEvent(setup.layers, setup.learning_rate))


def pinned_event(state: FineTuningState, setup: FineTuningSetup) -> PinnedEvent | None:
    """Ask the model as it is now about the pinned sentences; None where there are none."""
    if setup.pinned is None:
        return None
    answers = probabilities(
        state.model, setup.pinned, setup.names, device=setup.device, task=setup.task
    )
    asked = zip(setup.settings.pinned, answers, strict=True)
    return state.stamp(PinnedEvent(tuple(PinnedPrediction(*one) for one in asked)))


def is_pinned_due(step: int, steps: int) -> bool:
    """Whether the pinned sentences are asked after a step: of 30 steps every second one."""
    return step == steps or step % max(1, steps // PINNED_POINTS) == 0


def norms_event(
    state: FineTuningState, setup: FineTuningSetup, *, step: int, steps: int
) -> NormsEvent | None:
    """Measure gradients and weights by part while a step's gradients are there, now and then.

    Args:
        state: between the backward pass and the step.
        setup: whose model is measured.
        step: the one that is being taken, from 1.
        steps: of the whole run.
    """
    is_due = step == 1 or step % max(1, steps // POINTS) == 0
    if not is_due or not has_own_layers(setup.model.config):
        return None
    norms = measure_norms(setup.model, setup.layers)
    return replace(state.stamp(NormsEvent(norms.gradients, norms.weights)), step=step)
