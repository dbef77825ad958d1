"""What position alone would explain: a head's habits by place, taken from the other inputs."""

from collections.abc import Sequence

import numpy as np

from bertlab.inside.head_measures import Measured
from bertlab.inside.head_targets import NEIGHBOURHOOD, ROLES, reach_share


def positional_baseline(measured: Sequence[Measured]) -> np.ndarray:
    """Say what each role would hold if each head looked by position alone.

    A head that gives 80 % to the token two places back gives 80 % to "the same word" wherever the
    same word stands two places back, and knows nothing of words.

    For same, delimiter and sep each input is scored with what the same head does on average in all
    *other* inputs, once by distance (key minus query) and once by the key's position counted from
    the start, as the model counts it; rows are made to sum to 1 again. The better of the two
    counts. The other roles are places themselves, so this would explain all of them. Previous, next
    and itself are compared with a head that merely looks close by, with even weights on the places
    up to two away; [CLS] with even weights on all tokens.

    Args:
        measured: At least two inputs of one model.

    Returns:
        float64 (roles, layers, heads): shares in 0..1, comparable with the scores.
    """
    asked = np.maximum(np.sum([one.asked for one in measured], axis=0), 1)  # (roles,)
    shape = (2, len(ROLES), *measured[0].entropy.shape)
    sums = np.zeros(shape)  # (by distance or by position, roles, layers, heads)
    distances, positions = _Habits(), _Habits()
    for one in measured:
        distances.add(_centred(one), _offset_counts(one))
        positions.add(one.by_position, np.full(one.targets.tokens, one.targets.ordinary.sum()))
    for one in measured:
        by_distance = distances.without(_centred(one), _offset_counts(one))
        sums[0] += _by_distance(one, by_distance)
        count = np.full(one.targets.tokens, one.targets.ordinary.sum())
        sums[1] += _by_position(one, positions.without(one.by_position, count))
    shares = sums.max(axis=0) / asked[:, None, None]
    for number, role in enumerate(ROLES):
        if role in NEIGHBOURHOOD:
            shares[number] = sum(_close_by(one, number) for one in measured) / asked[number]
        elif role == "cls":
            even = sum(one.asked[number] / one.targets.tokens for one in measured)
            shares[number] = even / asked[number]
    return shares


class _Habits:
    """Sums and counts over inputs of different lengths, out of which one can be taken again."""

    def __init__(self) -> None:
        self.sums: np.ndarray = np.zeros(0)
        self.counts: np.ndarray = np.zeros(0)

    def add(self, sums: np.ndarray, counts: np.ndarray) -> None:
        """Add (..., places) and (places,); a longer one makes room at the end."""
        more = counts.shape[0] - self.counts.shape[0]
        if more > 0:
            self.counts = np.pad(self.counts, (0, more))
            empty = np.zeros((*sums.shape[:-1], counts.shape[0]))
            empty[..., : self.sums.shape[-1]] += self.sums
            self.sums = empty
        self.sums[..., : counts.shape[0]] += sums
        self.counts[: counts.shape[0]] += counts

    def without(self, sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Mean weight at each place of an input, (..., places), over all inputs but this one."""
        places = counts.shape[0]
        others = self.counts[:places] - counts
        left = np.clip(self.sums[..., :places] - sums, 0.0, None)  # rounding may leave -1e-17
        return np.where(others > 0, left / np.maximum(others, 1), 0.0)


def _centred(one: Measured) -> np.ndarray:
    """Weights by offset in the order 0, -1, 1, -2 ..., so that longer inputs go on at the end."""
    return one.by_offset[..., _order(one.targets.tokens)]


def _order(count: int) -> np.ndarray:
    """Entries of `by_offset` in the order of the distance: for 3 tokens [2, 1, 3, 0, 4]."""
    offsets = np.arange(1 - count, count)
    return np.argsort(2 * np.abs(offsets) - (offsets < 0), kind="stable")


def _offset_counts(one: Measured) -> np.ndarray:
    """How many ordinary queries have a key at each offset, in `_centred`'s order."""
    count, ordinary = one.targets.tokens, one.targets.ordinary
    pairs = np.repeat(ordinary[:, None], count, axis=1)  # (query, key)
    every = np.array([np.trace(pairs, offset=d) for d in range(1 - count, count)])
    return every[_order(count)]


def _by_distance(one: Measured, mean: np.ndarray) -> np.ndarray:
    """What a head that looks by distance gives to each role: (roles, layers, heads), summed."""
    count = one.targets.tokens
    place = np.empty(2 * count - 1, dtype=int)
    place[_order(count)] = np.arange(2 * count - 1)
    rows, columns = np.indices((count, count))
    weights = mean[..., place[columns - rows + count - 1]]  # (layers, heads, query, key)
    weights = weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-12)
    wanted = one.targets.wanted.astype(np.float64)  # (roles, query, key)
    return np.einsum("lhqk,rqk->rlh", weights, wanted, optimize=True)


def _by_position(one: Measured, mean: np.ndarray) -> np.ndarray:
    """The same for a head that looks by the key's position."""
    weights = mean / np.maximum(mean.sum(axis=-1, keepdims=True), 1e-12)  # (layers, heads, key)
    wanted = one.targets.wanted.sum(axis=1).astype(np.float64)  # (roles, key)
    return np.einsum("lhk,rk->rlh", weights, wanted)


def _close_by(one: Measured, role: int) -> float:
    """What even weights close by give to one place, summed over the queries that have it."""
    return float(reach_share(one.targets.tokens)[one.targets.asked[role]].sum())
