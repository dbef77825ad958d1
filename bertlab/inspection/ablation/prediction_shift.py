"""What two passes over the same sentence say about one blank: the answers before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bertlab.errors import ModelError
from bertlab.inspection.masked_lm import softmax, why_no_blanks
from bertlab.inspection.minimal_pairs import ComparedAnswer
from bertlab.inspection.trace import Trace

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class Moved:
    """One blank before and after.

    Attributes:
        answers: The best ones of either pass and the watched word, the most probable first.
        watched: The word that is watched; it stands among `answers`, too.
        distance: Total variation distance over the whole vocabulary, in 0..1: the share of belief
            that went elsewhere.
    """

    answers: tuple[ComparedAnswer, ...]
    watched: ComparedAnswer
    distance: float

    @property
    def change(self) -> float:
        """Of the watched word: ln p after minus ln p before, in nats."""
        tiny = np.finfo(np.float64).tiny  # a probability may be rounded to 0
        return float(np.log(max(self.watched.second, tiny) / max(self.watched.first, tiny)))


def moved_answers(
    loaded: LoadedModel, before: Trace, after: Trace, *, position: int, word: int, top_k: int = 5
) -> Moved:
    """Put the best answers of two passes for one blank into one list.

    Args:
        loaded: The model of both traces.
        before: With all heads on.
        after: Of the same input, with some off.
        position: A masked position.
        word: The id of the token that is watched.
        top_k: How many of each pass's best answers to take.

    Raises:
        ModelError: The model has no masked-LM head.
    """
    rows = [_probabilities(loaded, trace, position) for trace in (before, after)]
    best = {int(i) for row in rows for i in np.argsort(-row, kind="stable")[:top_k]} | {word}
    order = sorted(best, key=lambda i: (-rows[0][i], i))
    names = [str(name) for name in loaded.tokenizer.convert_ids_to_tokens(order)]
    answers = tuple(
        ComparedAnswer(name, float(rows[0][i]), float(rows[1][i]))
        for name, i in zip(names, order, strict=True)
    )
    distance = float(np.abs(rows[0] - rows[1]).sum() / 2)
    return Moved(answers, answers[order.index(word)], distance)


def from_to(before: float, after: float) -> tuple[str, str]:
    """Write two probabilities with one decimal, or as many, up to three, as tell them apart.

    >>> from_to(0.034, 0.008), from_to(0.0005, 0.00048)
    (('3.4%', '0.8%'), ('0.050%', '0.048%'))
    """
    first = second = ""
    for decimals in (1, 2, 3):
        first, second = f"{before:.{decimals}%}", f"{after:.{decimals}%}"
        is_lost = any(float(text[:-1]) == 0 < p for p, text in ((before, first), (after, second)))
        if not is_lost and (before == after or first != second):
            break
    return first, second


def _probabilities(loaded: LoadedModel, trace: Trace, position: int) -> np.ndarray:
    if trace.logits is None:
        raise ModelError(why_no_blanks(loaded))
    return softmax(trace.logits[trace.masked.index(position)])  # (vocabulary,)
