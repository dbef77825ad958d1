"""Which pieces of the vocabulary have input embeddings like a token's own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from bertlab.errors import InputError
from bertlab.models.modules import find_parts

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

CHUNK = 16_384  # rows at once: of BERT-base 50 MB, of a vocabulary of 250,000 never all of them


@dataclass(frozen=True)
class Neighbour:
    """One piece of the vocabulary: as it is spelled, its id, the cosine to the token's own."""

    token: str
    token_id: int
    cosine: float


@dataclass(frozen=True)
class Neighbours:
    """The nearest pieces of a token, and what chance alone would give.

    Attributes:
        token: As the vocabulary spells it.
        token_id: Its id.
        nearest: The nearest first; the token itself is left out.
        mean: The mean cosine of the token with all other pieces.
        chance: About the largest cosine that one finds among that many random directions.
        vocabulary: How many pieces there are.
    """

    token: str
    token_id: int
    nearest: tuple[Neighbour, ...]
    mean: float
    chance: float
    vocabulary: int

    @property
    def by_chance(self) -> float:
        """Where the best of random directions would end that lean as these do."""
        return self.mean + self.chance


def find_neighbours(loaded: LoadedModel, token_id: int, *, top_k: int = 10) -> Neighbours:
    """Find the pieces whose input embeddings have the largest cosine to one token's.

    With rows (1, 0), (2, 0), (0, 1) the nearest of the first is the second, cosine 1.

    The input embedding is the table's row alone, before positions and layers: one vector for each
    piece, the same in every sentence.

    Args:
        loaded: The model.
        token_id: Of the token.
        top_k: How many neighbours.

    Raises:
        InputError: The vocabulary has no such id.
    """
    table: Tensor = find_parts(loaded.model).embeddings.words.weight  # type: ignore[assignment]
    if not 0 <= token_id < len(table):
        raise InputError(f"{loaded.info.name} has no token with the id {token_id}.")
    cosines = cosines_to(table, token_id)  # (vocabulary,)
    others = cosines.clone()
    others[token_id] = -2.0  # below every cosine
    best = others.topk(min(top_k, len(table) - 1))
    names = loaded.tokenizer.convert_ids_to_tokens(best.indices.tolist())
    return Neighbours(
        token=str(loaded.tokenizer.convert_ids_to_tokens(token_id)),
        token_id=token_id,
        nearest=tuple(
            Neighbour(str(name), int(index), float(cosine))
            for name, index, cosine in zip(names, best.indices, best.values, strict=True)
        ),
        mean=float((cosines.sum() - cosines[token_id]) / max(1, len(table) - 1)),
        chance=largest_by_chance(len(table), table.shape[1]),
        vocabulary=len(table),
    )


@torch.inference_mode()
def cosines_to(table: Tensor, row: int) -> Tensor:
    """Compute the cosine of one row with every row, a chunk at a time: (rows,) on the CPU."""
    own = table[row] / table[row].norm().clamp_min(1e-12)
    parts = [
        (chunk @ own) / chunk.norm(dim=-1).clamp_min(1e-12) for chunk in table.float().split(CHUNK)
    ]
    return torch.cat(parts).cpu()


def largest_by_chance(count: int, width: int) -> float:
    """Tell about how large the largest of many random cosines is, at most 1.

    In d dimensions the cosine of two random directions has mean 0 and variance 1 / d, and the
    largest of n standard normal numbers is about b = sqrt(2 ln n), less (ln ln n + ln 4 pi) / 2b:
    without that correction it is a seventh too large for a vocabulary (Cramér 1946, section 28.6).

    >>> round(largest_by_chance(16_000, 256), 3)
    0.241
    """
    logarithm = math.log(max(count, 2))
    bound = math.sqrt(2 * logarithm)
    largest = bound - (math.log(logarithm) + math.log(4 * math.pi)) / (2 * bound)
    return min(1.0, largest / math.sqrt(width))
