"""Attention rollout: attention followed through all layers down to the input."""

import numpy as np


def rollout(attention: np.ndarray) -> np.ndarray:
    """Follow attention from each layer's output back to the input tokens.

    Heads are averaged; half of each token stays where it is, as add & norm carries it on:
    A_hat = 0.5 A + 0.5 I, rows made to sum to 1 again. Rollout is the product of the layers so
    far: R_0 = A_hat_0, R_l = A_hat_l R_(l-1). Two tokens that each look at the other alone:
    A_hat_0 = [[0.5, 0.5], [0.5, 0.5]].

    It is an estimate of how much of each input token reaches a place; it knows nothing of values,
    of the feed-forward blocks, or of what a head's output is good for.

    Abnar and Zuidema 2020, Quantifying Attention Flow in Transformers.

    Args:
        attention: (layers, heads, query, key); each row sums to 1.

    Returns:
        float64 (layers, token, input token), in 0..1; each row sums to 1.
    """
    mixed = _with_the_rest(attention)
    followed = [mixed[0]]
    for layer in mixed[1:]:
        followed.append(layer @ followed[-1])  # (token, input token)
    return np.stack(followed)


def rollout_of(attention: np.ndarray, token: int) -> np.ndarray:
    """The rows of one token, `rollout(attention)[:, token]`, without the product of whole layers.

    Args:
        attention: (layers, heads, query, key); each row sums to 1.
        token: Its position.

    Returns:
        float64 (layers, input token); each row sums to 1.
    """
    mixed = _with_the_rest(attention)
    rows = []
    for top in range(len(mixed)):
        row = mixed[top, token]  # (input token,)
        for below in range(top - 1, -1, -1):
            row = row @ mixed[below]
        rows.append(row)
    return np.stack(rows)


def _with_the_rest(attention: np.ndarray) -> np.ndarray:
    """A_hat of every layer: (layers, query, key)."""
    mean = attention.mean(axis=1, dtype=np.float64)
    mixed = 0.5 * mean + 0.5 * np.eye(mean.shape[-1])
    shares: np.ndarray = mixed / mixed.sum(axis=-1, keepdims=True)
    return shares
