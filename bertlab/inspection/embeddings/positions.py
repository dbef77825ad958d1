"""What a model learned of order: how alike its position embeddings are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bertlab.inspection.embeddings.separation import pairwise_distances
from bertlab.models.modules import find_parts
from bertlab.tokenization.encoding import position_offset_of

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

DRAWN_AT_MOST = 128  # positions; past this every second, fourth ... one is drawn


@dataclass(frozen=True)
class PositionSimilarity:
    """The cosine of all pairs of position embeddings.

    Attributes:
        positions: The drawn ones, counted from 0 as in the lessons.
        cosines: float64 (position, position), 1 on the diagonal.
        next: The mean cosine of two neighbours, over all positions.
        far: The mean cosine of two positions at least half of the model's length apart.
        step: Every how many positions one is drawn.
    """

    positions: tuple[int, ...]
    cosines: np.ndarray = field(repr=False)
    next: float
    far: float
    step: int


def compare_positions(loaded: LoadedModel, *, is_whole: bool = True) -> PositionSimilarity:
    """Compare a model's position embeddings with each other.

    Rows (1, 0), (0, 1), (-1, 0): cosines [[1, 0, -1], [0, 1, 0], [-1, 0, 1]], `next` 0, `far` of
    two positions 0 and 2 (three positions: at least 2 apart) -1.

    RoBERTa's table begins with rows that no token gets; they are left out.

    Args:
        loaded: The model.
        is_whole: Whether the drawn positions reach to the end, with gaps where there are more than
            `DRAWN_AT_MOST`; else they are the first ones, without a gap.
    """
    table = find_parts(loaded.model).embeddings.positions.weight
    rows = table.detach().float().cpu().numpy()[position_offset_of(loaded.config) :]  # type: ignore[operator]
    return position_similarity(rows, is_whole=is_whole)


def position_similarity(rows: np.ndarray, *, is_whole: bool = True) -> PositionSimilarity:
    """Compare rows of a table of positions: float (position, hidden)."""
    cosines = 1.0 - pairwise_distances(rows)  # (position, position)
    count = len(rows)
    step = max(1, -(-count // DRAWN_AT_MOST)) if is_whole else 1
    drawn = np.arange(0, count, step)[:DRAWN_AT_MOST]
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    return PositionSimilarity(
        positions=tuple(drawn.tolist()),
        cosines=cosines[np.ix_(drawn, drawn)],
        next=float(np.diagonal(cosines, 1).mean()),
        far=float(cosines[apart >= -(-count // 2)].mean()),
        step=step,
    )
