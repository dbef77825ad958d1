"""What becomes of the answer when heads, or whole layers, are taken out of one forward pass.

Nothing is changed in the weights: a hook puts something else in the place of what a head made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from bertlab.errors import InputError
from bertlab.inspection.trace import Trace, run_trace
from bertlab.models.hooks import layer_hooks
from bertlab.models.modules import ModelParts, find_parts
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.inspection.ablation.head_means import HeadMeans
    from bertlab.models import LoadedModel

Head = tuple[int, int]  # layer, head
Kind = Literal["zero", "mean"]


@dataclass(frozen=True)
class Ablation:
    """What is taken out.

    A head makes a context: its weighted values, d columns of what W^O is given (Vaswani et al.
    2017, section 3.2.2). A head that is off gives zeros there, or its mean. With all heads of a
    layer at zero, the layer's attention adds the bias of W^O alone; its feed-forward part goes
    on. A skipped layer does nothing at all: what comes out is what went in.

    `Ablation(frozenset({(0, 1)}), kind="mean")` puts head 0.1 at its mean.

    Attributes:
        heads: The (layer, head) that are off.
        skipped: Layers that are left out whole, attention and feed-forward.
        kind: What stands in a head's place: "zero" (Michel et al. 2019), or "mean": the same
            vector for every token and every sentence, so that it tells nothing of this one.
    """

    heads: frozenset[Head] = frozenset()
    skipped: frozenset[int] = frozenset()
    kind: Kind = "zero"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is taken out."""
        return not self.heads and not self.skipped


def run_ablated(
    loaded: LoadedModel,
    encoded: EncodedInput,
    ablation: Ablation,
    *,
    masked: Sequence[int] = (),
    means: HeadMeans | None = None,
) -> Trace:
    """Run the model once with some heads off: the trace is of what then happened.

    `run_ablated(loaded, encoded, Ablation(frozenset({(0, 1)})), masked=[3]).logits` are the scores
    without head 0.1. Attention weights of a head that is off stay in the trace: they were computed,
    only what they gathered did not arrive.

    Args:
        loaded: The model; it stays as it is.
        encoded: One input without padding.
        ablation: What to take out.
        masked: Positions to put the mask token at.
        means: From `head_means`; needed where `ablation.kind` is "mean".

    Raises:
        InputError: There is no such head or layer, or the means are missing; and as `run_trace`.
    """
    parts = find_parts(loaded.model)
    _check(ablation, len(parts.layers), loaded.config.num_attention_heads)
    off = heads_mask(loaded, [ablation.heads])
    instead = replacement(loaded, ablation.kind, means)
    with loaded.lock, replaced_heads(parts, off, instead), skipping(parts, ablation.skipped):
        return run_trace(loaded, encoded, masked=masked)


@contextmanager
def replaced_heads(parts: ModelParts, off: Tensor, instead: Tensor) -> Iterator[None]:
    """Put something else in the place of what heads made, in every forward pass of the block.

    Hold the model's lock.

    Args:
        parts: Of the model.
        off: bool (layers, rows, hidden): which columns of the context are replaced, for each row
            of the batch on its own; one row stands for all.
        instead: float32 (layers, hidden): what they are replaced by.
    """

    def change(layer: int, context: Tensor) -> Tensor:  # (rows, token, hidden)
        return torch.where(off[layer][:, None, :], instead[layer], context)

    modules = [part.attention_output for part in parts.layers]
    with layer_hooks(modules, before=change):
        yield


@contextmanager
def skipping(parts: ModelParts, layers: frozenset[int]) -> Iterator[None]:
    """Leave whole layers out: each gives back what it was given. Hold the model's lock."""
    given: dict[int, Tensor] = {}

    def keep(layer: int, hidden: Tensor) -> None:
        if layer in layers:
            given[layer] = hidden

    def put_back(layer: int, _: Tensor) -> Tensor | None:
        return given.pop(layer, None)

    queries = [part.query for part in parts.layers]
    results = [part.output_norm for part in parts.layers]
    with layer_hooks(queries, before=keep), layer_hooks(results, after=put_back):
        yield


def heads_mask(loaded: LoadedModel, rows: Sequence[frozenset[Head]]) -> Tensor:
    """Mark the columns of the context that belong to heads.

    In a model with two heads of width 2, `heads_mask(loaded, [{(0, 1)}])[0, 0]` is [no, no, yes,
    yes].

    Args:
        loaded: The model.
        rows: The heads that are off, for each row of a batch.

    Returns:
        bool (layers, rows, hidden), where the model is.
    """
    layers, heads = loaded.config.num_hidden_layers, loaded.config.num_attention_heads
    off = torch.zeros(layers, len(rows), heads, dtype=torch.bool)
    for row, chosen in enumerate(rows):
        for layer, head in chosen:
            off[layer, row, head] = True
    width = loaded.config.hidden_size // heads
    return off.repeat_interleave(width, dim=-1).to(loaded.device)


def replacement(loaded: LoadedModel, kind: Kind, means: HeadMeans | None) -> Tensor:
    """What stands in the place of heads that are off: float32 (layers, hidden).

    Raises:
        InputError: Means are asked for, and there are none.
    """
    if kind == "zero":
        shape = loaded.config.num_hidden_layers, loaded.config.hidden_size
        return torch.zeros(shape, device=loaded.device)
    if means is None:
        raise InputError("To put a head at its mean, compute the means first: head_means.")
    return torch.tensor(means.context, device=loaded.device)


def _check(ablation: Ablation, layers: int, heads: int) -> None:
    for layer, head in ablation.heads:
        if not (0 <= layer < layers and 0 <= head < heads):
            raise InputError(
                f"There is no head {layer}.{head}: layers go from 0 to {layers - 1}, heads from 0 "
                f"to {heads - 1}."
            )
    for layer in ablation.skipped:
        if not 0 <= layer < layers:
            raise InputError(f"There is no layer {layer}: layers go from 0 to {layers - 1}.")
