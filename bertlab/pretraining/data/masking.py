"""BERT's masking game: which tokens the loss asks about, and what the model sees instead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MASKED_SHARE = 0.15  # Devlin et al. 2019, section 3.1
AS_MASK, AS_RANDOM = 0.8, 0.1  # of the chosen ones; the rest are kept as they are

NOT_CHOSEN, REPLACED_BY_MASK, REPLACED_BY_RANDOM, KEPT = 0, 1, 2, 3


@dataclass(frozen=True)
class MaskingVocabulary:
    """What masking must know of a vocabulary.

    Args:
        size: tokens in all.
        mask_id: of [MASK].
        ordinary: int64, ids that a random replacement may be (no special tokens).
        continues: bool (size,), whether a piece continues a word ("##ing").
    """

    size: int
    mask_id: int
    ordinary: npt.NDArray[np.int64]
    continues: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Masked:
    """A batch after the game.

    Args:
        input_ids: int64 (batch, tokens), what the model reads.
        kinds: int8 (batch, tokens): 0 not chosen, 1 [MASK], 2 a random token, 3 kept.
    """

    input_ids: npt.NDArray[np.int64]
    kinds: npt.NDArray[np.int8]


def mask_tokens(
    ids: npt.NDArray[np.int64],
    may_mask: npt.NDArray[np.bool_],
    vocabulary: MaskingVocabulary,
    rng: np.random.Generator,
    *,
    share: float = MASKED_SHARE,
    whole_words: bool = False,
) -> Masked:
    """Choose tokens anew and replace 80 % by [MASK], 10 % by a random token, keep 10 %.

    "[CLS] the cat sat on the mat [SEP]", share 0.15 -> one of six tokens, often as [MASK]

    Of a row with n tokens that may be chosen, round(n x share) are, at least one. With
    `whole_words` all pieces of a chosen word are chosen, so the last word may exceed the count.

    Args:
        ids: int64 (batch, tokens), the original.
        may_mask: bool (batch, tokens), false for [CLS], [SEP] and padding.
        vocabulary: where the replacements come from.
        rng: fixes every choice.
        share: of the tokens, 0 to 1.
        whole_words: choose words instead of pieces, as "##" tells them: a Chinese character is one.
    """
    chosen = _choose(ids, may_mask, vocabulary, rng, share, whole_words)
    dice = rng.random(ids.shape, dtype=np.float32)
    kinds = np.where(dice < AS_MASK, REPLACED_BY_MASK, KEPT)
    kinds = np.where((dice >= AS_MASK) & (dice < AS_MASK + AS_RANDOM), REPLACED_BY_RANDOM, kinds)
    kinds = np.where(chosen, kinds, NOT_CHOSEN).astype(np.int8)
    changed = np.where(kinds == REPLACED_BY_MASK, vocabulary.mask_id, ids)
    is_random = kinds == REPLACED_BY_RANDOM
    changed[is_random] = rng.choice(vocabulary.ordinary, int(is_random.sum()))
    return Masked(changed, kinds)


def _choose(
    ids: npt.NDArray[np.int64],
    may_mask: npt.NDArray[np.bool_],
    vocabulary: MaskingVocabulary,
    rng: np.random.Generator,
    share: float,
    whole_words: bool,
) -> npt.NDArray[np.bool_]:
    """Give every token (or word) a random score; the lowest of a row are chosen."""
    scores = rng.random(ids.shape, dtype=np.float32)  # (batch, tokens)
    if whole_words:
        begins = ~(vocabulary.continues[ids] & may_mask)
        words = np.maximum.accumulate(np.where(begins, np.arange(ids.shape[1]), 0), axis=1)
        scores = np.take_along_axis(scores, words, axis=1)
    scores[~may_mask] = np.inf
    available = may_mask.sum(axis=1)  # (batch,)
    wanted = np.minimum(np.maximum(np.round(available * share), 1), available).astype(np.int64)
    ordered = np.sort(scores, axis=1)
    limit = np.take_along_axis(ordered, np.maximum(wanted - 1, 0)[:, None], axis=1)  # (batch, 1)
    chosen: npt.NDArray[np.bool_] = (scores <= limit) & may_mask
    return chosen
