"""The optimizer of fine-tuning and its learning rates: AdamW with warm-up and linear decay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bertlab.finetuning.strategies.layer_groups import depth_of
from bertlab.finetuning.strategies.strategies import rate_share_at
from bertlab.training.schedule import rate_share
from bertlab.training.state import TrainingState

WEIGHT_DECAY = 0.01


@dataclass
class FineTuningState(TrainingState):
    """All that changes while a classifier learns; together with the data it determines the rest.

    Args:
        model: called with a batch's inputs, returns an object with `.logits` (batch, labels).
        optimizer: AdamW over the weights that may change.
        schedule: sets the learning rate before each step.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler


def start_training(
    model: nn.Module,
    *,
    learning_rate: float,
    steps: int,
    layers: int = 0,
    layer_decay: float = 1.0,
    warm_up: float = 0.1,
) -> FineTuningState:
    """Set up AdamW and the schedule for the weights that may change.

    Args:
        model: its parameters with `requires_grad` are trained.
        learning_rate: the peak, which the head takes.
        steps: optimizer steps of the whole run.
        layers: how many the model has; needed with a decay alone.
        layer_decay: each layer takes this times the rate of the one above it.
        warm_up: share of the steps in which the rate rises.
    """
    # "fused" updates all weights in one pass over memory. AdamW corrects the bias of its
    # first steps, which small data needs (Mosbach et al. 2021).
    groups = weight_groups(model, learning_rate, layers=layers, layer_decay=layer_decay)
    optimizer = torch.optim.AdamW(groups, lr=learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: rate_share(step, steps, warm_up=warm_up)
    )
    return FineTuningState(model, optimizer, schedule)


def weight_groups(
    model: nn.Module, learning_rate: float, *, layers: int, layer_decay: float
) -> list[dict[str, Any]]:
    """Sort the weights that may change by learning rate and weight decay; the peak comes first.

    Biases and norms (one dimension) are not pulled towards zero.
    """
    found: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            share = rate_share_at(depth_of(name, layers), layers, layer_decay)
            decay = WEIGHT_DECAY if weight.ndim >= 2 else 0.0
            found.setdefault((learning_rate * share, decay), []).append(weight)
    return [
        {"params": weights, "lr": rate, "weight_decay": decay}
        for (rate, decay), weights in sorted(found.items(), key=lambda item: item[0], reverse=True)
    ]
