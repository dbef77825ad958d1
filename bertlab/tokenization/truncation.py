"""Texts that are too long: how many tokens of each remain, and which."""

from collections.abc import Sequence
from typing import Any

from bertlab.errors import InputError

OVERLAP = 4  # a window shares a quarter of its tokens with the one before it
MOST_WINDOWS = 32  # of a text; of 128 tokens each they make some 3,000, what follows is not read


def encode_all(tokenizer: Any, texts: Sequence[str]) -> list[Any]:
    """Encode texts without special tokens, neither cut nor padded; objects of `tokenizers`."""
    backend = tokenizer.backend_tokenizer
    if backend.truncation or backend.padding:  # only a tokenizer that `models` did not load
        backend.no_truncation()
        backend.no_padding()
    encodings: list[Any] = backend.encode_batch(list(texts), add_special_tokens=False)
    return encodings


def kept_lengths(lengths: tuple[int, int], room: int, truncation: str) -> tuple[int, int]:
    """Say how many tokens of each text remain: (7, 3) in 6, longest first -> (3, 3).

    The rule for "longest_first" is that of the library `tokenizers`: the shorter text stays whole
    while it takes no more than half; an odd place goes to the longer text, or to the second.
    """
    first, second = lengths
    excess = first + second - room
    if excess <= 0:
        return lengths
    if room < 0:
        raise InputError("The limit leaves no room beside the special tokens. Raise max_length.")
    if truncation == "only_first":
        return _enough(first - excess, "first"), second
    if truncation == "only_second":
        return first, _enough(second - excess, "second")
    short = min(first, second, room // 2)
    return (room - short, short) if first > second else (short, room - short)


def _enough(kept: int, name: str) -> int:
    if kept < 0:
        raise InputError(
            f"Cutting the {name} text alone is not enough: the other one is too long by itself. "
            f"Raise max_length by {-kept}, or cut the longest first."
        )
    return kept


def kept_places(count: int, room: int, kept: str) -> list[int]:
    """Say which tokens of a text remain: of 10 in 4 "head" 0-3, "tail" 6-9, "head+tail" 0, 7-9.

    Args:
        count: tokens of the text.
        room: most that remain.
        kept: see `encode_ids`.
    """
    if count <= room:
        return list(range(count))
    head = {"head": room, "tail": 0, "head+tail": room // 4}[kept]
    return [*range(head), *range(count - (room - head), count)]


def window_places(count: int, room: int) -> list[tuple[int, int]]:
    """Say where the windows of a text lie: 10 tokens in 4 -> (0, 4), (3, 7), (6, 10).

    Each shares a quarter with the one before it, so that what a border cuts is read whole once.

    Args:
        count: tokens of the text, special ones left out.
        room: most that a window takes.

    Returns:
        First token, and the one behind the last, of each window, at most `MOST_WINDOWS`.
    """
    if count <= room:
        return [(0, count)]
    step = max(1, room - room // OVERLAP)
    starts = range(0, count - room + step, step)[:MOST_WINDOWS]
    return [(start, min(start + room, count)) for start in starts]
