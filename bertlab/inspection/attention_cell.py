"""How does one attention weight come about? One query, one key, every number on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bertlab.errors import InputError
from bertlab.inspection.masked_lm import softmax
from bertlab.inspection.trace import Trace

MANY_KEYS = 20  # so many rows can be read; of a longer input the strongest are shown


@dataclass(frozen=True)
class AttentionCell:
    """One cell of one head's attention, computed anew from what the hooks saw, in float64.

    Attributes:
        layer, head, query, key: Which cell; all counted from 0.
        q: (d,): the query's vector in this head, d wide.
        k: (d,): the key's vector.
        products: (d,): q * k, number by number.
        dot: Their sum, q . k.
        score: dot / sqrt(d).
        scores: (key,): the same with every key of the input.
        weights: (key,): softmax(scores); each in 0..1, together 1.
        weighted_values: (key, d): each key's value vector times its weight.
        context: (d,): their sum, what the head hands on for the query.
        weight_error: The largest difference between `weights` and the model's own row.
        context_error: The same of `context`.
    """

    layer: int
    head: int
    query: int
    key: int
    q: np.ndarray = field(repr=False)
    k: np.ndarray = field(repr=False)
    products: np.ndarray = field(repr=False)
    dot: float
    score: float
    scores: np.ndarray = field(repr=False)
    weights: np.ndarray = field(repr=False)
    weighted_values: np.ndarray = field(repr=False)
    context: np.ndarray = field(repr=False)
    weight_error: float
    context_error: float

    @property
    def head_size(self) -> int:
        """The width d of a query, a key or a value."""
        return len(self.q)

    @property
    def weight(self) -> float:
        """The weight of this cell, in 0..1."""
        return float(self.weights[self.key])

    @property
    def undivided(self) -> np.ndarray:
        """What the weights would be without the division: (key,), softmax(sqrt(d) * scores)."""
        return softmax(self.scores * np.sqrt(self.head_size))

    @property
    def lengths(self) -> np.ndarray:
        """The Euclidean length of each key's part of the context: (key,)."""
        lengths: np.ndarray = np.linalg.norm(self.weighted_values, axis=-1)
        return lengths


@dataclass(frozen=True)
class ShownKeys:
    """Which keys of a row are drawn.

    Attributes:
        positions: In the order of the input.
        hidden: All others.
    """

    positions: tuple[int, ...]
    hidden: tuple[int, ...]


def open_cell(trace: Trace, *, layer: int, head: int, query: int, key: int) -> AttentionCell:
    """Compute one attention weight step by step (Vaswani et al. 2017, section 3.2.1).

    With d = 4, q = (1, 0, 1, 0) and the keys (2, 0, 0, 0) and (0, 2, 0, 0) the products of the
    first cell are (2, 0, 0, 0), their sum is 2 and the score 2 / sqrt(4) = 1. The row of scores is
    (1, 0), so the weights are e / (e + 1) = 73.1 % and 26.9 %.

    Args:
        trace: A run with `is_opened=True`.
        layer: Of the cell, counted from 0, as all four.
        head: Of the layer.
        query: The position that looks.
        key: The position that is looked at.

    Raises:
        InputError: The trace was not opened, or there is no such cell.
    """
    blocks = trace.blocks
    if blocks is None:
        raise InputError("This run kept no queries and keys. Run it again with is_opened=True.")
    _check(trace, layer=layer, head=head, query=query, key=key)
    place = layer, head
    d = blocks.head_size
    q = blocks.query[*place, query].astype(np.float64)  # (d,)
    keys = blocks.key[place].astype(np.float64)  # (key, d)
    products = q * keys[key]  # (d,)
    dot = float(products.sum())
    scores = keys @ q / np.sqrt(d)  # (key,)
    weights = softmax(scores)  # (key,)
    weighted_values = weights[:, None] * blocks.value[place]  # (key, d)
    context = weighted_values.sum(axis=0)  # (d,)
    own = blocks.context[layer, query, head * d : (head + 1) * d]  # (d,)
    return AttentionCell(
        *(layer, head, query, key, q, keys[key], products, dot, dot / float(np.sqrt(d))),
        *(scores, weights, weighted_values, context),
        weight_error=float(np.abs(weights - trace.attention[*place, query]).max()),
        context_error=float(np.abs(context - own).max()),
    )


def sharing_head(trace: Trace) -> tuple[int, int]:
    """The (layer, head) whose rows are neither taken by one key nor even, so that all is seen.

    It is the one whose mean largest weight of a row is nearest to 1/2; of equals the first one.
    """
    largest = trace.attention.max(axis=-1).mean(axis=-1)  # (layers, heads)
    layer, head = np.unravel_index(np.abs(largest - 0.5).argmin(), largest.shape)
    return int(layer), int(head)


def strongest_keys(
    weights: np.ndarray, *, always: Sequence[int] = (), count: int = MANY_KEYS
) -> ShownKeys:
    """Choose the keys that can be drawn: all of a short input, the strongest of a long one.

    Weights (0.1, 0.6, 0.3) with a count of 2 give the positions (1, 2); with `always=[0]` they
    give (0, 1).

    Args:
        weights: (key,).
        always: Keys that are drawn, however weak.
        count: The most that are drawn.
    """
    ranked = sorted(range(len(weights)), key=lambda i: (i not in always, -weights[i], i))
    shown = tuple(sorted(ranked[:count]))
    return ShownKeys(shown, tuple(sorted(ranked[count:])))


def _check(trace: Trace, **places: int) -> None:
    tokens = len(trace.encoded.tokens)
    counts = {"layer": trace.layers, "head": trace.heads, "query": tokens, "key": tokens}
    for name, place in places.items():
        if not 0 <= place < counts[name]:
            raise InputError(f"There is no {name} {place}: they go from 0 to {counts[name] - 1}.")
