"""Where a head of a given role would look in one input."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bertlab.inspection.attention import CLS_TOKENS, SEP_TOKENS
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.tokenization.encoding import EncodedInput

Role = Literal["previous", "next", "itself", "same", "delimiter", "sep", "cls"]
ROLES: tuple[Role, ...] = ("previous", "next", "itself", "same", "delimiter", "sep", "cls")
NEIGHBOURHOOD: tuple[Role, ...] = ("previous", "next", "itself")  # places close by
UNKNOWN_TOKENS = ("[UNK]", "<unk>")
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
        has_a_place: np.ndarray = np.any(self.wanted, axis=-1)  # (roles, query)
        return has_a_place

    def sum_wanted(self, weights: np.ndarray) -> np.ndarray:
        """Sum the weight on what each role asks for: (layers, heads, query, key) -> (roles, ...).

        The result is float64 (roles, layers, heads).
        """
        wanted = self.wanted.astype(np.float64)
        sums: np.ndarray = np.einsum("lhqk,rqk->rlh", weights, wanted, optimize=True)
        return sums

    def sum_squares(self, weights: np.ndarray) -> np.ndarray:
        """Sum the square of each query's weight on what each role asks for: (roles, ...)."""
        wanted = self.wanted.astype(np.float64)
        each = np.einsum("lhqk,rqk->rlhq", weights, wanted, optimize=True)
        return np.asarray((each**2).sum(axis=-1))

    def sum_on_words(self, weights: np.ndarray) -> np.ndarray:
        """Sum what the same queries give to ordinary tokens: (roles, layers, heads)."""
        on_words = weights @ self.ordinary.astype(np.float64)  # (layers, heads, query)
        sums: np.ndarray = np.einsum(
            "lhq,rq->rlh", on_words, self.asked.astype(np.float64), optimize=True
        )
        return sums


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
    is_sign = [_is_punctuation(encoded, i, sentence) for i in range(count)]
    punctuation = np.array(is_sign) & ordinary
    words = np.array([bool(text) for text in surfaces]) & ordinary & ~punctuation
    words &= _is_whole(encoded) & ~np.array(encoded.is_special)  # a typed [MASK] is no word
    is_sep = np.array([token in SEP_TOKENS for token in encoded.tokens])
    is_cls = np.array([token in CLS_TOKENS for token in encoded.tokens]) & ~ordinary
    rows, columns = np.indices((count, count))
    everyone = np.ones((count, count), dtype=bool)
    wanted = np.stack(
        [
            (columns == rows - 1) & ordinary,
            (columns == rows + 1) & ordinary,
            columns == rows,
            _same(surfaces) & words & words[:, None],
            everyone & punctuation & ~punctuation[:, None],
            everyone & is_sep,
            everyone & is_cls,
        ]
    )  # (roles, query, key)
    return Targets(count, ordinary, wanted & ordinary[:, None])


def close_by(count: int) -> np.ndarray:
    """Even weights on the places close by: float64 (query, key), each row sums to 1.

    Close by is two places on each side, itself included: row 0 of `close_by(6)` is
    [1/3, 1/3, 1/3, 0, 0, 0], row 2 has 1/5 five times.
    """
    places = np.arange(count)
    near = np.abs(places[:, None] - places) <= REACH  # (query, key)
    even: np.ndarray = near / near.sum(axis=-1, keepdims=True)
    return even


def _surface(encoded: EncodedInput, position: int, sentence: Sentence) -> str:
    """A token's own letters, case apart, without the mark of a word's beginning.

    "ĠThe" and "▁the" are "the"; of an unknown token it is what stands in the text.
    """
    token = encoded.tokens[position]
    if token in UNKNOWN_TOKENS:
        token = _text_at(encoded, position, sentence)
    return token.lstrip("Ġ▁").casefold()


def _text_at(encoded: EncodedInput, position: int, sentence: Sentence) -> str:
    source = encoded.sequence_ids[position]
    text = "" if source is None else (sentence.text, sentence.pair or "")[source]
    return text[slice(*encoded.offsets[position])].strip()


def _is_whole(encoded: EncodedInput) -> np.ndarray:
    """Which tokens are more than a byte of a character: bool (token,).

    RoBERTa cuts what it does not know into bytes, which all lie at the place of their character.
    """
    spots = list(zip(encoded.sequence_ids, encoded.offsets, strict=True))
    return np.array([spots.count(spot) == 1 for spot in spots])


def _same(surfaces: Sequence[str]) -> np.ndarray:
    """Find equal surfaces at different places: bool (token, token)."""
    names: dict[str, int] = {}
    of = np.array([names.setdefault(text, len(names)) for text in surfaces])
    same: np.ndarray = (of[:, None] == of) & ~np.eye(len(of), dtype=bool)
    return same


def _is_punctuation(encoded: EncodedInput, position: int, sentence: Sentence) -> bool:
    """Whether a token is of nothing but punctuation; bytes are looked up in the text."""
    piece = _surface(encoded, position, sentence)
    return _are_signs(piece) or (
        not piece.isascii() and _are_signs(_text_at(encoded, position, sentence))
    )


def _are_signs(text: str) -> bool:
    return bool(text) and all(unicodedata.category(sign).startswith("P") for sign in text)
