"""What there is to notice about one draw of the masking game."""

import math
from collections.abc import Sequence

from bertlab.masking_game import Asked, mean_loss
from bertlab.pretraining.masking import KEPT, REPLACED_BY_MASK, REPLACED_BY_RANDOM

SURE = 0.5  # more than half of all belief
TIMES_CHANCE = 20  # a probability at least this many times a blind guess's stands out


def game_notices(asked: Sequence[Asked], vocabulary: int) -> list[str]:
    """Say what is true of these answers; what any weights would show is said as a bare number.

    Args:
        asked: What `masking_game.play` returned.
        vocabulary: The number of tokens that share the probability.
    """
    found = [
        f"The mean loss of this draw is {mean_loss(asked):.3f}; a blind guess among "
        f"{vocabulary:,} pieces would have ln {vocabulary:,} = {math.log(vocabulary):.3f}."
    ]
    found += [sentence for kind in (REPLACED_BY_MASK, REPLACED_BY_RANDOM, KEPT)
              for sentence in _of_kind(asked, kind, vocabulary)]  # fmt: skip
    worst = max(asked, key=lambda one: one.loss)
    if len(asked) > 1 and worst.loss > sum(one.loss for one in asked) / 2:
        found.append(
            f"More than half of the sum comes from position {worst.position}: “{worst.original}” "
            f"got {worst.probability:.2%}."
        )
    return found


def _of_kind(asked: Sequence[Asked], kind: int, vocabulary: int) -> list[str]:
    """Where answers of one kind stand out, say how many, by its best example."""
    right = [one for one in asked if one.kind == kind and _stands_out(one, vocabulary)]
    if not right:
        return []
    best = max(right, key=lambda one: one.probability)
    words = {
        REPLACED_BY_MASK: f"Behind [MASK] at position {best.position} it finds",
        REPLACED_BY_RANDOM: f"It is not fooled by the random “{best.seen}” at position "
        f"{best.position}: its best answer is",
        KEPT: f"At position {best.position} nothing was hidden, and it believes the piece that it "
        "sees:",
    }
    return [f"{words[kind]} “{best.original}” with {best.probability:.1%}."]


def _stands_out(one: Asked, vocabulary: int) -> bool:
    """Whether the original is the best answer, far above a blind guess."""
    return one.rank == 1 and one.probability > TIMES_CHANCE / vocabulary
