"""What a mistake costs by its class, so that a rare class is not simply given up."""

from __future__ import annotations

import torch
from torch import Tensor


def balanced_weights(labels: Tensor, count: int) -> Tensor:
    """Weigh each class by examples / (classes that occur * examples of it).

    labels [0, 0, 0, 1], 2 classes -> [4 / (2 * 3), 4 / (2 * 1)] = [0.667, 2.0]: every class adds
    up to the same, and the mean over the examples is 1. It is what scikit-learn calls "balanced"
    (King and Zeng 2001). A class without examples gets 1.

    Args:
        labels: int64 (examples,), label ids of the training part.
        count: labels there are.

    Returns:
        float32 (count,).
    """
    found = torch.bincount(labels, minlength=count).float()  # (count,)
    occurring = (found > 0).sum()
    weights = len(labels) / (occurring * found.clamp(min=1))
    return torch.where(found > 0, weights, torch.ones(count))


def positive_weights(targets: Tensor) -> Tensor:
    """Weigh missing a label by how rarely it is there: texts without it / texts with it.

    targets [[1, 0], [0, 0], [0, 0], [1, 1]] -> [2 / 2, 3 / 1] = [1.0, 3.0]; it is `pos_weight` of
    torch's binary cross-entropy. A label without examples gets 1.

    Args:
        targets: 0 or 1, float32 (examples, labels).

    Returns:
        float32 (labels,).
    """
    found = targets.sum(0)  # (labels,)
    weights = (len(targets) - found) / found.clamp(min=1)
    return torch.where((found > 0) & (weights > 0), weights, torch.ones_like(found))
