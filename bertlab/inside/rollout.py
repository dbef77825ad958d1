"""Attention followed through all layers."""

import numpy as np


def rollout(attention: np.ndarray) -> np.ndarray:
    """Multiply the attention of all layers up, each mixed half and half with staying put.

    A_hat = 0.5 mean over heads of A + 0.5 I; rollout of layer l = A_hat_l ... A_hat_0 (Abnar and
    Zuidema 2020, "Quantifying attention flow in transformers"). The half of I stands for the
    residual connection. One layer, one head, [[0, 1], [1, 0]] -> [[0.5, 0.5], [0.5, 0.5]].

    Args:
        attention: (layers, heads, query, key); each row sums to 1.

    Returns:
        float64 (layers, query, key); each row sums to 1: the share of layer l's token that, by
        attention alone, comes from each token of the input.
    """
    tokens = attention.shape[-1]
    mixed = 0.5 * attention.astype(np.float64).mean(axis=1) + 0.5 * np.eye(tokens)
    product = np.eye(tokens)
    layers = []
    for layer in mixed:  # (query, key)
        product = layer @ product
        layers.append(product)
    return np.stack(layers)
