"""How far senses stand apart, and whether shuffled labels would do as well."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from bertlab.errors import InputError

EXACT_AT_MOST = 20_000  # ways to deal out the labels; up to here all of them are tried
SHUFFLES = 1_000  # else so many at random
CHUNK = 500  # labellings at once: (500, 200, k) in float64 is 0.8 MB a sense
ROUNDED = 9  # decimals: labellings that mirror each other differ in the last bits
SMALLEST = 2  # members of a sense: one alone has nobody to be near to


@dataclass(frozen=True)
class Separation:
    """The silhouette of the senses at every depth, beside that of shuffled labels.

    Attributes:
        silhouettes: float64 (depth,), in -1..1: 1 for senses far apart, 0 for mixed ones.
        low, high: float64 (depth,): between them lie 95 % of the shuffles' silhouettes.
        p_values: float64 (depth,): the share of shuffles that do at least as well at that depth.
        corrected: float64 (depth,): the share of shuffles that have a p-value as small at *any*
            depth: whoever looks at many layers finds a lucky one (Westfall and Young 1993).
        shuffles: How many labellings were tried.
        is_exact: Whether they were all there are.
    """

    silhouettes: np.ndarray = field(repr=False)
    low: np.ndarray = field(repr=False)
    high: np.ndarray = field(repr=False)
    p_values: np.ndarray = field(repr=False)
    corrected: np.ndarray = field(repr=False)
    shuffles: int
    is_exact: bool

    @property
    def best(self) -> int:
        """The depth at which the senses stand apart most."""
        return int(self.silhouettes.argmax())


def measure_separation(
    vectors: np.ndarray, labels: Sequence[str], *, shuffles: int = SHUFFLES, seed: int = 0
) -> Separation:
    """Measure how far labelled points stand apart at each depth, against a permutation null.

    Four points at angles 0, 0, 90 and 90 degrees labelled a, a, b, b have the silhouette 1. Of
    the six ways to deal out two a's and two b's, two do as well: p = 1/3.

    A shuffle keeps the vectors and the number of each label, and deals the labels out anew; the
    same shuffles serve all depths. With all labellings tried, p is exact; else it is (1 + those
    as good) / (1 + tried) (Phipson and Smyth 2010), so never 0.

    Args:
        vectors: float (depth, point, hidden).
        labels: Each point's; at least two different ones, each at least twice.
        shuffles: How many, where there are more than `EXACT_AT_MOST` labellings.
        seed: Of the shuffles.

    Raises:
        InputError: There are fewer than two labels, or one stands once only.
    """
    codes = _codes(labels)
    is_exact = count_labellings(codes) <= EXACT_AT_MOST
    dealt = _all_labellings(codes) if is_exact else _shuffled(codes, shuffles, seed)
    scores = _silhouettes_in_parts(
        pairwise_distances(vectors), np.concatenate([codes[None], dealt])
    )
    observed, null = np.split(scores.round(ROUNDED), [1], axis=1)  # (depth, 1), (depth, labelling)
    p_values = _share_as_good(null, observed, is_exact)  # (depth, 1)
    luckiest = _share_as_good(null, null, True).min(axis=0)  # (labelling,)
    corrected = _share_as_good(-luckiest[None], -p_values.T, is_exact)  # (1, depth)
    low, high = np.quantile(null, [0.025, 0.975], axis=1)
    return Separation(
        silhouettes=observed[:, 0],
        low=low,
        high=high,
        p_values=p_values[:, 0],
        corrected=corrected[0],
        shuffles=len(dealt),
        is_exact=is_exact,
    )


def _silhouettes_in_parts(distances: np.ndarray, labellings: np.ndarray) -> np.ndarray:
    """As `silhouettes`, for many labellings, `CHUNK` at a time."""
    starts = range(0, len(labellings), CHUNK)
    parts = [silhouettes(distances, labellings[start : start + CHUNK]) for start in starts]
    return np.concatenate(parts, axis=1)


def pairwise_distances(vectors: np.ndarray) -> np.ndarray:
    """(..., point, hidden) -> 1 - cosine of all pairs, float64 (..., point, point)."""
    vectors = vectors.astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    units = vectors / np.maximum(lengths, 1e-12)
    distances: np.ndarray = 1.0 - units @ units.swapaxes(-1, -2)
    return distances.clip(min=0.0)  # rounding may leave -1e-16


def silhouettes(distances: np.ndarray, labellings: np.ndarray) -> np.ndarray:
    """Compute the mean silhouette of every labelling at every depth.

    A point's silhouette is (b - a) / max(a, b): a is its mean distance to its own group, b to the
    nearest other one (Rousseeuw 1987). Where both are 0 it is 0.

    Args:
        distances: float64 (depth, point, point).
        labellings: int (labelling, point): groups 0, 1, 2 ..., each of at least two points.

    Returns:
        float64 (depth, labelling).
    """
    groups = int(labellings.max()) + 1
    members = (labellings[:, :, None] == np.arange(groups)).astype(np.float64)  # (p, n, k)
    sizes = members.sum(axis=1)  # (p, k)
    result = np.empty((len(distances), len(labellings)))
    for depth, distance in enumerate(distances):
        sums = distance @ members  # (p, n, k): from each point to each group
        own = (sums * members).sum(axis=2)  # (p, n)
        own_size = (sizes[:, None, :] * members).sum(axis=2)
        near = own / np.maximum(own_size - 1, 1)
        means = np.where(members > 0, np.inf, sums / sizes[:, None, :])
        other = means.min(axis=2)  # (p, n)
        larger = np.maximum(near, other)
        scores = np.divide(other - near, larger, out=np.zeros_like(near), where=larger > 1e-9)
        result[depth] = scores.mean(axis=1)
    return result


def count_labellings(codes: np.ndarray) -> int:
    """Count the ways to deal out labels: two of each of two give 4! / (2! 2!) = 6."""
    ways = math.factorial(len(codes))
    for count in Counter(codes.tolist()).values():
        ways //= math.factorial(count)
    return ways


def _codes(labels: Sequence[str]) -> np.ndarray:
    counts = Counter(labels)
    if len(counts) < 2:
        raise InputError("There is one sense only: write another one before some sentences.")
    rare = [label for label, count in counts.items() if count < SMALLEST]
    if rare:
        raise InputError(
            f"The sense “{rare[0][:40]}” has one sentence only; each needs at least {SMALLEST}."
        )
    names = list(counts)
    return np.array([names.index(label) for label in labels])


def _all_labellings(codes: np.ndarray) -> np.ndarray:
    return np.array(list(_dealt(tuple(range(len(codes))), np.bincount(codes).tolist(), len(codes))))


def _dealt(free: tuple[int, ...], counts: Sequence[int], size: int) -> Iterator[list[int]]:
    """All ways to deal groups of these sizes out to the free places, as codes by place."""
    if not counts:
        yield [0] * size
        return
    *before, count = counts
    for chosen in combinations(free, count):
        rest = tuple(place for place in free if place not in chosen)
        for codes in _dealt(rest, before, size):
            for place in chosen:
                codes[place] = len(before)
            yield codes


def _shuffled(codes: np.ndarray, count: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.permuted(np.tile(codes, (count, 1)), axis=1)


def _share_as_good(null: np.ndarray, scores: np.ndarray, is_exact: bool) -> np.ndarray:
    """Tell for each score the share of the null's scores that are at least as large.

    (depth, labelling) and (depth, n) -> (depth, n). The true labelling is one of all that there
    are, but not one of a draw: there it is counted in.
    """
    size = null.shape[1]
    ordered = np.sort(null, axis=1)
    as_large = np.stack(
        [size - np.searchsorted(row, own) for row, own in zip(ordered, scores, strict=True)]
    )
    shares: np.ndarray = as_large / size if is_exact else (1 + as_large) / (1 + size)
    return shares
