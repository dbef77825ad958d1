"""Position embeddings beyond those that were learned: the same turn, again and again."""

from __future__ import annotations

import torch
from torch import Tensor

EDGE = 2  # positions left out at each end: [CLS] has the first, few inputs reach the last
RANK = 24  # principal components that carry the order; the rest is noise


def continue_positions(weights: Tensor, learned: int) -> Tensor:
    """Set forth the learned position embeddings over all positions.

    Trained on short inputs, a BERT has learned its first position embeddings and left the
    others as random as they began. The learned ones turn: in their first principal components
    each is nearly the one before, rotated by one and the same rotation, as sinusoids are by
    construction (Vaswani et al. 2017, section 3.5). That rotation (orthogonal Procrustes:
    Schönemann 1966) continues them. What attends to the token before then finds it anywhere.

    60 points once around a circle as positions 2 to 61, learned 64 -> the others go round again

    Args:
        weights: float32 (positions, hidden), the position embeddings.
        learned: how many of them were learned, from the first on; at least 32.

    Returns:
        float32 (positions, hidden): the first `learned` - 2 as they were, then their
        continuation.
    """
    known = weights[EDGE : learned - EDGE]  # (n, hidden)
    mean = known.mean(0)
    components = torch.linalg.svd(known - mean, full_matrices=False).Vh[:RANK]  # (rank, hidden)
    path = (known - mean) @ components.T  # (n, rank)
    left, _, right = torch.linalg.svd(path[:-1].T @ path[1:])
    turn = left @ right  # (rank, rank): path[i] @ turn is about path[i + 1]
    longer, point = weights.clone(), path[-1]
    for position in range(learned - EDGE, len(weights)):
        point = point @ turn
        longer[position] = point @ components + mean
    return longer
