"""Batches of about the same number of tokens, with inputs of similar length together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.data.packing import IS_RANDOM, NO_PAIR, PAIR_MARKS, SINGLE_MARKS, Examples

# So many batches are shuffled at random and sorted by length inside, as in fine-tuning.
POOL = 64


@dataclass(frozen=True)
class Marks:
    """The ids of the special tokens."""

    cls_id: int
    sep_id: int
    pad_id: int


@dataclass(frozen=True)
class Inputs:
    """A batch before masking.

    Args:
        ids: int64 (batch, tokens), [CLS] A [SEP] or [CLS] A [SEP] B [SEP], then padding.
        segments: int64 (batch, tokens): 0 for [CLS] A [SEP] and padding, 1 for B [SEP].
        attention_mask: int64 (batch, tokens): 0 for padding.
        may_mask: bool (batch, tokens): true for the tokens of A and B.
        places: int64 (batch, tokens), where each token stands in the corpus; -1 for the others.
        labels: int64 (batch,): 0 B follows A, 1 B is random, -1 no pair.
    """

    ids: npt.NDArray[np.int64]
    segments: npt.NDArray[np.int64]
    attention_mask: npt.NDArray[np.int64]
    may_mask: npt.NDArray[np.bool_]
    places: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]


def lengths_of(examples: Examples) -> npt.NDArray[np.int64]:
    """Tokens per example, special tokens included."""
    marks = np.where(examples[:, 4] == NO_PAIR, SINGLE_MARKS, PAIR_MARKS)
    lengths: npt.NDArray[np.int64] = (
        examples[:, 1] - examples[:, 0] + examples[:, 3] - examples[:, 2] + marks
    )
    return lengths


@dataclass(frozen=True)
class TokensRead:
    """What a model read, in tokens.

    Args:
        text: pieces of the text in its own order.
        random: pieces of second sentences that were drawn at random.
        marks: [CLS] and [SEP].
    """

    text: int
    random: int
    marks: int

    @property
    def total(self) -> int:
        """All tokens, padding left out."""
        return self.text + self.random + self.marks


def reading_of(examples: Examples) -> TokensRead:
    """Count what examples are made of.

    [CLS] 5 pieces [SEP] 4 random pieces [SEP] gives 5, 4 and 3.

    Args:
        examples: int64 (examples, 5), see `packing.pack`.
    """
    pieces = examples[:, 1] - examples[:, 0] + examples[:, 3] - examples[:, 2]  # (examples,)
    foreign = (examples[:, 3] - examples[:, 2])[examples[:, 4] == IS_RANDOM]
    marks = lengths_of(examples) - pieces
    return TokensRead(int(pieces.sum() - foreign.sum()), int(foreign.sum()), int(marks.sum()))


def cut_batches(
    examples: Examples, *, batch_tokens: int, rng: np.random.Generator
) -> list[npt.NDArray[np.int64]]:
    """Cut examples into batches of at most `batch_tokens` with padding, in random order.

    Lengths [9, 2, 8, 3], 18 tokens -> [[1, 3], [2, 0]] or the other way round

    Args:
        examples: int64 (examples, 5), see `packing.pack`.
        batch_tokens: longest example times number of examples; one example is always taken.
        rng: fixes the order.

    Returns:
        Row numbers of `examples`; every one exactly once.
    """
    if not len(examples):
        return []
    lengths = lengths_of(examples)
    order = rng.permutation(len(examples))
    pool = max(1, round(POOL * batch_tokens / max(1.0, float(lengths.mean()))))
    batches: list[npt.NDArray[np.int64]] = []
    for start in range(0, len(order), pool):
        near = order[start : start + pool]
        near = near[np.argsort(lengths[near], kind="stable")]
        batches += _cut(near, lengths[near], batch_tokens)
    return [batches[index] for index in rng.permutation(len(batches))]


def _cut(
    rows: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], batch_tokens: int
) -> list[npt.NDArray[np.int64]]:
    """Cut rows that are sorted by length where the longest one would burst the batch."""
    cuts, begin = [0], 0
    for at, length in enumerate(lengths.tolist()):
        if at > begin and (at - begin + 1) * length > batch_tokens:
            cuts.append(at)
            begin = at
    return [rows[a:b] for a, b in zip(cuts, [*cuts[1:], len(rows)], strict=True)]


def assemble(text: EncodedText, examples: Examples, marks: Marks) -> Inputs:
    """Put examples together as the model reads them, padded to the longest.

    Args:
        text: where the ids come from.
        examples: int64 (batch, 5), the rows of one batch.
        marks: the special tokens.
    """
    a_begin, a_end, b_begin, b_end, labels = examples.T[:, :, None]  # each (batch, 1)
    a_length, b_length = a_end - a_begin, b_end - b_begin
    lengths = lengths_of(examples)[:, None]  # (batch, 1)
    column = np.arange(int(lengths.max()))[None, :]  # (1, tokens)
    in_a = (column >= 1) & (column <= a_length)
    in_b = (column >= a_length + 2) & (column < a_length + 2 + b_length)
    places = np.where(in_a, a_begin + column - 1, -1)
    places = np.where(in_b, b_begin + column - a_length - 2, places)
    ids = np.where(column < lengths, marks.sep_id, marks.pad_id)  # what is left is [SEP]
    ids[:, 0] = marks.cls_id
    may_mask = in_a | in_b
    ids[may_mask] = text.ids[places[may_mask]]
    return Inputs(
        ids=ids,
        segments=((column > a_length + 1) & (column < lengths)).astype(np.int64),
        attention_mask=(column < lengths).astype(np.int64),
        may_mask=may_mask,
        places=places,
        labels=labels[:, 0],
    )
