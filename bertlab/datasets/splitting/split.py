"""Examples to three parts: seeded, stratified, and no text on two sides."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bertlab.datasets.duplicates.exact import joined, keys_of
from bertlab.datasets.duplicates.near import near_groups
from bertlab.datasets.examples import Examples
from bertlab.datasets.limits import FEW_TEXTS, MIN_TRAIN_TEXTS
from bertlab.datasets.splitting.strata import strata
from bertlab.datasets.table import shown
from bertlab.errors import InputError, TableError

_RARE = 2  # a class of so few different texts goes to training whole
_LARGE = 0.05  # a group of a larger share of all rows is learned from: it would fill a test
_TORN = (
    "So many texts are nearly the same that no part could be kept apart from them: such texts may "
    "stand on both sides of the split. The test may look better than the model is."
)


@dataclass(frozen=True)
class Split:
    """Three parts with the same label names; no text is in two of them.

    Attributes:
        train: What the model learns from.
        validation: What is looked at while it trains; may be empty.
        test: What is looked at once, at the end; may be empty.
        warnings: What the user should know of the split, as sentences.
    """

    train: Examples
    validation: Examples
    test: Examples
    warnings: tuple[str, ...] = ()


def split_examples(
    examples: Examples, *, validation: float = 0.1, test: float = 0.1, seed: int = 42
) -> Split:
    """Split examples into three parts with the classes in about the same shares.

    100 rows, 70 `pos` and 30 `neg`, give 80 + 10 + 10 rows with 56/24, 7/3 and 7/3 of them. Texts
    that differ in case, white space and punctuation only stay together, and so do near-duplicates
    (see `near.py`) and the rows of one group, such as a customer. A class of one or two texts goes
    to training whole, with a warning. The same seed gives the same split.

    Args:
        examples: What `check_examples` returned.
        validation: The share for validation, 0 for none.
        test: The share for the test, 0 for none.
        seed: Any whole number from 0.

    Raises:
        InputError: the shares are not between 0 and 1, or leave nothing to train on.
        TableError: there are too few different texts; 4 are needed for three parts.
    """
    _check_shares(validation, test)
    near = near_groups(examples)
    try:
        return _split(examples, (validation, test), seed, near)
    except TableError:
        if not any(number is not None for number in near):
            raise
        split = _split(examples, (validation, test), seed, [None] * len(near))
        return replace(split, warnings=(_TORN, *split.warnings))


def _split(
    examples: Examples, shares: tuple[float, float], seed: int, near: Sequence[int | None]
) -> Split:
    groups = _groups_by_class(examples, seed, near)
    total = sum(map(len, groups.values()))
    _check_total(total, shares)
    room = _room(groups, wanted=sum(share > 0 for share in shares))
    chosen: list[list[int]] = []
    for share in shares:
        chosen.append(_take(groups, room, round(share * total), is_wanted=share > 0))
    train = sorted(at for rest in groups.values() for group in rest for at in group)
    parts = [examples.subset(part) for part in (train, *chosen)]
    return Split(parts[0], parts[1], parts[2], tuple(_warnings(parts, total, shares)))


def _check_shares(validation: float, test: float) -> None:
    for name, share in (("validation", validation), ("test", test)):
        if not 0 <= share < 1:  # also refuses NaN
            raise InputError(f"The {name} share is {share}; choose one from 0 to below 1.")
    if validation + test >= 1:
        raise InputError(
            f"Validation ({validation:g}) and test ({test:g}) together take all rows; "
            "choose shares that add up to less than 1."
        )


def _check_total(total: int, shares: Sequence[float]) -> None:
    needed = MIN_TRAIN_TEXTS + sum(share > 0 for share in shares)
    if total < needed:
        raise TableError(
            f"There are {total} different texts; at least {needed} are needed to train and to "
            "check the result. Add rows."
        )


def _groups_by_class(
    examples: Examples, seed: int, near: Sequence[int | None]
) -> dict[str, list[list[int]]]:
    """Group what must stay together, and the groups by their commonest stratum, shuffled.

    Large groups come last, where training takes them.

    Returns:
        For each class (see `strata`) its groups, each a list of indices of examples.
    """
    kinds: list[Sequence[Hashable]] = [keys_of(examples), near]
    if examples.groups is not None:
        kinds.append([group or None for group in examples.groups])
    by_key: dict[int, list[int]] = defaultdict(list)
    for at, number in enumerate(joined(*kinds)):
        by_key[number].append(at)
    names = strata(examples)
    groups: dict[str, list[list[int]]] = {name: [] for name in sorted(set(names))}
    for group in by_key.values():
        label = Counter(names[at] for at in group).most_common(1)[0][0]
        groups[label].append(group)
    random = np.random.default_rng(seed)
    large = max(1, _LARGE * len(examples))
    return {
        name: sorted(
            (of_class[at] for at in random.permutation(len(of_class))),
            key=lambda group: len(group) > large,
        )
        for name, of_class in groups.items()
    }


def _room(groups: Mapping[str, Sequence[object]], *, wanted: int) -> dict[str, int]:
    """Count how many groups each class can spare: none if it is rare, else all but one.

    Where every class is rare, those of two groups spare one, so that something can be tested.
    """
    room = {name: len(some) - 1 if len(some) > _RARE else 0 for name, some in groups.items()}
    if sum(room.values()) < wanted:
        room = {name: max(0, len(some) - 1) for name, some in groups.items()}
    if sum(room.values()) < wanted:
        raise TableError(
            "Nearly every class has one text only, so no part can be kept for checking the "
            "result. Add rows for each class."
        )
    return room


def _take(
    groups: dict[str, list[list[int]]], room: dict[str, int], size: int, *, is_wanted: bool
) -> list[int]:
    """Take one part out of the groups, at least one group if the part is wanted at all."""
    if not is_wanted:
        return []
    taken: list[int] = []
    for name, count in _quotas(groups, room, max(1, size)).items():
        for group in groups[name][:count]:
            taken += group
        groups[name] = groups[name][count:]
        room[name] -= count
    return sorted(taken)


def _quotas(
    groups: Mapping[str, Sequence[object]], room: Mapping[str, int], size: int
) -> dict[str, int]:
    """Share a part's size out among the classes by the largest remainder.

    Of 10 among classes of 70 and 30: 7 and 3. Where the part has a place for each class that has
    room, each gets one first, so that rare classes are tested too.
    """
    able = [name for name, some in room.items() if some > 0]
    total = sum(len(groups[name]) for name in able)
    size = min(size, sum(room[name] for name in able))
    exact = {name: size * len(groups[name]) / total for name in able}
    least = 1 if size >= len(able) else 0
    quotas = {name: min(room[name], max(least, int(exact[name]))) for name in able}
    while sum(quotas.values()) > size:  # the places given first came from somewhere
        quotas[max(able, key=lambda name: (quotas[name] > least, quotas[name] - exact[name]))] -= 1
    while sum(quotas.values()) < size:
        free = [name for name in able if quotas[name] < room[name]]
        quotas[max(free, key=lambda name: exact[name] - quotas[name])] += 1
    return quotas


def _warnings(parts: Sequence[Examples], total: int, shares: Sequence[float]) -> list[str]:
    warnings = []
    held = [part for part, share in zip(parts[1:], shares, strict=True) if share > 0]
    missing = [
        name
        for name, count in parts[0].counts().items()
        if count and any(not part.counts()[name] for part in held)
    ]
    if missing:
        listed = ", ".join(map(shown, missing[:5])) + (" and more" if len(missing) > 5 else "")
        warnings.append(
            f"Too few rows to check every class: {listed} is missing from the validation or the "
            "test part. Add rows of it."
        )
    if held and total < FEW_TEXTS:
        warnings.append(
            f"With {total} different texts what is measured says next to nothing. Add rows."
        )
    return warnings
