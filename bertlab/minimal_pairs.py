"""Two nearly equal sentences: what one changed word does to the answers for a blank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bertlab.errors import InputError, ModelError
from bertlab.masked_lm import softmax
from bertlab.trace import Trace

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class ComparedAnswer:
    """One token's probability in each of two sentences; probabilities in 0..1."""

    token: str
    first: float
    second: float


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
