"""What there is to notice about a head for pairs, once it is shown to have learned anything."""

from collections.abc import Sequence

from bertlab.inspection.next_sentence import Question
from bertlab.inspection.pair_experiment import KindResult

CLEAR = 0.2  # of pass shares: further apart than this is a difference ...
ALIKE = 0.1  # ... and at most this far apart is none
CLEAR_MEAN = 0.1  # of mean probabilities: shares alone jump where all answers lie near 50 %
MOVED = 0.2  # of one pair's probability


def has_learned(results: Sequence[KindResult]) -> bool:
    """Whether the head tells pairs of a story from any others, clearly and by more than chance.

    100 pairs in a row of which 69 pass against 30 with a B of another kind of text: 39 points
    apart, so it has. For 100 pairs each, 20 points are about three standard errors.
    """
    follows, swapped, story, topic = results
    return any(_is_clear(follows, other) for other in (swapped, story, topic))


def experiment_notices(results: Sequence[KindResult], question: Question) -> tuple[str, ...]:
    """Say what the head goes by on these pairs, or how many of each kind pass."""
    if not has_learned(results):
        return (
            f"{_counts(results)} Looked for and not found: pairs in a row that pass more often "
            f"than another kind, by {CLEAR:.0%} of the pairs and {100 * CLEAR_MEAN:.0f} points of "
            "the mean answer.",
        )
    follows, swapped, story, topic = results
    found = []
    if _is_clear(follows, topic):
        found.append(
            f"The head tells texts apart: {_of(follows)} pairs in a row pass, {_of(topic)} with a "
            "B of another kind of text."
        )
    if _is_clear(follows, swapped):
        found.append(
            f"The order counts: {_of(follows)} pairs in order pass, swapped only {_of(swapped)}."
        )
    elif abs(_gap(follows, swapped)) <= ALIKE and question == "next sentence":
        found.append(
            f"The order hardly counts: {_of(swapped)} swapped pairs pass, {_of(follows)} in "
            "order. A swapped pair was never among BERT's wrong ones; those had a random B."
        )
    if _is_clear(story, topic):
        found.append(
            f"The kind of text counts: a random B of the same village passes {_of(story)} times, "
            f"one of another kind of text {_of(topic)} times. Both are random sentences. Topic, "
            "register and the texts' source differ together, so these numbers do not say which."
        )
    return tuple(found) or (_counts(results),)


def _counts(results: Sequence[KindResult]) -> str:
    """How many pairs of each kind pass: bare numbers, true of any head."""
    follows, swapped, story, topic = results
    return (
        f"Passed by the head: {_of(follows)} pairs in a row, {_of(swapped)} swapped ones, "
        f"{_of(story)} with a B of another story, {_of(topic)} with a B on another topic."
    )


def change_notices(answers: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    """Say which change moves one pair's probability by at least 20 points, or what each does.

    (("as typed", 0.99), ("Swapped", 0.98), ("With a random B", 0.4)) names the third alone.

    Args:
        answers: Names and probabilities in 0..1; the first is what the others are held against.
    """
    (_, typed), *others = answers
    moved = tuple(
        f"{name}: {p:.1%} instead of {typed:.1%}, {100 * abs(p - typed):.0f} points "
        f"{'less' if p < typed else 'more'}."
        for name, p in others
        if round(abs(p - typed), 9) >= MOVED
    )
    if moved:
        return moved
    count = "The one change" if len(others) == 1 else f"None of the {len(others)} changes"
    verb = "does not move" if len(others) == 1 else "moves"
    return (f"{count} {verb} the answer by {100 * MOVED:.0f} points. {answer_numbers(answers)}",)


def answer_numbers(answers: Sequence[tuple[str, float]]) -> str:
    """The answers of one pair and its changes: bare numbers, true of any head."""
    return "; ".join(f"{name}: {p:.1%}" for name, p in answers) + "."


def _is_clear(high: KindResult, low: KindResult) -> bool:
    return _gap(high, low) >= CLEAR and high.mean - low.mean >= CLEAR_MEAN


def _gap(high: KindResult, low: KindResult) -> float:
    return round(high.pass_share - low.pass_share, 9)  # 0.8 - 0.7 is a little more than 0.1


def _of(result: KindResult) -> str:
    return f"{result.passed} of {len(result.pairs)}"
