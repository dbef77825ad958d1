"""The learning rate at each step: warm-up, then linear decay (Devlin et al. 2019, appendix A.2)."""

from __future__ import annotations


def rate_share(step: int, steps: int, *, warm_up: float = 0.1) -> float:
    """Tell the share of the peak learning rate at a step: up in a line, then down to 0.

    steps 100, warm_up 0.1: step 0 -> 0.1, step 9 -> 1.0, step 55 -> 0.5, step 100 -> 0.0

    Args:
        step: counted from 0.
        steps: of the whole run.
        warm_up: share of the steps in which the rate rises, at least one step.
    """
    rising = max(1, round(steps * warm_up))
    if step < rising:
        return (step + 1) / rising
    return max(0.0, (steps - step) / max(1, steps - rising))
