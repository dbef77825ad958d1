"""Two nearly equal sentences: what one changed word does to answers, attention and vectors.

The tokens of both are aligned; everything is then told in the first sentence's positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np

from bertlab.errors import InputError, ModelError
from bertlab.inspection.masked_lm import softmax
from bertlab.inspection.trace import Trace

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class ComparedAnswer:
    """One token's probability in each of two sentences; probabilities in 0..1."""

    token: str
    first: float
    second: float


@dataclass(frozen=True)
class Alignment:
    """Which token of the second sentence stands for which of the first.

    Attributes:
        pairs: (first, second) positions, both rising. Equal tokens, and changed ones where as
            many tokens took the place of as many.
        changed: Positions of the first sentence whose token is another one in the second.
        missing: Positions of the first sentence without a partner.
        added: Positions of the second sentence without a partner.
    """

    pairs: tuple[tuple[int, int], ...]
    changed: tuple[int, ...]
    missing: tuple[int, ...]
    added: tuple[int, ...]

    @property
    def first(self) -> list[int]:
        """The aligned positions of the first sentence."""
        return [pair[0] for pair in self.pairs]

    @property
    def second(self) -> list[int]:
        """Their partners in the second."""
        return [pair[1] for pair in self.pairs]

    @property
    def is_unchanged(self) -> bool:
        """Whether both sentences are the same."""
        return not (self.changed or self.missing or self.added)


def align_tokens(first: Sequence[object], second: Sequence[object]) -> Alignment:
    """Align two rows of tokens, or of their ids.

    "he is old" and "she is very old": he-she (changed), is-is, old-old. "a b c" and "x c": c-c
    alone, for which of "a b" is "x" cannot be told.
    """
    pairs: list[tuple[int, int]] = []
    changed: list[int] = []
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for kind, begin, end, other_begin, other_end in matcher.get_opcodes():
        if kind == "equal" or end - begin == other_end - other_begin:
            pairs += zip(range(begin, end), range(other_begin, other_end), strict=True)
            changed += range(begin, end) if kind == "replace" else ()
    missing = sorted(set(range(len(first))) - {position for position, _ in pairs})
    added = sorted(set(range(len(second))) - {position for _, position in pairs})
    return Alignment(tuple(pairs), tuple(changed), tuple(missing), tuple(added))


def attention_difference(first: np.ndarray, second: np.ndarray, alignment: Alignment) -> np.ndarray:
    """The second sentence's attention minus the first one's, where both have a weight.

    A weight of 0.2 that becomes 0.5 gives 0.3.

    Args:
        first: (..., query, key), weights in 0..1: one head, or (layers, heads, query, key).
        second: The same of the second sentence, with as many leading axes.
        alignment: Of both token rows.

    Returns:
        float32 (..., query, key) in -1..1, in the first sentence's positions; NaN where the
        query or the key has no partner.
    """
    rows, columns = np.ix_(alignment.first, alignment.first)
    other_rows, other_columns = np.ix_(alignment.second, alignment.second)
    difference = np.full(first.shape, np.nan, dtype=np.float32)
    difference[..., rows, columns] = (
        second[..., other_rows, other_columns] - first[..., rows, columns]
    )
    return difference


def head_changes(first: Trace, second: Trace, alignment: Alignment) -> np.ndarray:
    """How much each head's attention changes: the mean absolute difference of aligned weights.

    Returns:
        float32 (layers, heads), in 0..1; NaN where nothing is aligned.
    """
    if not alignment.pairs:
        return np.full(first.attention.shape[:2], np.nan, dtype=np.float32)
    layers = zip(first.attention, second.attention, strict=True)
    return np.stack(  # a layer at a time: 512 tokens in 12 x 12 heads are 151 MB
        [np.nanmean(np.abs(attention_difference(*pair, alignment)), axis=(1, 2)) for pair in layers]
    )


def cosine_distances(first: Trace, second: Trace, alignment: Alignment) -> np.ndarray:
    """How far a change has spread: each token's vector against its partner's, layer by layer.

    1 - (a . b) / (|a| |b|): 0 for the same direction, 1 for a right angle, 2 for the opposite.

    Returns:
        float32 (layers + 1, token of the first sentence); row 0 is the embeddings' output, NaN
        where a token has no partner.
    """
    one = first.hidden_states[:, alignment.first].astype(np.float64)  # (layers + 1, aligned, h)
    two = second.hidden_states[:, alignment.second].astype(np.float64)
    norms = np.linalg.norm(one, axis=-1) * np.linalg.norm(two, axis=-1)
    cosine = (one * two).sum(axis=-1) / np.maximum(norms, 1e-12)
    shape = first.hidden_states.shape[:2]
    distances = np.full(shape, np.nan, dtype=np.float32)
    distances[:, alignment.first] = np.clip(1 - cosine, 0, 2)
    return distances


def most_moved(distances: np.ndarray, alignment: Alignment, *, watched: int) -> tuple[int, int]:
    """Which unchanged token the change has moved most after the last layer, and the blank's rank.

    With distances 0.30 at token 3, 0.12 at the watched token 5 and 0.01 elsewhere: (3, 2).

    Args:
        distances: From `cosine_distances`.
        alignment: The pairs of tokens.
        watched: A position of the first sentence, such as the blank's.

    Returns:
        The position of the token that moved most, and the watched one's rank among all tokens
        that are the same in both sentences, counted from 1; 0 where it is none of them.
    """
    kept = [i for i in alignment.first if i not in set(alignment.changed)]
    order = sorted(kept, key=lambda i: -float(distances[-1, i]))
    return order[0], order.index(watched) + 1 if watched in order else 0


def mean_spread(distances: np.ndarray, alignment: Alignment) -> np.ndarray:
    """The mean distance of the tokens that are the same in both sentences, by layer.

    Returns:
        float32 (layers + 1,); NaN without such a token.
    """
    kept = [i for i in alignment.first if i not in set(alignment.changed)]
    if not kept:
        return np.full(len(distances), np.nan, dtype=np.float32)
    means: np.ndarray = distances[:, kept].mean(axis=1)
    return means


def compare_answers(
    loaded: LoadedModel, first: Trace, second: Trace, *, blank: int = 0, top_k: int = 5
) -> tuple[ComparedAnswer, ...]:
    """Put both sentences' best answers for a blank into one list, best first.

    For "he is a [MASK]." and "she is a [MASK]." it has every token that is among the `top_k` of
    either, with its probability in both.

    Args:
        loaded: The model of both traces.
        first: A trace with at least `blank + 1` masked positions.
        second: Another such trace.
        blank: Which blank, counted from 0 in the order of the sentence.
        top_k: How many of each sentence's best answers to take.

    Raises:
        ModelError: The model has no masked-LM head.
        InputError: One of the sentences has no such blank.
    """
    rows = [_probabilities(trace, blank) for trace in (first, second)]
    best = {int(i) for row in rows for i in np.argsort(-row, kind="stable")[:top_k]}
    order = sorted(best, key=lambda i: -max(row[i] for row in rows))
    names = [str(name) for name in loaded.tokenizer.convert_ids_to_tokens(order)]
    return tuple(
        ComparedAnswer(name, float(rows[0][i]), float(rows[1][i]))
        for name, i in zip(names, order, strict=True)
    )


def total_variation(first: Trace, second: Trace, *, blank: int = 0) -> float:
    """How far two answers lie apart: 0 the same, 1 nothing in common.

    Half the sum of the absolute differences over the whole vocabulary (total variation distance).
    """
    rows = [_probabilities(trace, blank) for trace in (first, second)]
    return float(np.abs(rows[0] - rows[1]).sum() / 2)


def _probabilities(trace: Trace, blank: int) -> np.ndarray:
    if trace.logits is None:
        raise ModelError("This model has no masked-LM head, so there are no answers to compare.")
    if blank >= len(trace.masked):
        raise InputError(
            f"One of the sentences has no blank number {blank + 1}. Mask a word in it, or type "
            "[MASK]."
        )
    return softmax(trace.logits[blank])  # (vocabulary,)
