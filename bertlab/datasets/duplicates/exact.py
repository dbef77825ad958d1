"""Texts that are nearly the same, and must not stand on two sides of a split."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np

from bertlab.datasets.examples import Examples

_NO_LETTERS = re.compile(r"[\W_]+")


def text_key(text: str, pair: str | None = None) -> tuple[str, str]:
    """Reduce a text (or two) to its letters and digits: what differs elsewhere is nearly the same.

    `"Good film!"`, `"good  film"` and `"ＧＯＯＤ film..."` have one key. A text without a
    letter, such as `":-)"`, keeps its signs.
    """
    return _letters(text), _letters(pair or "")


def keys_of(examples: Examples) -> list[tuple[str, str]]:
    """Return the key of each example, see `text_key`."""
    pairs = examples.pairs if examples.pairs is not None else [None] * len(examples)
    return [text_key(text, pair) for text, pair in zip(examples.texts, pairs, strict=True)]


def exact_duplicates(examples: Examples) -> list[tuple[int, ...]]:
    """Find groups of examples whose texts differ, but nearly not: their indices, in order.

    `["Good!", "good", "good", "bad"]` gives `[(0, 1, 2)]`; a text that is only repeated is none.
    """
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, key in enumerate(keys_of(examples)):
        groups[key].append(at)
    return [
        tuple(group)
        for group in groups.values()
        if len({(examples.texts[at], examples.pairs and examples.pairs[at]) for at in group}) > 1
    ]


def joined(*keys: Sequence[Hashable]) -> list[int]:
    """Number the examples so that those which share a key, of any kind, share a number.

    Texts `[a, b, b, c]` and customers `[1, 1, 2, 3]` give `[0, 0, 0, 3]`: the first two have a
    customer in common, the second and the third a text.

    Args:
        keys: For each kind of key one for each example; None for an example without one.
    """
    pairs = []
    for kind in keys:
        first: dict[Hashable, int] = {}
        pairs += [(first.setdefault(key, at), at) for at, key in enumerate(kind) if key is not None]
    return components(len(keys[0]), pairs)


def components(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Number things so that those which pairs join, directly or through others, share a number.

    Four things and the pairs (2, 0) and (2, 3) give `[0, 1, 0, 0]`: each has the smallest number
    of those that it is joined to.

    Args:
        count: How many things there are, numbered from 0.
        pairs: Two of them each.
    """
    from scipy.sparse import coo_array  # a quarter of a second, not before a table is checked
    from scipy.sparse.csgraph import connected_components

    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(count, count))
    _, numbers = connected_components(graph, directed=False)  # (count,)
    _, first = np.unique(numbers, return_index=True)
    found: list[int] = first[numbers].tolist()
    return found


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_LETTERS.sub(" ", plain).strip() or " ".join(plain.split())
