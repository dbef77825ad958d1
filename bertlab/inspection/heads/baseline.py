"""What a role is compared with: a head's habits by place, or even weights close by."""

from collections.abc import Sequence

import numpy as np

from bertlab.inspection.heads.measures import Measured
from bertlab.inspection.heads.targets import NEIGHBOURHOOD, ROLES, close_by


def positional_baseline(measured: Sequence[Measured], *, is_aside: bool = False) -> np.ndarray:
    """Say what each role would hold for a head that knows nothing of words.

    A head that gives 80 % to the token two places back gives 80 % to "the same word" wherever the
    same word stands two places back, and knows nothing of words.

    For same, delimiter and sep each input is scored with what the same head does on average in all
    *other* inputs, once by distance (key minus query) and once by the key's position counted from
    the start, as the model counts it; rows are made to sum to 1 again. The better of the two
    counts. The other roles are places themselves, so this would explain all of them: their
    comparison is no "position alone". Previous, next and itself are compared with a head that
    merely looks close by, with even weights on the places up to two away; [CLS] with even weights
    on all tokens.

    Args:
        measured: At least two inputs of one model.
        is_aside: As in `score_roles`.

    Returns:
        float64 (roles, layers, heads): shares in 0..1, comparable with the scores.
    """
    by_distance, by_position = _Habits(), _Habits()
    for one in measured:
        by_distance.add(_centred(one), _offset_counts(one))
        by_position.add(one.by_position, _position_counts(one))
    ways = [_Shares(is_aside) for _ in range(4)]
    distance, position, near, even = ways
    for one in measured:
        count = one.targets.tokens
        mean = by_distance.without(_centred(one), _offset_counts(one))
        distance.add(one, _spread(mean, count))
        mean = by_position.without(one.by_position, _position_counts(one))
        position.add(one, np.repeat(mean[..., None, :], count, axis=-2))
        near.add(one, close_by(count)[None, None])
        even.add(one, np.ones((1, 1, count, count)))
    habits: np.ndarray = np.maximum(distance.shares(), position.shares())  # (roles, layers, heads)
    for number, role in enumerate(ROLES):
        if role in NEIGHBOURHOOD:
            habits[number] = near.shares()[number]
        elif role == "cls":
            habits[number] = even.shares()[number]
    return habits


class _Shares:
    """The pooled share of weight that each role gets, over inputs that come one by one."""

    def __init__(self, is_aside: bool) -> None:
        self.is_aside = is_aside
        self.wanted: np.ndarray | float = 0.0
        self.whole: np.ndarray | float = 0.0

    def add(self, one: Measured, weights: np.ndarray) -> None:
        """Add an input as weights (layers, heads, query, key), which need not sum to 1, see it."""
        weights = weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-12)
        self.wanted = self.wanted + one.targets.sum_wanted(weights)
        asked = one.asked[:, None, None].astype(np.float64)
        self.whole = self.whole + (one.targets.sum_on_words(weights) if self.is_aside else asked)

    def shares(self) -> np.ndarray:
        return np.asarray(self.wanted / np.maximum(self.whole, 1e-12))  # (roles, layers, heads)


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
        left = np.clip(self.sums[..., :places] - sums, 0.0, None)  # rounding may leave -1e-8
        return np.where(others > 0, left / np.maximum(others, 1), 0.0)


def _centred(one: Measured) -> np.ndarray:
    """Weights by offset in the order 0, -1, 1, -2 ..., so that longer inputs go on at the end."""
    return one.by_offset[..., _order(one.targets.tokens)]


def _order(count: int) -> np.ndarray:
    """Entries of `by_offset` in the order of the distance: for 3 tokens [2, 1, 3, 0, 4]."""
    offsets = np.arange(1 - count, count)
    return np.argsort(2 * np.abs(offsets) - (offsets < 0), kind="stable")


def _spread(mean: np.ndarray, count: int) -> np.ndarray:
    """Weights by offset, in `_centred`'s order, as rows: (layers, heads, query, key)."""
    place = np.empty(2 * count - 1, dtype=int)
    place[_order(count)] = np.arange(2 * count - 1)
    rows, columns = np.indices((count, count))
    return np.asarray(mean[..., place[columns - rows + count - 1]])


def _offset_counts(one: Measured) -> np.ndarray:
    """How many ordinary queries have a key at each offset, in `_centred`'s order."""
    count, ordinary = one.targets.tokens, one.targets.ordinary
    pairs = np.repeat(ordinary[:, None], count, axis=1)  # (query, key)
    every = np.array([np.trace(pairs, offset=d) for d in range(1 - count, count)])
    counts: np.ndarray = every[_order(count)]
    return counts


def _position_counts(one: Measured) -> np.ndarray:
    """How many ordinary queries have a key at each position."""
    return np.full(one.targets.tokens, one.targets.ordinary.sum())
