"""How alike two tokens are at every depth, beside any two: vectors of one model all lean one way.

In many models two random tokens have a cosine far above 0 in the upper layers (anisotropy,
Ethayarajh 2019), so a cosine says something only beside that of random pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bertlab.errors import InputError
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.embeddings.vectors import hidden_states_of
from bertlab.tokenization.encoding import encode, position_offset_of

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

PAIRS = 1_000
MOST_SENTENCES = 64  # of the bundled ones; one batch of BERT-base takes half a second
LONGEST = 64  # tokens of each


@dataclass(frozen=True)
class Baseline:
    """The cosine of random pairs of tokens, each pair from two different sentences.

    Attributes:
        means: float64 (depth,).
        low, high: float64 (depth,): between them lie 95 % of the pairs.
        pairs: How many were drawn.
        sentences: From how many.
    """

    means: np.ndarray = field(repr=False)
    low: np.ndarray = field(repr=False)
    high: np.ndarray = field(repr=False)
    pairs: int
    sentences: int


def cosines_by_depth(hidden_states: np.ndarray, first: int, second: int) -> np.ndarray:
    """Compute the cosine similarity of two tokens at every depth.

    Vectors (1, 0) and (1, 1) at one depth: [0.71].

    Args:
        hidden_states: float (depth, token, hidden), as in a trace.
        first: One position.
        second: The other one; the same position gives 1.

    Returns:
        float64 (depth,), in -1..1.
    """
    return _cosines(hidden_states[:, first], hidden_states[:, second])


def random_baseline(
    loaded: LoadedModel,
    sentences: Sequence[Sentence],
    *,
    pairs: int = PAIRS,
    seed: int = 0,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Baseline:
    """Measure the cosine of random pairs of tokens, special tokens left out.

    `random_baseline(loaded, bundled_sentences("en")).means[-1]` is how alike any two tokens are
    after the last layer.

    Args:
        loaded: The model.
        sentences: At least two; the first `MOST_SENTENCES` are read.
        pairs: How many are drawn.
        seed: Of the draw.
        on_progress: Called with the number of sentences that are done.

    Raises:
        InputError: There are fewer than two sentences.
    """
    if len(sentences) < 2:
        raise InputError("Random pairs need at least two sentences.")
    offset = position_offset_of(loaded.config)
    limit = min(LONGEST, loaded.max_tokens)
    inputs = [
        encode(loaded.tokenizer, s.text, s.pair, max_length=limit, position_offset=offset)
        for s in sentences[:MOST_SENTENCES]
    ]
    states = hidden_states_of(loaded, inputs, on_progress=on_progress)
    kept = [
        hidden[:, [not is_special for is_special in encoded.is_special]]  # (depth, word, hidden)
        for hidden, encoded in zip(states, inputs, strict=True)
    ]
    owners = np.repeat(np.arange(len(kept)), [hidden.shape[1] for hidden in kept])
    vectors = np.concatenate(kept, axis=1)  # (depth, token, hidden)
    first, second = _draw_pairs(owners, pairs, seed)
    cosines = _cosines(vectors[:, first], vectors[:, second])  # (depth, pair)
    low, high = np.quantile(cosines, [0.025, 0.975], axis=1)
    return Baseline(cosines.mean(axis=1), low, high, len(first), len(inputs))


def _draw_pairs(owners: np.ndarray, pairs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw pairs of tokens that belong to different sentences; (pair,) each."""
    generator = np.random.default_rng(seed)
    first = generator.integers(len(owners), size=pairs)
    second = np.array([generator.choice(np.flatnonzero(owners != owners[i])) for i in first])
    return first, second


def _cosines(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(..., hidden) each -> (...), in float64."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    cosines: np.ndarray = (first * second).sum(axis=-1) / np.maximum(lengths, 1e-12)
    return cosines
