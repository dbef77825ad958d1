"""Texts that are nearly the same, and must not stand on two sides of a split."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Sequence

from bertlab.datasets.duplicates.groups import Groups
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
    groups = Groups(len(keys[0]))
    for kind in keys:
        first: dict[Hashable, int] = {}
        for at, key in enumerate(kind):
            if key is not None:
                groups.join(first.setdefault(key, at), at)
    return groups.roots()


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_LETTERS.sub(" ", plain).strip() or " ".join(plain.split())
