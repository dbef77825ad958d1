"""How sure a figure is that has no formula for it: the percentile bootstrap, by group too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

RESAMPLES = 1_000

Places = npt.NDArray[np.int64]


def bootstrap_interval(
    measure: Callable[[Places], float], count: int, *, groups: Sequence[str] | None = None
) -> tuple[float, float]:
    """Bound a figure's true value with 95 % confidence (Efron 1979), seeded.

    The examples are drawn again and again, with replacement; where some belong together, such as
    the texts of one customer, whole groups are drawn: their errors go together, and ten texts of
    one group tell less than ten of ten.

    Args:
        measure: The figure of a sample: int64 places of the examples -> its value.
        count: How many examples there are.
        groups: The group of each example; "" is a group of its own.

    Returns:
        Lower and upper end.
    """
    random = np.random.default_rng(0)
    members = group_members(count, groups)
    values = []
    for _ in range(RESAMPLES):  # one at a time: all together they would take gigabytes
        drawn = random.integers(len(members), size=len(members))
        values.append(measure(np.concatenate([members[at] for at in drawn])))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def group_members(count: int, groups: Sequence[str] | None) -> list[Places]:
    """List the places of each group: ["a", "", "a"] -> [[0, 2], [1]].

    Args:
        count: How many examples there are.
        groups: The group of each; "" is a group of its own. None: all are.
    """
    if groups is None:
        return [np.array([at]) for at in range(count)]
    names = [group or at for at, group in enumerate(groups)]
    found: dict[str | int, list[int]] = {}
    for at, name in enumerate(names):
        found.setdefault(name, []).append(at)
    return [np.array(places) for places in found.values()]


def has_groups(groups: Sequence[str] | None) -> bool:
    """Whether some examples belong together."""
    if groups is None:
        return False
    named = [group for group in groups if group]
    return len(set(named)) < len(named)
