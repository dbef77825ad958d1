"""Where a head of a given role would look in one input."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bertlab.attention import CLS_TOKENS, SEP_TOKENS
from bertlab.inputs import EncodedInput
from bertlab.sentences import Sentence

Role = Literal["previous", "next", "itself", "same", "delimiter", "sep", "cls"]
ROLES: tuple[Role, ...] = ("previous", "next", "itself", "same", "delimiter", "sep", "cls")
NEIGHBOURHOOD: tuple[Role, ...] = ("previous", "next", "itself")  # places close by
RESTS: tuple[Role, ...] = ("sep", "cls")  # where weight may lie that is wanted nowhere else
REACH = 2  # places on each side: how far "close by" goes


@dataclass(frozen=True)
class Targets:
    """What each role asks for in one input.

    Only ordinary tokens are asked where they look, not [CLS] and [SEP].

    Attributes:
        tokens: How many the input has, special ones included.
        ordinary: bool (query,): the tokens that are asked.
        wanted: bool (roles, query, key): where the role would look; all False in the row of a
            token that the role has no place for.
    """

    tokens: int
    ordinary: np.ndarray = field(repr=False)
    wanted: np.ndarray = field(repr=False)

    @property
    def asked(self) -> np.ndarray:
        """The tokens that the role has a place for: bool (roles, query)."""
        return np.any(self.wanted, axis=-1)  # (roles, query)


def find_targets(encoded: EncodedInput, sentence: Sentence) -> Targets:
    """Find the keys that each role asks for, for every query.

    In "[CLS] a dog , a cat [SEP]" the second "a" (4) has "," (3) as previous, "cat" (5) as next,
    "a" (1) as the same word, "," (3) as delimiter, [SEP] (6) and [CLS] (0). The first "a" has no
    previous token: [CLS] does not count as one.

    - previous, next: the neighbour, where it is an ordinary token; itself: the query's own place;
    - same: other places of the same piece, case apart; no punctuation;
    - delimiter: tokens of nothing but punctuation, asked by those that are none;
    - sep, cls: [SEP] or </s>, all of them; [CLS] or <s>.
    """
    count = len(encoded.tokens)
    ordinary = np.array(
        [
            not (added or token in SEP_TOKENS + CLS_TOKENS)
            for added, token in zip(encoded.is_added, encoded.tokens, strict=True)
        ]
    )
    surfaces = [_surface(encoded, i, sentence) for i in range(count)]
    punctuation = np.array([_is_punctuation(text) for text in surfaces]) & ordinary
    words = np.array([bool(text) for text in surfaces]) & ordinary & ~punctuation
    is_sep = np.array([token in SEP_TOKENS for token in encoded.tokens])
    is_cls = np.array([token in CLS_TOKENS for token in encoded.tokens]) & ~ordinary
    rows, columns = np.indices((count, count))
    everyone = np.ones((count, count), dtype=bool)
    wanted = np.stack(
        [
            (columns == rows - 1) & ordinary,
            (columns == rows + 1) & ordinary,
            columns == rows,
            _same_word(encoded, surfaces) & words & words[:, None],
            everyone & punctuation & ~punctuation[:, None],
            everyone & is_sep,
            everyone & is_cls,
        ]
    )  # (roles, query, key)
    return Targets(count, ordinary, wanted & ordinary[:, None])


def reach_share(count: int) -> np.ndarray:
    """What each place gets from even weights on the places close by: float (query,).

    Within two places on each side, itself included: `reach_share(6)` is
    [1/3, 1/4, 1/5, 1/5, 1/4, 1/3].
    """
    places = np.arange(count)
    return 1.0 / (np.minimum(places, REACH) + 1 + np.minimum(count - 1 - places, REACH))


def _surface(encoded: EncodedInput, position: int, sentence: Sentence) -> str:
    """The text that a token came from, case apart; "" for what was added."""
    source = encoded.sequence_ids[position]
    if source is None:
        return ""
    start, end = encoded.offsets[position]
    text = (sentence.pair or "") if source else sentence.text
    goes_on = "##" if encoded.tokens[position].startswith("##") else ""
    surface = text[start:end].strip().casefold()
    return goes_on + surface if surface else ""


def _same_word(encoded: EncodedInput, surfaces: Sequence[str]) -> np.ndarray:
    """Find the same surface at another place of the text: bool (token, token)."""
    names: dict[str, int] = {}
    of = np.array([names.setdefault(text, len(names)) for text in surfaces])
    places: dict[object, int] = {}  # bytes of one character lie at one place
    spots = zip(encoded.sequence_ids, encoded.offsets, strict=True)
    at = np.array([places.setdefault(spot, len(places)) for spot in spots])
    return (of[:, None] == of) & (at[:, None] != at)


def _is_punctuation(text: str) -> bool:
    return bool(text) and all(unicodedata.category(sign).startswith("P") for sign in text)
