"""Which function carries out which kind of run."""

from __future__ import annotations

from collections.abc import Callable

from bertlab.finetuning.execute import execute as finetune
from bertlab.finetuning.planning.estimate import execute_estimate
from bertlab.finetuning.planning.lr_finder import execute_rate_search
from bertlab.pretraining.execute import execute as pretrain
from bertlab.runs import Run, Status
from bertlab.runs.run import ESTIMATE, FINETUNING, PRETRAINING, RATE_SEARCH


def execute(run: Run) -> Status:
    """Carry out a run in this process; see the function of its kind.

    Raises:
        RunError: somebody else executes the run.
    """
    kinds: dict[str, Callable[[Run], Status]] = {
        FINETUNING: finetune,
        PRETRAINING: pretrain,
        ESTIMATE: execute_estimate,
        RATE_SEARCH: execute_rate_search,
    }
    return kinds[run.kind](run)
