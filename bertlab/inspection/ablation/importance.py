"""How much each head alone matters for one answer, and for many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bertlab.errors import InputError
from bertlab.inspection.ablation.ablation import Head, Kind, heads_mask, replaced_heads, replacement
from bertlab.inspection.ablation.cloze import Question
from bertlab.inspection.ablation.head_means import HeadMeans
from bertlab.inspection.ablation.variants import blank_log_probabilities, rows_per_pass
from bertlab.models.modules import find_parts
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class HeadImportance:
    """What becomes of one answer when each head alone is off.

    Attributes:
        change: float64 (layers, heads): ln p without the head minus ln p with all, in nats, of
            the watched word; below 0 where the head had helped it.
        moved: float64 (layers, heads): total variation distance of the two answers over the whole
            vocabulary, in 0..1.
        probability: Of the watched word with all heads on, in 0..1.
    """

    change: np.ndarray = field(repr=False)
    moved: np.ndarray = field(repr=False)
    probability: float


@dataclass(frozen=True)
class MedianImportance:
    """The same for many sentences.

    Attributes:
        changes: float64 (sentences, layers, heads): each sentence's `HeadImportance.change`.
    """

    changes: np.ndarray = field(repr=False)

    @property
    def sentences(self) -> int:
        """How many sentences it is of."""
        return len(self.changes)

    @property
    def median(self) -> np.ndarray:
        """float64 (layers, heads): of each head the middle one of its changes, in nats."""
        middle: np.ndarray = np.median(self.changes, axis=0)
        return middle

    @property
    def share_below(self) -> np.ndarray:
        """float64 (layers, heads): in how many of the sentences the word lost, in 0..1."""
        share: np.ndarray = (self.changes < 0).mean(axis=0)
        return share


def head_importance(
    loaded: LoadedModel,
    encoded: EncodedInput,
    *,
    masked: Sequence[int],
    position: int,
    word: int,
    kind: Kind = "zero",
    means: HeadMeans | None = None,
    progress: Progress | None = None,
) -> HeadImportance:
    """Switch each head off on its own, all others on, and see what becomes of one word.

    Row r of a batch has head r off, so that a 4 x 4 model needs one pass of 17 rows: the first one
    with all heads on. (Michel et al. 2019 ask the same of a model's accuracy.)

    Args:
        loaded: A model with a masked-LM head.
        encoded: One input without padding.
        masked: Positions that hold the mask token.
        position: The one that is asked about.
        word: The id of the token that is watched there.
        kind: As in `Ablation`.
        means: As in `run_ablated`.
        progress: Called after each pass with the rows done and the rows to do.

    Raises:
        ModelError: The model has no masked-LM head.
        InputError: The means are missing.
    """
    layers, heads = loaded.config.num_hidden_layers, loaded.config.num_attention_heads
    rows = [frozenset[Head]()] + [frozenset({(i, j)}) for i in range(layers) for j in range(heads)]
    mask = loaded.tokenizer.mask_token_id
    ids = tuple(mask if i in masked else token for i, token in enumerate(encoded.token_ids))
    instead = replacement(loaded, kind, means)
    parts = find_parts(loaded.model)
    whole: Tensor | None = None  # (1, vocabulary): with all heads on
    changes, moved = [], []
    for some in _batches(rows, rows_per_pass(len(ids))):
        off = heads_mask(loaded, some)
        with loaded.lock, torch.inference_mode(), replaced_heads(parts, off, instead):
            answers = blank_log_probabilities(loaded, encoded, [ids] * len(some), position)
        whole = answers[:1] if whole is None else whole
        changes.extend((answers[:, word] - whole[:, word]).tolist())
        moved.extend(((answers.exp() - whole.exp()).abs().sum(dim=-1) / 2).tolist())
        if progress:
            progress(len(changes), len(rows))
    assert whole is not None
    return HeadImportance(
        change=np.reshape(changes[1:], (layers, heads)),
        moved=np.reshape(moved[1:], (layers, heads)),
        probability=float(whole[0, word].exp()),
    )


def _batches(rows: list[frozenset[Head]], size: int) -> list[list[frozenset[Head]]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def median_importance(
    loaded: LoadedModel,
    questions: Sequence[Question],
    *,
    kind: Kind = "zero",
    means: HeadMeans | None = None,
    progress: Progress | None = None,
) -> MedianImportance:
    """Ask many sentences, each for its last word, and keep every head's changes.

    Args:
        loaded: A model with a masked-LM head.
        questions: From `last_words`.
        kind: As in `Ablation`.
        means: As in `run_ablated`.
        progress: Called after each sentence with the sentences done and the sentences to do.

    Raises:
        InputError: There is no sentence.
        ModelError: The model has no masked-LM head.
    """
    if not questions:
        raise InputError("There is no sentence to take the median of.")
    changes = []
    for number, question in enumerate(questions, start=1):
        found = head_importance(
            loaded,
            question.encoded,
            masked=question.masked,
            position=question.position,
            word=question.answer,
            kind=kind,
            means=means,
        )
        changes.append(found.change)
        if progress:
            progress(number, len(questions))
    return MedianImportance(np.stack(changes))


def most_helpful(change: np.ndarray, count: int) -> frozenset[Head]:
    """The heads whose loss costs the word most: [[-2, 1], [0, -1]], 2 -> 0.0 and 1.1.

    A head whose loss costs nothing is never among them.
    """
    return frozenset(head for head in _in_order(change)[:count] if change[head] < 0)


def least_needed(change: np.ndarray, count: int) -> frozenset[Head]:
    """The heads whose loss changes least, either way: [[-2, 1], [0, -1]], 1 -> 1.0."""
    return frozenset(_in_order(np.abs(change))[:count])


def _in_order(values: np.ndarray) -> list[Head]:
    """All (layer, head), the lowest value first; of equals the first one."""
    order = np.argsort(values, axis=None, kind="stable")
    return [(int(i) // values.shape[1], int(i) % values.shape[1]) for i in order]
