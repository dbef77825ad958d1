"""What is kept of one input's attention once it has been looked at: sums, not weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bertlab.inspection.batched_attention import attend_all
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.heads.targets import ROLES, Role, Targets, find_targets
from bertlab.tokenization.encoding import EncodedInput, encode, position_offset_of

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

LONGEST = 128  # tokens of one input; what is longer is cut
HeadWeights = np.ndarray  # (layers, heads, query, key)


@dataclass(frozen=True)
class Measured:
    """One input as all heads saw it. Everything is over the ordinary tokens as queries.

    Attributes:
        sentence: The input's text.
        targets: Where each role would look.
        sums: float64 (roles, layers, heads): weight on what the role asks for, summed over the
            queries that it has a place for.
        squares: float64 (roles, layers, heads): the squares of each query's weight there, summed.
        on_words: float64 (roles, layers, heads): weight of the same queries on ordinary tokens.
        asked: int (roles,): how many queries that are.
        by_offset: float32 (layers, heads, 2 tokens - 1): weight by key minus query, summed; entry
            d + tokens - 1 is of the offset d.
        by_position: float32 (layers, heads, tokens): weight by the key's position, summed.
        entropy: float64 (layers, heads): mean of -sum_j a[i, j] ln a[i, j] over i, in nats.
        is_cut: Whether the text was longer than `LONGEST` tokens or than the model reads.
    """

    sentence: Sentence
    targets: Targets = field(repr=False)
    sums: np.ndarray = field(repr=False)
    squares: np.ndarray = field(repr=False)
    on_words: np.ndarray = field(repr=False)
    asked: np.ndarray = field(repr=False)
    by_offset: np.ndarray = field(repr=False)
    by_position: np.ndarray = field(repr=False)
    entropy: np.ndarray = field(repr=False)
    is_cut: bool = False

    def share(self, role: Role, layer: int, head: int) -> float:
        """The share of a head's weight on what a role asks for, in 0..1; 0 where nobody asks."""
        number = ROLES.index(role)
        return float(self.sums[number, layer, head] / max(self.asked[number], 1))


def measure_all(
    loaded: LoadedModel, sentences: Sequence[Sentence]
) -> Iterator[tuple[int, Measured]]:
    """Run the model over many sentences and measure each, with the sentence's number.

    `dict(measure_all(loaded, bundled_sentences("en")))[0].sums.shape` is (7, layers, heads). A
    sentence without a single token of its own is left out.

    Args:
        loaded: The model; it stays as it is.
        sentences: Any number; each is cut at `LONGEST` tokens.
    """
    inputs = [encode_sentence(loaded, one) for one in sentences]
    for number, weights in attend_all(loaded, inputs):
        if not all(inputs[number].is_added):
            yield number, measure(weights, inputs[number], sentences[number])


def encode_sentence(loaded: LoadedModel, sentence: Sentence) -> EncodedInput:
    """Make the input that is measured: cut at `LONGEST` tokens or at the model's last position."""
    return encode(
        loaded.tokenizer,
        sentence.text,
        sentence.pair,
        max_length=min(LONGEST, loaded.max_tokens),
        position_offset=position_offset_of(loaded.config),
    )


def measure(weights: HeadWeights, encoded: EncodedInput, sentence: Sentence) -> Measured:
    """Measure what all heads do with one input.

    Even weights over "[CLS] a b [SEP]": [SEP] gets 0.25 from each of the two ordinary tokens, so
    of "sep" `sums` is 0.5 and `asked` 2.

    Args:
        weights: float32 (layers, heads, query, key); each row sums to 1.
        encoded: The input it was computed for.
        sentence: The input's text.
    """
    targets = find_targets(encoded, sentence)
    rows = weights.astype(np.float64) * targets.ordinary[:, None]  # (layers, heads, query, key)
    logarithms = np.log(np.where(rows > 0, rows, 1.0))  # 0 ln 0 is 0
    entropy = -(rows * logarithms).sum(axis=(2, 3)) / max(targets.ordinary.sum(), 1)
    return Measured(
        sentence=sentence,
        targets=targets,
        sums=targets.sum_wanted(rows),
        squares=targets.sum_squares(rows),
        on_words=targets.sum_on_words(rows),
        asked=targets.asked.sum(axis=-1),
        by_offset=_sum_by_offset(rows),
        by_position=rows.sum(axis=2).astype(np.float32),
        entropy=entropy,
        is_cut=bool(encoded.truncated),
    )


def _sum_by_offset(rows: HeadWeights) -> np.ndarray:
    """Sum each diagonal: (layers, heads, 2 tokens - 1)."""
    count = rows.shape[-1]
    offsets = range(1 - count, count)
    sums = [np.trace(rows, offset=d, axis1=2, axis2=3) for d in offsets]
    return np.stack(sums, axis=-1).astype(np.float32)
