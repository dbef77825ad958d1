"""The way of one token through the whole model, block by block, each with its check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bertlab.errors import InputError
from bertlab.inspection.masked_lm import Prediction, softmax
from bertlab.inspection.token_path.mixing import Attend, FeedForward
from bertlab.inspection.token_path.mlm_head import encoder_activation, open_head
from bertlab.inspection.token_path.operations import (
    Affine,
    Linear,
    Lookup,
    Norm,
    Operation,
    Part,
    Softmax,
    Spelling,
    Sum,
)
from bertlab.inspection.trace import Trace
from bertlab.models.modules import LayerParts, ModelParts, find_parts

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

# float32 keeps seven digits; a sum of thousands of products loses one or two of them.
TOLERANCE = 2e-5  # of the largest number of a vector, or of 1 where all are smaller


@dataclass(frozen=True)
class PathBlock:
    """One block on the way.

    Attributes:
        name: As in an address: "words", "l2.attention", "head.logits".
        kind: The part behind the layer: "attention".
        title: For people: "Attention".
        layer: Counted from 0; None outside the layers.
        shape: Of the whole tensor of which this token's vector is a row.
        axes: What the shape counts: ("token", "hidden").
        operation: What happens here, with its numbers.
    """

    name: str
    kind: str
    title: str
    layer: int | None
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    operation: Operation = field(repr=False)

    @property
    def values(self) -> np.ndarray:
        """What leaves the block for this token, (width,)."""
        return self.operation.steps()[-1].shown

    @property
    def group(self) -> str:
        """What it is drawn with: "embeddings", "layer 2" or "head"."""
        if self.layer is not None:
            return f"layer {self.layer}"
        return "head" if self.name.startswith("head.") else "embeddings"


@dataclass(frozen=True)
class BlockCheck:
    """Whether what a block shows can be put together again from its parts.

    Attributes:
        deviation: The largest absolute difference of all the block's numbers.
        allowed: How far rounding in float32 may lead.
        steps: What was computed again.
    """

    deviation: float
    allowed: float
    steps: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        """Whether the numbers agree; what is not a number does not."""
        return self.deviation <= self.allowed


@dataclass(frozen=True)
class TokenPath:
    """All blocks that one token goes through.

    Attributes:
        position: The token's.
        tokens: All tokens as the model reads them, masks included.
        blocks: From the piece to the last thing the model computes.
        shares_layers: Whether all layers have the same weights (ALBERT).
        is_masked: Whether the token is masked, so that its answer is what the model was taught.
    """

    position: int
    tokens: tuple[str, ...]
    blocks: tuple[PathBlock, ...]
    shares_layers: bool
    is_masked: bool

    def __getitem__(self, name: str) -> PathBlock:
        """The block of a name: `path["l2.attention"]`; KeyError where there is none."""
        for block in self.blocks:
            if block.name == name:
                return block
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in the order of the path."""
        return tuple(block.name for block in self.blocks)

    @property
    def has_head(self) -> bool:
        """Whether the path goes on to an answer."""
        return self.blocks[-1].group == "head"


def check_block(block: PathBlock) -> BlockCheck:
    """Put a block's numbers together again and measure how far they are from the model's.

    A sum of [1, 2] and [3, 4] shown as [4, 6.5] deviates by 0.5 and is not met. Every step is
    measured against its own size, `TOLERANCE` times its largest number; the step that comes
    nearest to its limit, or breaks it, speaks for the block.
    """
    measured = []
    for step in block.operation.steps():
        size = max(1.0, float(np.abs(step.shown).max()))
        deviation = float(np.abs(step.shown - step.recombined).max())
        measured.append((deviation, TOLERANCE * size, step.name))
    worst = max(measured, key=lambda m: np.inf if np.isnan(m[0]) else m[0] / m[1])
    return BlockCheck(worst[0], worst[1], tuple(name for _, _, name in measured))


def follow_token(loaded: LoadedModel, trace: Trace, position: int) -> TokenPath:
    """Follow one token through an opened trace.

    `follow_token(loaded, trace, 3)["l0.attention"].values` is what layer 0's attention gave
    token 3: float32 (hidden,).

    Args:
        loaded: The model of the trace.
        trace: From `run_trace(..., is_opened=True)`.
        position: Which token.

    Raises:
        InputError: The trace was not opened, or has no such token.
    """
    if trace.blocks is None:
        raise InputError("This trace holds no blocks: run it with is_opened=True.")
    if not 0 <= position < len(trace.token_ids):
        last = len(trace.token_ids) - 1
        raise InputError(f"There is no token {position}: positions go from 0 to {last}.")
    parts = find_parts(loaded.model)
    names = loaded.tokenizer.convert_ids_to_tokens(list(trace.token_ids))
    walk = _Walk(loaded, trace, position, parts, tuple(map(str, names)))
    blocks = [*walk.embeddings()]
    for layer, layer_parts in enumerate(parts.layers):
        blocks += walk.layer(layer, layer_parts)
    if loaded.has_mlm_head:
        blocks += walk.head()
    is_masked = position in trace.masked
    return TokenPath(position, walk.tokens, tuple(blocks), parts.shares_layers, is_masked)


def path_answers(loaded: LoadedModel, path: TokenPath, *, top_k: int = 5) -> tuple[Prediction, ...]:
    """What the path ends in: the most probable pieces, best first; () without a masked-LM head."""
    if not path.has_head:
        return ()
    shares = path["head.probabilities"].values  # (vocabulary,)
    best = [int(i) for i in np.argsort(-shares, kind="stable")[:top_k]]
    pieces = map(str, loaded.tokenizer.convert_ids_to_tokens(best))
    return tuple(
        Prediction(piece, token_id, float(shares[token_id]), rank)
        for rank, (piece, token_id) in enumerate(zip(pieces, best, strict=True), start=1)
    )


@dataclass(frozen=True)
class _Walk:
    """One token of one trace; each method walks through one group of blocks."""

    loaded: LoadedModel
    trace: Trace
    position: int
    parts: ModelParts
    tokens: tuple[str, ...]

    @property
    def seen(self) -> Any:
        return self.trace.blocks

    def block(
        self, name: str, title: str, width: int, operation: Operation, *, axis: str = "hidden"
    ) -> PathBlock:
        group, _, kind = name.rpartition(".")
        layer = int(group[1:]) if group.startswith("l") else None
        shape = (len(self.tokens), width)
        return PathBlock(name, kind, title, layer, shape, ("token", axis), operation)

    def embeddings(self) -> Iterator[PathBlock]:
        i, seen, tables = self.position, self.seen, self.parts.embeddings
        yield self._piece()
        width, axis = seen.words.shape[-1], "embedding"
        encoded = self.trace.encoded
        rows = [
            ("words", "Word embedding", "word", tables.words, self.trace.token_ids[i], seen.words),
            ("positions", "Position embedding", "position", tables.positions,
             encoded.position_ids[i], seen.positions),
        ]  # fmt: skip
        if tables.token_types is not None:
            row, name = encoded.token_type_ids[i], "segments"
            table, made = tables.token_types, seen.token_types
            rows.append((name, "Segment embedding", "segment", table, row, made))
        for name, title, _, table, row, made in rows:
            lookup = Lookup(row, _array(table.weight), made[i if len(made) > 1 else 0])
            yield self.block(name, title, width, lookup, axis=axis)
        added = tuple(Part(short, made[i]) for _, _, short, _, _, made in rows)
        total = seen.embedding_sum[i]
        yield self.block("sum", "Sum", width, Sum(added, total), axis=axis)
        norm = _norm(tables.norm, (Part("sum", total),), seen.embedding_norm[i])
        yield self.block("norm", "LayerNorm", width, norm, axis=axis)
        if tables.projection is not None:
            given, made = Part("embedding", seen.embedding_norm[i]), seen.projected[i]
            linear = Linear(given, _affine(tables.projection), made, symbol="h")
            yield self.block("projection", "Projection", len(made), linear)

    def _piece(self) -> PathBlock:
        piece, token_id = self.tokens[self.position], self.trace.token_ids[self.position]
        tokenizer: Any = self.loaded.tokenizer
        spelling = Spelling(piece, token_id, int(tokenizer.convert_tokens_to_ids(piece)))
        shape = (len(self.tokens),)
        return PathBlock("piece", "piece", "Piece", None, shape, ("token",), spelling)

    def layer(self, layer: int, parts: LayerParts) -> Iterator[PathBlock]:
        i, seen = self.position, self.seen
        before = (seen.projected if layer == 0 else self.trace.hidden_states[layer])[i]
        attended, middle = seen.attention_output[layer, i], seen.attention_norm[layer, i]
        fed, after = seen.feed_forward[layer, i], self.trace.hidden_states[layer + 1, i]
        came_in = Part("came in", before)
        width = len(before)
        yield self.block(
            f"l{layer}.attention", "Attention", width, self._attend(layer, parts, came_in)
        )
        norm = _norm(parts.attention_norm, (came_in, Part("attention", attended)), middle)
        yield self.block(f"l{layer}.attention_norm", "Add & norm", width, norm)
        between = Part("after attention", middle)
        feed = FeedForward(
            between, _affine(parts.intermediate), _affine(parts.output),
            encoder_activation(self.loaded), seen.intermediate[layer, i], fed,
        )  # fmt: skip
        yield self.block(f"l{layer}.feed_forward", "Feed-forward", width, feed)
        norm = _norm(parts.output_norm, (between, Part("feed-forward", fed)), after)
        yield self.block(f"l{layer}.output", "Add & norm", width, norm)

    def _attend(self, layer: int, parts: LayerParts, came_in: Part) -> Attend:
        i, seen = self.position, self.seen
        return Attend(
            given=came_in,
            to_query=_affine(parts.query),
            to_output=_affine(parts.attention_output),
            query=seen.query[layer, :, i],
            keys=seen.key[layer],
            values=seen.value[layer],
            weights=self.trace.attention[layer, :, i],
            context=seen.context[layer, i],
            shown=seen.attention_output[layer, i],
            tokens=self.tokens,
        )

    def head(self) -> Iterator[PathBlock]:
        trace, last = self.trace, self.trace.hidden_states[-1, self.position]
        head = open_head(self.loaded, last)
        given = Part("last hidden state", last)
        dense = Linear(given, _affine(head.dense), head.activated, head.activation, symbol="t")
        yield self.block("head.transform", "Transform", len(head.activated), dense)
        norm = _norm(head.norm, (Part("transformed", head.activated),), head.normed)
        yield self.block("head.norm", "LayerNorm", len(head.normed), norm)
        logits = head.logits
        if trace.logits is not None and self.position in trace.masked:  # of the pass itself
            logits = trace.logits[trace.masked.index(self.position)]
        normed, decoder = Part("after LayerNorm", head.normed), _affine(head.decoder)
        linear = Linear(normed, decoder, logits, symbol="z", counts="id")
        width, axis = len(logits), "vocabulary"
        yield self.block("head.logits", "Logits", width, linear, axis=axis)
        answer = Softmax(Part("logits", logits), softmax(logits))
        yield self.block("head.probabilities", "Probabilities", width, answer, axis=axis)


def _array(tensor: Any) -> np.ndarray:
    array: np.ndarray = tensor.detach().float().cpu().numpy()  # on a CPU no copy
    return array


def _affine(module: Any) -> Affine:
    return Affine(_array(module.weight), _array(module.bias))


def _norm(module: Any, inputs: tuple[Part, ...], shown: np.ndarray) -> Norm:
    return Norm(inputs, _array(module.weight), _array(module.bias), float(module.eps), shown)
