"""The optimizers of pre-training, and the learning rate at each step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from bertlab.pretraining.model import paces
from bertlab.training.schedule import rate_share

BETAS = (0.9, 0.98)  # a shorter memory than the default, as RoBERTa has it (Liu et al. 2019)


def make_optimizers(
    model: nn.Module,
    *,
    optimizer: str,
    learning_rate: float,
    weight_decay: float,
    rates: Mapping[str, float] | None = None,
    layer_decay: float = 1.0,
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
        rates: of parts, see `parts.paces`.
        layer_decay: likewise.
    """
    pace = paces(model, learning_rate=learning_rate, rates=rates or {}, layer_decay=layer_decay)
    named = list(model.named_parameters())
    matrices = [name for name, w in named if w.ndim == 2 and ".encoder.layer." in f".{name}"]
    for_muon = set(matrices) if optimizer == "muon" else set()
    rest = [(name, weight) for name, weight in named if name not in for_muon]
    adamw = torch.optim.AdamW(
        _groups(rest, pace, weight_decay), lr=learning_rate, betas=BETAS, fused=True
    )
    if not for_muon:
        return (adamw,)
    muon = torch.optim.Muon(
        _groups([one for one in named if one[0] in for_muon], pace, weight_decay),
        lr=learning_rate,
        adjust_lr_fn="match_rms_adamw",
    )
    return adamw, muon


def _groups(
    named: Iterable[tuple[str, nn.Parameter]], pace: Mapping[str, float], weight_decay: float
) -> list[dict[str, Any]]:
    """Weights of one pace together; biases and norms apart: they are not pulled towards zero."""
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, weight in named:
        groups.setdefault((-pace[name], weight.ndim < 2), []).append(weight)
    return [
        {"params": groups[key], "weight_decay": 0.0 if key[1] else weight_decay, "pace": -key[0]}
        for key in sorted(groups)
    ]


def set_rate(optimizers: Iterable[torch.optim.Optimizer], rate: float) -> None:
    """Set the learning rate of the coming step: every group has its own pace."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("pace", 1.0)  # older checkpoints have none


def rate_share_at(step: int, steps: int, *, warm_up: float, first: int = 0) -> float:
    """Tell the share of the peak learning rate at a step, see `schedule.rate_share`.

    Args:
        step: counted from 0.
        steps: of the whole run.
        warm_up: share of the steps in which it rises.
        first: so many steps at the beginning have a rise and a fall of their own; the others
            then rise again (Gupta et al. 2023).
    """
    begin, end = (0, first) if step < first else (first, steps)
    return rate_share(step - begin, end - begin, warm_up=warm_up)
