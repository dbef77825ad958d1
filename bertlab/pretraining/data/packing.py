"""Sentence-aware packing: documents cut into the one- and two-segment inputs that BERT reads."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bertlab.pretraining.data.encoded import EncodedText

NO_PAIR, IS_NEXT, IS_RANDOM = -1, 0, 1  # transformers' ids: 0 means "B does follow A"
SHORT_SHARE = 0.1  # so many inputs aim at a random shorter length, as in BERT's own code
SHORTEST = 8
PAIR_MARKS, SINGLE_MARKS = 3, 2  # [CLS] A [SEP] B [SEP]; [CLS] A [SEP]

Examples = npt.NDArray[np.int64]  # (examples, 5): A's begin and end, B's begin and end, label


@dataclass(frozen=True)
class _Offsets:
    """A text's offsets as plain lists, which a Python loop reads much faster than arrays."""

    sentences: list[int]
    documents: list[int]


def pack(
    text: EncodedText,
    documents: npt.NDArray[np.int64],
    *,
    max_length: int,
    pair_share: float,
    rng: random.Random,
) -> Examples:
    """Cut documents into examples of whole sentences, half of the pairs with a foreign B.

    Consecutive sentences are taken until `max_length` is reached. As one segment they are an
    example by themselves; as a pair they are split between two sentences, and in half of the
    pairs B is replaced by sentences from another document (Devlin et al. 2019, appendix A.2);
    what B had been is then used again. A pair that is too long loses the beginning of A and the
    end of B; a sentence that is too long alone is cut into pieces.

    Args:
        text: the encoded text.
        documents: int64, which of its documents, in this order.
        max_length: tokens of an input with its special tokens, at least 8.
        pair_share: how many inputs are pairs where a document allows it, 0 to 1.
        rng: fixes every choice.

    Returns:
        int64 (examples, 5): begin and end of A and of B in `text.ids` (for a single segment B is
        empty), and the label: 0 B follows A, 1 B is random, -1 single segment, no label.
    """
    offsets = _Offsets(text.sentences.tolist(), text.documents.tolist())
    rows: list[tuple[int, int, int, int, int]] = []
    for document in documents.tolist():
        at, last = offsets.documents[document], offsets.documents[document + 1]
        while at < last:
            if last - at > 1 and len(text) > 1 and rng.random() < pair_share:
                room = _aim(max_length - PAIR_MARKS, rng)
                row, at = _pair(offsets, document, at, last, room, rng)
                rows.append(row)
            else:
                room = _aim(max_length - SINGLE_MARKS, rng)
                end = _fill(offsets.sentences, at, last, room)
                rows += _pieces(offsets.sentences[at], offsets.sentences[end], room)
                at = end
    return np.array(rows, dtype=np.int64).reshape(-1, 5)


def _aim(room: int, rng: random.Random) -> int:
    """The length to fill: mostly all the room, now and then less."""
    is_short = rng.random() < SHORT_SHARE and room > SHORTEST
    return rng.randint(SHORTEST, room) if is_short else room


def _fill(sentences: list[int], at: int, last: int, room: int) -> int:
    """The end of the sentences from `at` on that fit together; at least one."""
    end = at + 1
    while end < last and sentences[end + 1] - sentences[at] <= room:
        end += 1
    return end


def _pieces(begin: int, end: int, room: int) -> list[tuple[int, int, int, int, int]]:
    """One segment, or several where a single sentence is longer than the room."""
    starts = range(begin, end, room)
    return [(start, min(start + room, end), 0, 0, NO_PAIR) for start in starts]


def _pair(
    offsets: _Offsets, document: int, at: int, last: int, room: int, rng: random.Random
) -> tuple[tuple[int, int, int, int, int], int]:
    """Two segments, and the first sentence that was not used.

    A true B and a random one are filled by the same rule, so that their lengths do not give the
    answer away.
    """
    sentences = offsets.sentences
    end = max(_fill(sentences, at, last, room), at + 2)
    middle = rng.randint(at + 1, end - 1)
    a_length = sentences[middle] - sentences[at]
    is_random = rng.random() < 0.5
    b_at, b_last = _foreign(offsets, document, rng) if is_random else (middle, last)
    b_end = _fill(sentences, b_at, b_last, room - a_length)
    a_kept, b_kept = _trim(a_length, sentences[b_end] - sentences[b_at], room)
    a_end, b_begin = sentences[middle], sentences[b_at]
    row = (a_end - a_kept, a_end, b_begin, b_begin + b_kept, IS_RANDOM if is_random else IS_NEXT)
    return row, middle if is_random else b_end


def _foreign(offsets: _Offsets, document: int, rng: random.Random) -> tuple[int, int]:
    """A random sentence outside a document, and the end of its own document.

    Every sentence is as likely, so that short documents come as often as they do for a true B.
    """
    first, last = offsets.documents[document], offsets.documents[document + 1]
    at = rng.randrange(offsets.documents[-1] - (last - first))
    at += (last - first) * (at >= first)
    return at, offsets.documents[bisect_right(offsets.documents, at)]


def _trim(first: int, second: int, room: int) -> tuple[int, int]:
    """Shorten two lengths to the room, the longer one first.

    _trim(40, 10, 30) -> (20, 10); _trim(40, 40, 30) -> (15, 15)
    """
    half = room // 2
    if first + second <= room:
        return first, second
    if first <= half:
        return first, room - first
    if second <= room - half:
        return room - second, second
    return half, room - half
