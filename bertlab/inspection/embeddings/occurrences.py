"""One word in many sentences: a vector for each, at every depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bertlab.errors import InputError
from bertlab.inspection.embeddings.vectors import hidden_states_of
from bertlab.tokenization.chinese import is_han
from bertlab.tokenization.encoding import EncodedInput, encode, position_offset_of

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

LONGEST = 128  # tokens of one sentence that are read; the word must stand among them


@dataclass(frozen=True)
class Occurrences:
    """A word where it was found.

    Attributes:
        word: As it was asked for.
        found: Indices of the sentences that hold it, in order.
        pieces: For each of them, the tokens that the word became there.
        vectors: float32 (layers + 1, found, hidden): the mean of its pieces' hidden states; depth
            0 is the embedding's output.
    """

    word: str
    found: tuple[int, ...]
    pieces: tuple[tuple[str, ...], ...]
    vectors: np.ndarray = field(repr=False)


def find_occurrences(
    loaded: LoadedModel,
    word: str,
    sentences: Sequence[str],
    *,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Occurrences:
    """Read a word's vectors in every sentence that holds it; its first place in each counts.

    "bank" in ["The bank closed.", "No.", "A river bank."] is found in 0 and 2; `vectors` is then
    (layers + 1, 2, hidden).

    Args:
        loaded: The model.
        word: Looked for without regard to case; of a word in letters, "bank" is not in "banks".
        sentences: Any number; of each at most `LONGEST` tokens are read.
        on_progress: Called with the number of sentences that are done.

    Raises:
        InputError: The word is empty, or no sentence holds it.
    """
    if not word.strip():
        raise InputError("There is no word to look for. Type one.")
    held = list(_held(loaded, word.strip(), sentences))
    if not held:
        raise InputError(f"None of the sentences holds the word “{word.strip()[:40]}”.")
    states = hidden_states_of(loaded, [e for _, e, _ in held], on_progress=on_progress)
    means = [
        hidden[:, positions].mean(axis=1)  # (layers + 1, hidden)
        for hidden, (_, _, positions) in zip(states, held, strict=True)
    ]
    return Occurrences(
        word=word.strip(),
        found=tuple(index for index, _, _ in held),
        pieces=tuple(tuple(e.tokens[p] for p in positions) for _, e, positions in held),
        vectors=np.stack(means, axis=1),  # (layers + 1, found, hidden)
    )


def _held(
    loaded: LoadedModel, word: str, sentences: Sequence[str]
) -> Iterator[tuple[int, EncodedInput, list[int]]]:
    """Each sentence that holds the word: its index, its tokens, and where the word's pieces are."""
    limit = min(LONGEST, loaded.max_tokens)
    offset = position_offset_of(loaded.config)
    for index, text in enumerate(sentences):
        if (place := find_word(text, word)) is None:
            continue
        encoded = encode(loaded.tokenizer, text, max_length=limit, position_offset=offset)
        if positions := covering(encoded, *place):
            yield index, encoded, positions


def find_word(text: str, word: str) -> tuple[int, int] | None:
    """Find a word's first place in a text, in characters; None where it is not.

    >>> find_word("Banks bank here", "bank"), find_word("买苹果", "苹果"), find_word("ban", "a")
    ((6, 10), (1, 3), None)
    """
    left = r"(?<!\w)" if _needs_edge(word[0]) else ""
    right = r"(?!\w)" if _needs_edge(word[-1]) else ""
    match = re.search(f"{left}{re.escape(word)}{right}", text, re.IGNORECASE)
    return match.span() if match else None


def covering(encoded: EncodedInput, start: int, end: int) -> list[int]:
    """Tell which tokens cover a stretch of the text: some of "banks" covers all of its pieces."""
    return [
        position
        for position, (first, last) in enumerate(encoded.offsets)
        if not encoded.is_added[position] and first < end and last > start
    ]


def _needs_edge(character: str) -> bool:
    """Whether a word beginning or ending so must stand apart; Chinese is written without gaps."""
    return character.isalnum() and not is_han(character)
