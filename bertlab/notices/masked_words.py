"""What there is to notice about a model's answers for the blanks of one sentence."""

import math
from collections.abc import Sequence

import numpy as np

from bertlab.masked_lm import Blank

SURE = 0.5  # more than half of all belief on one answer
TIMES_CHANCE = 20  # an answer at least this many times its share under a uniform guess stands out
UNSURE_AT_MOST = 0.1  # of one answer


def masked_notices(blanks: Sequence[Blank], vocabulary: int) -> tuple[str, ...]:
    """Say what is true of these answers; with nothing clear, say nothing.

    Args:
        blanks: What `predict_blanks` returned.
        vocabulary: The number of tokens that share the probability.
    """
    found = [sentence for blank in blanks[:4] for sentence in _of_blank(blank, vocabulary)]
    return tuple(found)


def moved_notice(
    distances: np.ndarray, tokens: Sequence[str], most: int, blank: int, rank: int
) -> str:
    """Say where a change has arrived after the last layer: at the blank most of all, or not.

    Args:
        distances: (token,), cosine distances after the last layer.
        tokens: Of the first sentence.
        most: The position of the unchanged token that moved most.
        blank: The blank's position.
        rank: The blank's rank among the unchanged tokens; 0 where it was changed itself.
    """
    far = (
        f"“{tokens[most]}” ({most}) is moved most of all unchanged tokens, by {distances[most]:.3f}"
    )
    if most == blank:
        return f"After the last layer the blank {far}."
    place = f"the blank ({blank}) by {distances[blank]:.3f}" + (
        f", as number {rank}" if rank else ""
    )
    return f"After the last layer {far}; {place}."


def _of_blank(blank: Blank, vocabulary: int) -> list[str]:
    best = blank.predictions[0]
    place = f"At position {blank.position}"
    found = []
    if best.probability > SURE:
        found.append(f"{place} more than half of the belief goes to “{best.token}”.")
    elif TIMES_CHANCE / vocabulary < best.probability <= UNSURE_AT_MOST:
        found.append(
            f"{place} the model is unsure: its best answer “{best.token}” has only "
            f"{best.probability:.1%}, yet a blind guess would have {1 / vocabulary:.3%}."
        )
    if blank.original and blank.original.rank <= 5 and _stands_out(blank, vocabulary):
        found.append(
            f"{place} the hidden word “{blank.original.token}” is answer number "
            f"{blank.original.rank}, with {blank.original.probability:.1%}."
        )
    elif blank.original and blank.original.rank > 100:
        found.append(
            f"{place} the hidden word “{blank.original.token}” comes only at rank "
            f"{blank.original.rank:,} of {vocabulary:,}."
        )
    return found


def _stands_out(blank: Blank, vocabulary: int) -> bool:
    """Whether the hidden word's probability is far above a blind guess."""
    assert blank.original is not None
    return math.log(blank.original.probability * vocabulary + 1e-12) > math.log(TIMES_CHANCE)
