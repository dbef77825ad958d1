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
