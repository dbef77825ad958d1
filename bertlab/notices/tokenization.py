"""What there is to notice about one tokenization."""

from bertlab.inputs import EncodedInput
from bertlab.wordpiece import WordPieceTrace


def tokenization_notices(encoded: EncodedInput, trace: WordPieceTrace | None) -> tuple[str, ...]:
    """Say what is true of this text's tokens, by count.

    "unaffable!" cut into un ##aff ##able ! gives "1 of 2 words is cut into pieces ..." .
    """
    own = sum(not special for special in encoded.is_special)
    added = len(encoded.tokens) - own
    found = [f"{own} tokens of your text and {added} special ones make {len(encoded.tokens)}."]
    return (*found, *(_trace_notices(trace) if trace else ()))


def _trace_notices(trace: WordPieceTrace) -> list[str]:
    words = [word for word in trace.words if not word.is_special]
    found = []
    cut = [word for word in words if len(word.pieces) > 1]
    if cut:
        longest = max(cut, key=lambda word: len(word.pieces))
        found.append(
            f"{len(cut)} of {len(words)} words had to be cut; “{longest.text[:40]}” into most "
            f"pieces: {' '.join(longest.pieces[:12])}."
        )
    elif words:
        found.append(f"All {len(words)} words stand in the vocabulary whole.")
    unknown = [word.text[:20] for word in words if word.is_unknown]
    if unknown:
        found.append(
            f"{len(unknown)} words are lost to the unknown token: {', '.join(unknown[:5])}."
        )
    changes = sum(len(step.changes) for step in trace.steps)
    if changes:
        found.append(f"Normalization changed {changes} characters before anything was looked up.")
    failed = sum(not attempt.found for word in words for attempt in word.attempts)
    tried = sum(len(word.attempts) for word in words)
    if failed:
        found.append(f"{tried} look-ups were made and {failed} of them failed.")
    return found
