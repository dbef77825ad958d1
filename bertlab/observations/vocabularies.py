"""What there is to notice about vocabularies: counts of what the tokenizers did, by predicate."""

from __future__ import annotations

from collections.abc import Sequence

from bertlab.vocabularies.comparison import Cutting
from bertlab.vocabularies.explorer import Piece, Vocabulary, count_kinds
from bertlab.vocabularies.replay import State, candidates
from bertlab.vocabularies.training import VocabularyTraining

MUCH_UNKNOWN = 0.1  # of the tokens: a share worth a sentence
COMPARED = 100  # pieces that two rules learned first


def explorer_notices(
    vocabulary: Vocabulary, piece: Piece, longer: int, twin: Piece | None
) -> list[str]:
    """Say what a vocabulary is made of, and where a piece stands in it."""
    pieces, kinds = vocabulary.pieces, dict(count_kinds(vocabulary.pieces))
    found = []
    if inside := kinds.get("continuation"):
        found.append(
            f"{inside:,} of {len(pieces):,} pieces ({inside / len(pieces):.1%}) continue a word; "
            f"{kinds.get('single character', 0):,} are words of one character."
        )
    longest = max(pieces, key=lambda one: one.length)
    found.append(f"The longest piece has {longest.length} characters: “{longest.spelled}”.")
    if free := kinds.get("unused"):
        found.append(f"{free:,} places are kept free for whoever needs pieces of their own.")
    if lone := kinds.get("part of a character"):
        found.append(f"{lone:,} pieces are bytes that make no whole character by themselves.")
    if longer:
        found.append(f"{longer:,} longer pieces begin with “{piece.spelled}”.")
    if twin:
        found.append(
            f"“{piece.readable}” stands there twice, as “{piece.spelled}” (id {piece.id:,}) and as "
            f"“{twin.spelled}” (id {twin.id:,}): two pieces with a vector each."
        )
    return found


def training_notices(
    training: VocabularyTraining, others: Sequence[VocabularyTraining], start: State
) -> list[str]:
    """Say what a training did, and what the other rules would have done.

    Args:
        training: By the chosen rule.
        others: Of the same text, by the other rules.
        start: `replay(training, 0)`.
    """
    if not training.merges:
        return [_why_nothing(training)]
    first = training.merges[0].pair
    found = []
    if first.count == first.left_count or first.count == first.right_count:
        never, without = (
            (first.left, f"without “{first.right}” behind it")
            if first.count == first.left_count
            else (first.right, f"without “{first.left}” before it")
        )
        found.append(f"In this text “{never}” never stands {without}.")
    for other in others:
        rival = other.merges[0].pair
        if first.piece != rival.piece:
            rank = 1 + [one.piece for one in candidates(other, start)].index(first.piece)
            found.append(
                f"First by {_name(training)}: “{first.piece}” (together {first.count:,} times). By "
                f"{_name(other)} “{rival.piece}” is first ({rival.count:,} times), and "
                f"“{first.piece}” comes at rank {rank:,}."
            )
    shared = [sentence for other in others for sentence in _two_rules(training, other)]
    return [*found, *shared, _end(training)]


def _why_nothing(training: VocabularyTraining) -> str:
    if all(len(word) == 1 for word in training.words):
        return (
            f"Nothing can be merged: each of the {len(training.words):,} different words is a "
            "single character, so no two pieces ever stand side by side in a word."
        )
    return "Nothing can be merged: no two pieces stand side by side more than once."


def _two_rules(training: VocabularyTraining, other: VocabularyTraining) -> list[str]:
    """How many pieces are the same, and which rule shortens the text more, after as many merges."""
    same = min(COMPARED, len(training.merges), len(other.merges))
    ours, theirs = ({merge.pair.piece for merge in one.merges[:same]} for one in (training, other))
    lines = {one.rule: one.tokens_per_word()[same] for one in (training, other)}
    shared = (
        f"Of the first {same:,} pieces {_name(training)} and {_name(other)} share "
        f"{len(ours & theirs):,}."
    )
    if set(lines) == {"score", "frequency"} and lines["score"] > lines["frequency"]:
        return [
            shared,
            f"After {same:,} merges the count has brought the text down to "
            f"{lines['frequency']:.2f} tokens a word, the score to {lines['score']:.2f}: it asks "
            "who belongs together, not what saves most.",
        ]
    return [shared]


def _end(training: VocabularyTraining) -> str:
    made = {merge.pair.piece for merge in training.merges} | set(training.alphabet)
    whole = sum(word in made for word in training.words)
    return (
        f"In the end {whole:,} of {len(training.words):,} different words are pieces of their own."
    )


def _name(training: VocabularyTraining) -> str:
    return "count" if training.rule == "frequency" else training.rule


def comparison_notices(cuttings: Sequence[Cutting]) -> list[str]:
    """Say which vocabulary spends fewest and most tokens, and what is lost on the way.

    Only those that know the text are compared: a whole sentence may be one unknown token.
    """
    found = []
    knowing = [one for one in cuttings if one.unknown_share <= MUCH_UNKNOWN and one.tokens]
    low = min(knowing, key=lambda one: len(one.tokens), default=None)
    high = max(knowing, key=lambda one: len(one.tokens), default=None)
    if low and high and len(high.tokens) > len(low.tokens):
        found.append(
            f"{low.name} spends {len(low.tokens):,} tokens on this text, {high.name} "
            f"{len(high.tokens):,} ({len(high.tokens) / len(low.tokens):.1f} times as many)."
        )
    for one in cuttings:
        if one.unknown_share > MUCH_UNKNOWN:
            found.append(
                f"{one.unknown_share:.1%} of {one.name}'s tokens are unknown: what they stood for "
                "is gone."
            )
    exact = [one.name for one in cuttings if one.outcome == "exact"]
    if exact and len(exact) < len(cuttings):
        found.append(f"Decoding gives this very text back with {', '.join(exact)} alone.")
    elif not exact:
        found.append("With none of them does decoding give this very text back.")
    if not found:
        counts = sorted({len(one.tokens) for one in cuttings})
        found.append(
            f"Cut by {len(cuttings)} of these, the text has "
            f"{' or '.join(f'{count:,}' for count in counts)} tokens, and decoding gives it back."
        )
    return found
