"""Between which two events of the loop a run can rest, so that going on loses none."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bertlab.finetuning.loop import steps_per_check
from bertlab.finetuning.setup import Prepared
from bertlab.runs.events import Event


@dataclass(frozen=True)
class Plan:
    """When the loop looks at validation.

    Args:
        steps_per_epoch: that one pass over the data has.
        check_every: so many steps from one look to the next within an epoch.
        has_validation: whether there is anything to look at.
    """

    steps_per_epoch: int
    check_every: int
    has_validation: bool


def plan_of(prepared: Prepared) -> Plan:
    """Tell when validation is looked at: 10 epochs of 120 steps -> every 100 and at each end."""
    settings = prepared.settings
    per_epoch = math.ceil(len(prepared.train.lengths) / settings.batch_size)
    every = steps_per_check(per_epoch, settings.epochs)
    return Plan(per_epoch, every, prepared.validation is not None)


def is_complete(event: Event, plan: Plan) -> bool:
    """Whether a step has told all that it has to tell.

    Of 4 steps an epoch: step 3 -> True, step 4 -> False, the validation of step 4 -> True. A run
    that rested before that validation would never make up for it.
    """
    if event.kind != "train" or not plan.has_validation:
        return True
    return bool(event.step % plan.steps_per_epoch and event.step % plan.check_every)
