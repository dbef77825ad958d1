"""Which function carries out which kind of run."""

from __future__ import annotations

from bertlab.finetuning.estimating import execute_estimate
from bertlab.finetuning.execute import execute as finetune
from bertlab.pretraining.execute import execute as pretrain
from bertlab.runs import Run, Status
from bertlab.runs.run import ESTIMATE, PRETRAINING


def execute(run: Run) -> Status:
    """Carry out a run in this process; see the function of its kind.

    Raises:
        RunError: somebody else executes the run.
    """
    if run.kind == ESTIMATE:
        return execute_estimate(run)
    return pretrain(run) if run.kind == PRETRAINING else finetune(run)
