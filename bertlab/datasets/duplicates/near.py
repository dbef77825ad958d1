"""Near-duplicates: long texts of which a few words or characters differ.

Two texts are nearly the same when at least 0.8 of all their n-grams are in both (the Jaccard
similarity of the two sets): pieces of 4 characters, or of 2 in Chinese, Japanese and Korean, where
a character says more. Case, white space and punctuation do not count. Texts of fewer than 40
letters and spaces (20 in Chinese, Japanese and Korean) are too short to judge: "good film" is not
nearly "bad film". Of two texts a row, both must be the same or nearly so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bertlab.datasets.duplicates.exact import components, keys_of
from bertlab.datasets.duplicates.minhash import look_alikes, sketches
from bertlab.datasets.examples import Examples
from bertlab.datasets.table import name_rows

NEAR = 0.8  # Jaccard similarity from which on two texts are nearly the same
MOST_COMPARED = 10_000_000  # characters compared piece by piece: two to four seconds
SIZES = {False: (4, 40), True: (2, 20)}  # whether dense: characters a piece, in the shortest text

_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")  # kana, Chinese, Hangul

Key = tuple[str, str]  # both texts of a row, reduced to letters; "" where there is one only


@dataclass(frozen=True)
class NearPair:
    """Two examples that are nearly the same.

    Attributes:
        one: The index of the earlier example.
        other: The index of the later one.
        similarity: From 0.8 to 1: the share of their pieces that both have.
    """

    one: int
    other: int
    similarity: float


@dataclass(frozen=True)
class Near:
    """What was found among some examples.

    Attributes:
        pairs: Enough pairs to join all that are nearly the same, in order. Of three alike texts
            two pairs; a text that is equal but for case and punctuation is none.
        is_complete: False where so many texts look alike that some pairs were not compared.
    """

    pairs: tuple[NearPair, ...] = ()
    is_complete: bool = True


def similarity(one: str, other: str) -> float:
    """Compare two texts by their sets of pieces: what both have, of all there are.

    `"abcdef"` and `"abcdex"` have the pieces abcd, bcde, cdef and abcd, bcde, cdex: 2 of 4, 0.5.
    """
    some, others = _pieces(one), _pieces(other)
    return len(some & others) / len(some | others) if some and others else 0.0


def nearly_same(examples: Examples) -> Near:
    """Find the examples that are nearly the same, see the module; some seconds for 100,000 rows.

    What was found is kept with the examples, as a `functools.cached_property` would: the page and
    the split ask for it again and again.
    """
    kept = vars(examples)
    if "_near" not in kept:
        kept["_near"] = _find(keys_of(examples))
    found: Near = kept["_near"]
    return found


def warn_of_near(examples: Examples) -> list[str]:
    """Tell of examples that are nearly the same, and whether all could be compared."""
    near = nearly_same(examples)
    warnings = []
    if near.pairs:
        lines = name_rows(examples.rows[at] for pair in near.pairs for at in (pair.one, pair.other))
        count = f"{len(near.pairs):,} pairs of texts are"
        warnings.append(
            f"{'Two texts are' if len(near.pairs) == 1 else count} nearly the same ({lines}); such "
            "texts stay on one side of the split."
        )
    if not near.is_complete:
        warnings.append(
            "So many texts look alike that only the likeliest pairs were compared: some that are "
            "nearly the same may stand on both sides of the split."
        )
    return warnings


def near_groups(examples: Examples) -> list[int | None]:
    """Number the groups of nearly the same examples; None for an example that is like no other.

    Of five examples of which the second and the last are alike: `[None, 1, None, None, 1]`.
    """
    pairs = [(pair.one, pair.other) for pair in nearly_same(examples).pairs]
    numbers, chosen = components(len(examples), pairs), set(chain(*pairs))
    return [number if at in chosen else None for at, number in enumerate(numbers)]


def nearly_in(part: Examples, other: Examples) -> dict[int, int]:
    """Find the examples of one part that are nearly in the other: their indices in both.

    Where the first text is nearly the other part's third it is `{0: 2}`. Equal texts, told by
    `keys_of`, are not looked for.
    """
    if not len(other):
        return {}
    keys = [*keys_of(other), *keys_of(part)]
    numbers = components(len(keys), [(pair.one, pair.other) for pair in _find(keys).pairs])
    size = len(other)
    owner = {numbers[at]: at for at in reversed(range(size))}
    return {at: owner[number] for at, number in enumerate(numbers[size:]) if number in owner}


def _find(keys: Sequence[Key]) -> Near:
    """Join what is alike; two that are joined already need no comparison."""
    from scipy.cluster.hierarchy import DisjointSet  # half a second, not before a table is checked

    first = {key: at for at, key in reversed(list(enumerate(keys)))}
    groups = DisjointSet(range(len(keys)))
    pairs, left = [], MOST_COMPARED
    for one, other in _candidates(sorted(first.values()), keys):
        if groups.connected(one, other):
            continue
        left -= sum(map(len, (*keys[one], *keys[other])))
        if left < 0:
            break
        alike = _similarity(keys[one], keys[other])
        if alike >= NEAR:
            groups.merge(one, other)
            pairs.append(NearPair(one, other, alike))
    return Near(tuple(sorted(pairs, key=lambda pair: (pair.one, pair.other))), left >= 0)


def _candidates(places: Sequence[int], keys: Sequence[Key]) -> Iterator[tuple[int, int]]:
    """Pairs that may be nearly the same, the likeliest first; dense texts apart from others."""
    texts = {at: "\n".join(keys[at]).strip("\n") for at in places}
    for dense, (size, shortest) in SIZES.items():
        kind = [at for at in places if len(texts[at]) >= shortest and _is_dense(texts[at]) == dense]
        if len(kind) > 1:
            for one, other in look_alikes(sketches([texts[at] for at in kind], size)).tolist():
                yield kind[one], kind[other]


def _similarity(one: Key, other: Key) -> float:
    """The smaller similarity of the two texts of each row; equal texts may be short."""
    return min(
        1.0 if a == b else similarity(a, b) if _is_long(a) and _is_long(b) else 0.0
        for a, b in zip(one, other, strict=True)
    )


def _is_long(text: str) -> bool:
    return len(text) >= SIZES[_is_dense(text)][1]


def _is_dense(text: str) -> bool:
    return 2 * len(_DENSE.findall(text)) > len(text)


def _pieces(text: str) -> set[str]:
    size = SIZES[_is_dense(text)][0]
    return {text[at : at + size] for at in range(len(text) - size + 1)}
