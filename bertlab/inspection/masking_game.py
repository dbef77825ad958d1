"""The masking game of pre-training on one sentence: who is chosen, and what the loss counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bertlab.errors import InputError, ModelError
from bertlab.inspection.masked_lm import softmax, why_no_blanks
from bertlab.inspection.trace import logits_at
from bertlab.pretraining.data.masking import (
    AS_MASK,
    AS_RANDOM,
    KEPT,
    MASKED_SHARE,
    NOT_CHOSEN,
    REPLACED_BY_MASK,
    REPLACED_BY_RANDOM,
    MaskingVocabulary,
    mask_tokens,
)
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

KINDS = (REPLACED_BY_MASK, REPLACED_BY_RANDOM, KEPT)
RULE = {
    REPLACED_BY_MASK: AS_MASK,
    REPLACED_BY_RANDOM: AS_RANDOM,
    KEPT: 1 - AS_MASK - AS_RANDOM,
}
DRAWS = 1_000


@dataclass(frozen=True)
class Draw:
    """One draw of the game on one input.

    Args:
        encoded: the input before it.
        token_ids: what the model reads instead, one for each token.
        tokens: the same as pieces.
        kinds: for each token 0 not chosen, 1 [MASK], 2 a random token, 3 kept.
    """

    encoded: EncodedInput
    token_ids: tuple[int, ...]
    tokens: tuple[str, ...]
    kinds: tuple[int, ...]

    @property
    def chosen(self) -> tuple[int, ...]:
        """The positions that the loss counts."""
        return tuple(i for i, kind in enumerate(self.kinds) if kind != NOT_CHOSEN)


@dataclass(frozen=True)
class Asked:
    """What the loss asks about one chosen token.

    Args:
        position: index into the tokens.
        kind: 1 [MASK], 2 a random token, 3 kept.
        original: the piece that stood there: the right answer.
        seen: the piece that the model read there.
        probability: of the original, 0 to 1.
        loss: -ln of it, in nats.
        rank: of the original, 1 for the likeliest.
        best: the model's own answer.
        best_probability: of that, 0 to 1.
    """

    position: int
    kind: int
    original: str
    seen: str
    probability: float
    loss: float
    rank: int
    best: str
    best_probability: float


@dataclass(frozen=True)
class Counts:
    """How often each kind occurred over many draws of one input.

    Args:
        draws: how many.
        chosen: tokens chosen in all of them.
        available: tokens that may be chosen in one.
        of_kind: by kind (1, 2, 3), how many of `chosen`.
    """

    draws: int
    chosen: int
    available: int
    of_kind: dict[int, int]


def draw_masks(
    tokenizer: object,
    encoded: EncodedInput,
    vocabulary: MaskingVocabulary,
    *,
    seed: int,
    share: float = MASKED_SHARE,
    whole_words: bool = False,
) -> Draw:
    """Play the game of pre-training once; the same seed gives the same draw.

    "[CLS] the cat sat on the mat [SEP]", share 0.15 -> one of six tokens chosen

    Args:
        tokenizer: turns ids into pieces.
        encoded: one input without padding.
        vocabulary: of the same tokenizer.
        seed: fixes every choice.
        share: of the tokens, 0 to 1.
        whole_words: choose words instead of pieces.

    Raises:
        InputError: nothing in it may be chosen.
    """
    ids, may_mask = _arrays(encoded)
    rng = np.random.default_rng(seed)
    masked = mask_tokens(ids, may_mask, vocabulary, rng, share=share, whole_words=whole_words)
    read = masked.input_ids[0].tolist()
    return Draw(
        encoded=encoded,
        token_ids=tuple(read),
        tokens=tuple(tokenizer.convert_ids_to_tokens(read)),  # type: ignore[attr-defined]
        kinds=tuple(masked.kinds[0].tolist()),
    )


def play(loaded: LoadedModel, draw: Draw) -> tuple[Asked, ...]:
    """Ask a model about every chosen token, as the loss of pre-training does.

    The loss at a position is -ln p(original); the tokens that were not chosen count nothing. The
    mean over the chosen ones is the masked-LM loss (Devlin et al. 2019, sections 3.1 and A.2).

    Args:
        loaded: the model in hand.
        draw: from `draw_masks`, with the model's own tokenizer.

    Raises:
        ModelError: it has no masked-LM head.
    """
    if not loaded.has_mlm_head:
        raise ModelError(why_no_blanks(loaded))
    filled = {i: draw.token_ids[i] for i in draw.chosen}
    logits = logits_at(loaded, draw.encoded, draw.chosen, filled=filled)  # (chosen, vocabulary)
    rows = zip(draw.chosen, softmax(logits), strict=True)
    return tuple(_ask(loaded, draw, position, row) for position, row in rows)


def mean_loss(asked: Sequence[Asked]) -> float:
    """The masked-LM loss of a draw in nats: losses 0.5 and 1.5 -> 1.0."""
    return sum(one.loss for one in asked) / len(asked)


def count_kinds(
    encoded: EncodedInput,
    vocabulary: MaskingVocabulary,
    *,
    seed: int,
    draws: int = DRAWS,
    share: float = MASKED_SHARE,
    whole_words: bool = False,
) -> Counts:
    """Draw many times on one input and count the kinds.

    1,000 draws of one token each -> about 800 [MASK], 100 random, 100 kept

    Args:
        encoded: one input without padding.
        vocabulary: of its tokenizer.
        seed: fixes the draws.
        draws: how many.
        share: of the tokens, 0 to 1.
        whole_words: choose words instead of pieces.
    """
    ids, may_mask = _arrays(encoded)
    many = np.repeat(ids, draws, axis=0), np.repeat(may_mask, draws, axis=0)  # (draws, tokens)
    rng = np.random.default_rng(seed)
    kinds = mask_tokens(*many, vocabulary, rng, share=share, whole_words=whole_words).kinds
    of_kind = {kind: int((kinds == kind).sum()) for kind in KINDS}
    return Counts(draws, sum(of_kind.values()), int(may_mask.sum()), of_kind)


def _arrays(encoded: EncodedInput) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Ids and what may be chosen, both (1, tokens): no [CLS], [SEP], [MASK] or padding."""
    may_mask = ~np.array([encoded.is_special], dtype=np.bool_)
    if not may_mask.any():
        raise InputError("There is nothing to choose from in this text. Type some words.")
    return np.array([encoded.token_ids], dtype=np.int64), may_mask


def _ask(loaded: LoadedModel, draw: Draw, position: int, row: npt.NDArray[np.float64]) -> Asked:
    """Read one chosen token's row of probabilities, (vocabulary,)."""
    original, best = draw.encoded.token_ids[position], int(row.argmax())
    probability = float(row[original])
    return Asked(
        position=position,
        kind=draw.kinds[position],
        original=draw.encoded.tokens[position],
        seen=draw.tokens[position],
        probability=probability,
        loss=-math.log(max(probability, 1e-300)),
        rank=int((row > probability).sum()) + 1,
        best=str(loaded.tokenizer.convert_ids_to_tokens(best)),
        best_probability=float(row[best]),
    )
