"""How spread out attention is, layer by layer, over many inputs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bertlab.inspection.heads.measures import Measured


@dataclass(frozen=True)
class LayerEntropy:
    """Attention entropy over heads and inputs.

    Attributes:
        nats: float64 (layers,): the mean, in nats.
        share: float64 (layers,): the mean share of ln(tokens), the most there can be: 0 where each
            token looks at one, 1 where all weights are even. Sentences of any length compare.
        low, high: float64 (layers,): between them lie 80 % of all heads and inputs, as shares.
        by_head: float64 (layers, heads): each head's mean share.
    """

    nats: np.ndarray = field(repr=False)
    share: np.ndarray = field(repr=False)
    low: np.ndarray = field(repr=False)
    high: np.ndarray = field(repr=False)
    by_head: np.ndarray = field(repr=False)


def entropy_by_layer(measured: Sequence[Measured]) -> LayerEntropy:
    """Average the entropy of attention over heads and inputs.

    Two inputs of three tokens, one with even weights (ln 3 = 1.099 nats), one that looks at single
    tokens (0 nats): nats 0.549, share 0.5.
    """
    nats = np.stack([one.entropy for one in measured])  # (inputs, layers, heads)
    most = np.log([one.targets.tokens for one in measured])  # (inputs,); 3 tokens at least
    shares = nats / most[:, None, None]
    low, high = np.quantile(shares, (0.1, 0.9), axis=(0, 2))  # (layers,) each
    return LayerEntropy(nats.mean((0, 2)), shares.mean((0, 2)), low, high, shares.mean(0))
