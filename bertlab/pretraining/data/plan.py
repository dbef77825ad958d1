"""The whole run's batches, decided before its first step."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bertlab.errors import InputError
from bertlab.pretraining.data.batches import cut_batches
from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.data.packing import Examples, pack
from bertlab.pretraining.settings import Stage

ROUNDS = 10  # stretches of a run in which all sources are mixed anew


@dataclass(frozen=True)
class BatchPlan:
    """Which examples are seen at which step.

    Args:
        examples: int64 (examples, 5), see `packing.pack`, batch behind batch.
        starts: int64 (steps + 1,), where each step's batch begins in `examples`, and the end.
    """

    examples: Examples
    starts: npt.NDArray[np.int64]

    @property
    def steps(self) -> int:
        """Count the steps of the run."""
        return len(self.starts) - 1

    def batch(self, step: int) -> Examples:
        """Take the examples of a step, int64 (batch, 5)."""
        return self.examples[self.starts[step] : self.starts[step + 1]]


def make_plan(
    texts: Sequence[EncodedText],
    passes: Sequence[float],
    stages: Sequence[Stage],
    *,
    pair_share: float,
    batch_tokens: int,
    seed: int,
) -> BatchPlan:
    """Decide what is read when; the same arguments give the same plan.

    The run is cut into ten rounds. In each, every source gives its share of documents: of one
    with 2.5 passes, a quarter of all in each round, so that it comes around two and a half
    times. Offsets in the result are those of the joined texts (`encoded.join_texts`).

    Args:
        texts: the sources.
        passes: for each source, how often its documents are read.
        stages: maximum lengths, in their order.
        pair_share: see `packing.pack`.
        batch_tokens: see `batches.cut_batches`.
        seed: fixes every choice.

    Raises:
        InputError: there is nothing to read.
    """
    examples: list[Examples] = []
    sizes: list[int] = []
    for number, (begin, end, max_length) in enumerate(_rounds(stages)):
        rows, offset = [], 0
        for index, (text, count) in enumerate(zip(texts, passes, strict=True)):
            documents = _turn(len(text), count * begin, count * end, seed=(seed, index))
            rng = random.Random(f"{seed} {number} {index}")
            packed = pack(text, documents, max_length=max_length, pair_share=pair_share, rng=rng)
            packed[:, :4] += np.where(packed[:, :4].any(axis=1, keepdims=True), offset, 0)
            rows.append(packed)
            offset += len(text.ids)
        found = np.concatenate(rows)
        shuffle = np.random.default_rng((seed, number))
        batches = cut_batches(found, batch_tokens=batch_tokens, rng=shuffle)
        examples += [found[batch] for batch in batches]
        sizes += [len(batch) for batch in batches]
    if not sizes:
        raise InputError("The text gives no examples: it is empty, or its passes are too few.")
    return BatchPlan(np.concatenate(examples), np.cumsum([0, *sizes]))


def _rounds(stages: Sequence[Stage]) -> list[tuple[float, float, int]]:
    """Begin and end as shares of the run, and the maximum length, of every round."""
    rounds, begin = [], 0.0
    for stage in stages:
        count = max(1, round(stage.share * ROUNDS))
        edges = begin + stage.share * np.arange(count + 1) / count
        rounds += [(float(a), float(b), stage.max_length) for a, b in pairwise(edges)]
        begin += stage.share
    return rounds


def _turn(
    documents: int, begin: float, end: float, *, seed: tuple[int, ...]
) -> npt.NDArray[np.int64]:
    """The documents between two points of a walk that shuffles anew at every pass.

    4 documents, from pass 0.5 to pass 1.25: the last two of the first order, the first of the
    second.
    """
    first, last = round(begin * documents), round(end * documents)
    numbers = range(first // documents, -(-last // documents)) if documents else range(0)
    orders = [np.random.default_rng((*seed, number)).permutation(documents) for number in numbers]
    walk = np.concatenate([np.zeros(0, dtype=np.int64), *orders])
    skipped = numbers.start * documents
    return walk[first - skipped : last - skipped]
