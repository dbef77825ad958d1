"""What there is to notice about a model's answers for the blanks of one sentence."""

import math
from collections.abc import Sequence

import numpy as np

from bertlab.inspection.masked_lm import Blank, Prediction
from bertlab.inspection.minimal_pairs import ComparedAnswer

SURE = 0.5  # more than half of all belief on one answer
TIMES_CHANCE = 20  # an answer at least this many times its share under a uniform guess stands out
UNSURE_AT_MOST = 0.1  # of one answer


def masked_notices(blanks: Sequence[Blank], vocabulary: int) -> tuple[str, ...]:
    """Say how sure the model is of each blank, and where the hidden word stands.

    A best answer of 30 % is neither sure nor unsure: then its number is said, and the next one's.

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
    found = [_how_sure(blank, vocabulary)]
    if blank.original:
        found.append(_hidden_word(blank.position, blank.original, vocabulary))
    return found


def _how_sure(blank: Blank, vocabulary: int) -> str:
    best, *others = blank.predictions
    place, chance = f"At position {blank.position}", 1 / vocabulary
    if best.probability > SURE:
        return f"{place} more than half of the belief goes to “{best.token}”."
    if best.probability <= TIMES_CHANCE * chance:
        return (
            f"{place} no answer stands out: the best, “{best.token}”, has {best.probability:.3%}; "
            f"a blind guess would have {chance:.3%}."
        )
    if best.probability <= UNSURE_AT_MOST:
        return (
            f"{place} the model is unsure: its best answer “{best.token}” has only "
            f"{best.probability:.1%}, yet a blind guess would have {chance:.3%}."
        )
    following = f", the next, “{others[0].token}”, {others[0].probability:.1%}" if others else ""
    return (
        f"{place} no answer has more than half of the belief: the best, “{best.token}”, has "
        f"{best.probability:.1%}{following}."
    )


def _hidden_word(position: int, word: Prediction, vocabulary: int) -> str:
    place = f"At position {position} the hidden word “{word.token}”"
    if word.rank <= 5 and _stands_out(word, vocabulary):
        return f"{place} is answer number {word.rank}, with {word.probability:.1%}."
    if word.rank > 100:
        return f"{place} comes only at rank {word.rank:,} of {vocabulary:,}."
    return f"{place} has rank {word.rank} of {vocabulary:,}, with {word.probability:.2%}."


def _stands_out(word: Prediction, vocabulary: int) -> bool:
    """Whether a probability is far above a blind guess."""
    return math.log(word.probability * vocabulary + 1e-12) > math.log(TIMES_CHANCE)


def changed_word_notices(
    answers: Sequence[ComparedAnswer], changed: tuple[str, str] | None
) -> tuple[str, ...]:
    """Say what a nearly equal sentence does to the answers for the first blank, in numbers.

    "Swapping “loved” for “hated” moves “bad” most: from 1.2% to 3.4%. The first answer stays “good”
    (21.0%, then 20.1%)."

    Args:
        answers: From `compare_answers`.
        changed: What was changed, before and after; None where words came or went.
    """
    swap = f"Swapping “{changed[0]}” for “{changed[1]}”" if changed else "The second sentence"
    moved = max(answers, key=lambda answer: abs(answer.second - answer.first))
    first = max(answers, key=lambda answer: answer.first)
    second = max(answers, key=lambda answer: answer.second)
    stays = (
        f"The first answer stays “{first.token}” ({first.first:.1%}, then {first.second:.1%})."
        if first is second
        else f"The first answer was “{first.token}” ({first.first:.1%}, then {first.second:.1%}) "
        f"and is now “{second.token}” ({second.first:.1%}, then {second.second:.1%})."
    )
    return (
        f"{swap} moves “{moved.token}” most: from {moved.first:.1%} to {moved.second:.1%}. {stays}",
    )
