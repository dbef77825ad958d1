"""What there is to notice about one tokenization."""

from bertlab.tokenization.encoding import EncodedInput
from bertlab.tokenization.wordpiece import WordPieceTrace


def tokenization_notices(encoded: EncodedInput, trace: WordPieceTrace | None) -> tuple[str, ...]:
    """Say what is true of this text's tokens, by count.

    "unaffable!" cut into un ##aff ##able ! gives "1 of 2 words had to be cut; ..." among others.
    """
    own = sum(not special for special in encoded.is_special)
    added = len(encoded.tokens) - own
    found = [
        f"{_count(own, 'token')} of your text and {_count(added, 'special one')} make "
        f"{len(encoded.tokens)}."
    ]
    return (*found, *(_trace_notices(trace) if trace else ()))


def _trace_notices(trace: WordPieceTrace) -> list[str]:
    words = [word for word in trace.words if not word.is_special]
    found = []
    cut = [word for word in words if len(word.pieces) > 1]
    unknown = [word.text[:20] for word in words if word.is_unknown]
    if cut:
        longest = max(cut, key=lambda word: len(word.pieces))
        found.append(
            f"{len(cut)} of {_count(len(words), 'word')} had to be cut; “{longest.text[:40]}” into "
            f"most pieces: {' '.join(longest.pieces[:12])}."
        )
    elif words and not unknown:
        found.append(f"Nothing had to be cut: {_count(len(words), 'word')}, all in the vocabulary.")
    if unknown:
        some = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
        found.append(f"Lost to the unknown token: {_count(len(unknown), 'word')} ({some}).")
    changes = sum(len(step.changes) for step in trace.steps)
    if changes:
        places = _count(changes, "place")
        found.append(f"Normalization changed the text at {places} before anything was looked up.")
    failed = sum(not attempt.found for word in words for attempt in word.attempts)
    tried = sum(len(word.attempts) for word in words)
    if failed:
        found.append(f"Of {_count(tried, 'look-up')} {failed:,} failed.")
    return found


def _count(number: int, noun: str) -> str:
    """A number with its noun: "1 word", "1,200 words"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
