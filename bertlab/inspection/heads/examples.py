"""Where a role shows best: the sentences, and in them the pairs of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bertlab.inspection.batched_attention import attend
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.heads.measures import Measured, encode_sentence
from bertlab.inspection.heads.targets import ROLES, Role, find_targets

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class TokenPair:
    """One weight: `query` gives `weight`, in 0..1, to `key`; both are tokens."""

    query: str
    key: str
    weight: float


def strongest_inputs(
    measured: Sequence[Measured], role: Role, layer: int, head: int, *, count: int = 3
) -> list[Measured]:
    """The inputs in which a head looks most at what a role asks for, the strongest first.

    An input counts where at least two tokens are asked.
    """
    number = ROLES.index(role)
    asked = [one for one in measured if one.asked[number] >= 2]
    return sorted(asked, key=lambda one: -one.share(role, layer, head))[:count]


def strongest_pairs(
    loaded: LoadedModel,
    sentence: Sentence,
    role: Role,
    layer: int,
    head: int,
    *,
    count: int = 3,
) -> tuple[TokenPair, ...]:
    """Run one sentence again and name the strongest weights that fit a role.

    Of "the cat saw the dog", the role "same" and a head that looks at the same word:
    `(Pair("the", "the", 0.93), Pair("the", "the", 0.91))`.
    """
    encoded = encode_sentence(loaded, sentence)
    (weights,) = attend(loaded, [encoded])  # (layers, heads, query, key)
    wanted = find_targets(encoded, sentence).wanted[ROLES.index(role)]  # (query, key)
    fitting = weights[layer, head] * wanted
    places = fitting.argsort(axis=None, kind="stable")[::-1][:count]
    cells = [divmod(int(place), len(encoded.tokens)) for place in places]
    return tuple(
        TokenPair(encoded.tokens[query], encoded.tokens[key], float(fitting[query, key]))
        for query, key in cells
        if wanted[query, key]
    )
