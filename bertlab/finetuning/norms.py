"""Where learning happens: how long the gradients and the weights of each part are."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn
from torch.nn.utils import get_total_norm

from bertlab.finetuning.depths import by_depth

POINTS = 100  # how often they are measured in a run


@dataclass(frozen=True)
class Norms:
    """Euclidean lengths by depth, from the embeddings up to the head.

    Args:
        gradients: of each part's gradient, before it is clipped; 0 where it does not learn.
        weights: of each part's weights.
    """

    gradients: tuple[float, ...]
    weights: tuple[float, ...]


def measure_norms(model: nn.Module, layers: int) -> Norms:
    """Measure a model between backward pass and step: a part with gradient (3, 4) has 5.

    Args:
        model: with the gradients of a batch.
        layers: how many it has.
    """
    parts = by_depth(model, layers)
    return Norms(
        gradients=tuple(
            float(get_total_norm([w.grad for w in weights if w.grad is not None]))
            for weights in parts.values()
        ),
        weights=tuple(
            float(get_total_norm([weight.detach() for weight in weights]))
            for weights in parts.values()
        ),
    )
