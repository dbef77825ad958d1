"""MinHash: short sketches of texts, by which those that share most of their pieces are found.

Broder, "On the resemblance and containment of documents", 1997. Two texts have one number of their
sketches in common with just the probability that is the Jaccard similarity of their n-grams.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

HASHES, BAND = 120, 6  # 20 bands of 6: a pair of similarity 0.8 is missed once in 400 times
WORTH_COMPARING = 0.65  # of equal numbers: 4 standard deviations below 0.8
CHUNK = 1_000_000  # characters hashed at a time: some 20 MB

Sketches = npt.NDArray[np.uint32]  # (texts, HASHES)
Pairs = npt.NDArray[np.int64]  # (pairs, 2): places in the list of texts, the smaller one first

_RANDOM = np.random.default_rng(1997)  # fixed, so that the same texts give the same sketches
_FACTORS = _RANDOM.integers(0, 2**31, HASHES, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
_SHIFTS = _RANDOM.integers(0, 2**32, HASHES, dtype=np.uint32)
_MIX = _RANDOM.integers(0, 2**63, BAND, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


def sketches(texts: Sequence[str], n: int) -> Sketches:
    """Sketch each text by the least hashes of its n-grams, under 120 hash functions.

    The same n-grams in another order or number give the same sketch: `"abab"` has that of `"baba"`
    for n = 1.

    Args:
        texts: Each of at least n characters.
        n: Characters in a piece.
    """
    found = np.empty((len(texts), HASHES), np.uint32)  # (texts, HASHES)
    for chunk in _chunks(texts):
        hashes, starts = _hashed(texts[chunk], n)  # (n-grams,), (texts of the chunk,)
        for at, (factor, shift) in enumerate(zip(_FACTORS, _SHIFTS, strict=True)):
            found[chunk, at] = np.minimum.reduceat(hashes * factor ^ shift, starts)
    return found


def look_alikes(found: Sketches) -> Pairs:
    """Pair the texts whose sketches are alike, the likeliest pairs first.

    In each band of 6 numbers the texts with the same 6 lie in one bucket, and each is paired with
    the first and with the one before it. So there are at most 40 pairs a text, however many are
    alike: enough to join them all, not every pair there is.
    """
    pairs = np.concatenate([_of_band(found[:, at : at + BAND]) for at in range(0, HASHES, BAND)])
    pairs = np.stack(np.divmod(np.unique(pairs), len(found)), axis=1)  # (pairs, 2)
    alike = np.empty(len(pairs), np.float32)
    for at in range(0, len(pairs), CHUNK // HASHES):
        some = slice(at, at + CHUNK // HASHES)
        alike[some] = (found[pairs[some, 0]] == found[pairs[some, 1]]).mean(axis=1)
    order = np.argsort(-alike, kind="stable")
    return pairs[order[alike[order] >= WORTH_COMPARING]]


def _chunks(texts: Sequence[str]) -> Iterator[slice]:
    """Cut the texts into runs of about a million characters, so that memory stays bounded."""
    start = size = 0
    for at, text in enumerate(texts):
        size += len(text)
        if size > CHUNK:
            yield slice(start, at + 1)
            start, size = at + 1, 0
    if start < len(texts):
        yield slice(start, len(texts))


def _hashed(texts: Sequence[str], n: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.intp]]:
    """Hash every n-gram of every text (FNV-1a, then mixed).

    Returns:
        The hashes of all texts, one text after the other, and where each text's begin.
    """
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    hashes = np.full(len(codes) - n + 1, 2166136261, np.uint32)
    for at in range(n):
        hashes = (hashes ^ codes[at : at + len(hashes)]) * np.uint32(16777619)
    hashes = (hashes ^ hashes >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    hashes ^= hashes >> np.uint32(13)
    lengths = np.array([len(text) for text in texts])
    is_inside = np.ones(len(codes), bool)  # an n-gram that runs into the next text is none
    for at in range(1, n):
        is_inside[np.cumsum(lengths) - at] = False
    starts = np.cumsum(lengths - n + 1) - (lengths - n + 1)
    return hashes[is_inside[: len(hashes)]], starts


def _of_band(band: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
    """Pair what lies in one bucket; a pair as one number, the first text's times all texts."""
    keys = (band * _MIX).sum(axis=1, dtype=np.uint64)  # (texts,)
    order = np.argsort(keys, kind="stable")
    is_same = np.append(False, keys[order][1:] == keys[order][:-1])
    first = np.maximum.accumulate(np.where(is_same, 0, np.arange(len(order))))
    later = np.flatnonzero(is_same)
    before = np.concatenate([order[first[later]], order[later - 1]])
    return before * len(order) + np.tile(order[later], 2)
