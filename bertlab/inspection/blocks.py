"""What every block of a forward pass made: the numbers between two hidden states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from bertlab.models.hooks import layer_hooks
from bertlab.models.modules import ModelParts


@dataclass(frozen=True)
class Blocks:
    """The tensors of one forward pass, all float32, as hooks saw them.

    In formulas, for layer l with h = `hidden_states[l]` (Vaswani et al. 2017; Devlin et al. 2019):
    attention = softmax(query key^T / sqrt(head size)); context = attention value, heads side by
    side; attention_norm = LayerNorm(h + attention_output); `hidden_states[l + 1]` =
    LayerNorm(attention_norm + feed_forward).

    Attributes:
        words, positions: (token, embedding): each token's rows of both tables.
        token_types: The same of the segments; None in a model without them.
        embedding_sum: (token, embedding): their sum.
        embedding_norm: (token, embedding): after LayerNorm; `hidden_states[0]` unless projected.
        projected: (token, hidden): what goes into the first layer; the same as `embedding_norm`
            in all families but ALBERT and ELECTRA.
        query, key, value: (layers, heads, token, head size).
        context: (layers, token, hidden): the heads' weighted values side by side.
        attention_output: (layers, token, hidden): the heads mixed by W^O.
        attention_norm: (layers, token, hidden).
        intermediate: (layers, token, intermediate): after the activation.
        feed_forward: (layers, token, hidden): before add & norm.
    """

    words: np.ndarray = field(repr=False)
    positions: np.ndarray = field(repr=False)
    token_types: np.ndarray | None = field(repr=False)
    embedding_sum: np.ndarray = field(repr=False)
    embedding_norm: np.ndarray = field(repr=False)
    projected: np.ndarray = field(repr=False)
    query: np.ndarray = field(repr=False)
    key: np.ndarray = field(repr=False)
    value: np.ndarray = field(repr=False)
    context: np.ndarray = field(repr=False)
    attention_output: np.ndarray = field(repr=False)
    attention_norm: np.ndarray = field(repr=False)
    intermediate: np.ndarray = field(repr=False)
    feed_forward: np.ndarray = field(repr=False)

    @property
    def head_size(self) -> int:
        """The width d of one head's queries, keys and values."""
        return int(self.query.shape[-1])


@contextmanager
def recorded_blocks(parts: ModelParts, heads: int) -> Iterator[Callable[[], Blocks]]:
    """Record one forward pass of one input.

    `with recorded_blocks(parts, 4) as blocks: model(...)`, then `blocks().query`.

    Args:
        parts: Of the model; hold its lock.
        heads: How many heads a layer has.
    """
    seen: dict[str, list[Tensor]] = {}

    def keep(name: str) -> Callable[[int, Tensor], None]:
        return lambda _, tensor: seen.setdefault(name, []).append(tensor[0])

    layers, tables = parts.layers, parts.embeddings
    with ExitStack() as stack:
        for name in ("query", "key", "value", "attention_output", "attention_norm"):
            modules = [getattr(layer, name) for layer in layers]
            stack.enter_context(layer_hooks(modules, after=keep(name)))
        dense = [layer.attention_output for layer in layers]
        stack.enter_context(layer_hooks(dense, before=keep("context")))
        output = [layer.output for layer in layers]
        stack.enter_context(
            layer_hooks(output, before=keep("intermediate"), after=keep("feed_forward"))
        )
        for name in ("words", "positions", "token_types", "projection"):
            if (table := getattr(tables, name)) is not None:
                stack.enter_context(layer_hooks([table], after=keep(name)))
        norm = layer_hooks([tables.norm], before=keep("sum"), after=keep("norm"))
        stack.enter_context(norm)
        yield lambda: _gather(seen, heads)


def _gather(seen: dict[str, list[Tensor]], heads: int) -> Blocks:
    only = {name: _to_numpy(tensors[0]) for name, tensors in seen.items() if len(tensors) == 1}
    every = {name: _to_numpy(torch.stack(tensors)) for name, tensors in seen.items()}
    query, key, value = (_by_head(every[name], heads) for name in ("query", "key", "value"))
    token_count = len(only["words"])
    return Blocks(
        words=only["words"],
        positions=np.broadcast_to(only["positions"], (token_count, only["positions"].shape[-1])),
        token_types=only.get("token_types"),
        embedding_sum=only["sum"],
        embedding_norm=only["norm"],
        projected=only.get("projection", only["norm"]),
        query=query,
        key=key,
        value=value,
        context=every["context"],
        attention_output=every["attention_output"],
        attention_norm=every["attention_norm"],
        intermediate=every["intermediate"],
        feed_forward=every["feed_forward"],
    )


def _by_head(tensor: np.ndarray, heads: int) -> np.ndarray:
    """(layers, token, hidden) -> (layers, heads, token, head size)."""
    layers, tokens, hidden = tensor.shape
    return tensor.reshape(layers, tokens, heads, hidden // heads).transpose(0, 2, 1, 3)


def _to_numpy(tensor: Tensor) -> np.ndarray:
    return tensor.float().cpu().numpy()
