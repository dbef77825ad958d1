"""What bfloat16 keeps of a number, computed: why the weights stay in float32."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Rounding:
    """A weight and a small step, in both precisions.

    Args:
        weight: before the step.
        step: what is added.
        in_float32: their sum, as float32 keeps it.
        in_bf16: their sum, as bfloat16 keeps it.
        next_bf16: the smallest number above the weight that bfloat16 has.
    """

    weight: float
    step: float
    in_float32: float
    in_bf16: float
    next_bf16: float

    @property
    def is_lost(self) -> bool:
        """Whether bfloat16 keeps nothing of the step."""
        return self.in_bf16 == self.weight


def round_step(weight: float = 1.0, step: float = 1e-3) -> Rounding:
    """Add a small step to a weight in both precisions, with torch.

    round_step(1.0, 1e-3) -> in_float32 1.001, in_bf16 1.0: above 1 the next number that bfloat16
    has is 1.0078125, and 1.001 is nearer to 1.

    Args:
        weight: a number that bfloat16 has, above 0.
        step: above 0.
    """
    exact = torch.tensor(weight) + torch.tensor(step)  # float32
    short = torch.tensor(weight, dtype=torch.bfloat16)
    above = (short.view(torch.int16) + 1).view(torch.bfloat16)  # the next pattern of bits
    return Rounding(weight, step, exact.item(), exact.to(torch.bfloat16).item(), above.item())
