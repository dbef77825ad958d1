"""The optimizers of pre-training, and the learning rate at each step."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

BETAS = (0.9, 0.98)  # a shorter memory than the default, as RoBERTa has it (Liu et al. 2019)


def make_optimizers(
    model: nn.Module, *, optimizer: str, learning_rate: float, weight_decay: float
) -> tuple[torch.optim.Optimizer, ...]:
    """Make what changes the weights.

    "adamw" is one AdamW for all. "muon" gives the encoder's matrices to Muon, which makes the
    singular values of every step alike (Jordan et al. 2024), scaled so that AdamW's learning
    rates fit (Liu et al. 2025); embeddings, heads, norms and biases stay with AdamW.

    Args:
        model: its parameters are trained.
        optimizer: "adamw" or "muon".
        learning_rate: the peak, the same for both.
        weight_decay: for weights with two dimensions.
    """
    named = list(model.named_parameters())
    matrices = [w for name, w in named if w.ndim == 2 and ".encoder.layer." in f".{name}"]
    for_muon = {id(weight) for weight in matrices} if optimizer == "muon" else set()
    rest = [weight for _, weight in named if id(weight) not in for_muon]
    adamw = torch.optim.AdamW(
        _groups(rest, weight_decay), lr=learning_rate, betas=BETAS, fused=True
    )
    if not for_muon:
        return (adamw,)
    muon = torch.optim.Muon(
        matrices, lr=learning_rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    return adamw, muon


def _groups(weights: Iterable[nn.Parameter], weight_decay: float) -> list[dict[str, object]]:
    """Biases and norms are not pulled towards zero."""
    weights = list(weights)
    return [
        {"params": [w for w in weights if w.ndim >= 2], "weight_decay": weight_decay},
        {"params": [w for w in weights if w.ndim < 2], "weight_decay": 0.0},
    ]


def set_rate(optimizers: Iterable[torch.optim.Optimizer], rate: float) -> None:
    """Set the learning rate of the coming step."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate


def rate_at(step: int, *, peak: float, steps: int, warm_up: float) -> float:
    """Tell the learning rate of a step: up in a line, then down in a line towards 0.

    peak 1.0, steps 100, warm_up 0.1: step 0 -> 0.1, step 9 -> 1.0, step 55 -> 0.5
    """
    rising = max(1, round(steps * warm_up))
    if step < rising:
        return peak * (step + 1) / rising
    return peak * max(0.0, (steps - step) / max(1, steps - rising))
