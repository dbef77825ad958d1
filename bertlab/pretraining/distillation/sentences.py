"""Distillation: a sentence encoder's vectors as a second thing to learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from bertlab.pretraining.data.batches import Inputs
from bertlab.pretraining.data.encoded import EncodedText

FEWEST_TOKENS = 3  # shorter sentences say too little to be worth a vector


@dataclass(frozen=True)
class TeacherTargets:
    """What the teacher says about the sentences of one batch.

    Args:
        places: int64 (tokens,), numbers in the flattened batch of the tokens that count.
        sentences: int64 (tokens,), for each the row in `vectors` that its sentence has.
        counts: float32 (sentences,), tokens per sentence.
        vectors: float32 (sentences, teacher_size).
    """

    places: Tensor
    sentences: Tensor
    counts: Tensor
    vectors: Tensor


@dataclass(frozen=True)
class TeacherVectors:
    """The teacher's vectors of the sentences that it read.

    Args:
        vectors: float16 (read, teacher_size).
        rows: int64 (sentences,), for each sentence of the corpus its row in `vectors`; -1 for one
            that the teacher did not read.
    """

    vectors: npt.NDArray[np.float16]
    rows: npt.NDArray[np.int64]

    @property
    def size(self) -> int:
        """The length of a vector."""
        return int(self.vectors.shape[1])


def targets_of(
    inputs: Inputs, text: EncodedText, teacher: TeacherVectors, device: torch.device
) -> TeacherTargets | None:
    """Find the sentences that stand whole in a batch and that the teacher knows.

    Args:
        inputs: the batch, with the places of its tokens in the corpus.
        text: the joined corpus.
        teacher: its vectors.
        device: where the model is.

    Returns:
        None where there is no such sentence.
    """
    flat = np.nonzero(inputs.may_mask.ravel())[0]  # (tokens,)
    row, place = flat // inputs.ids.shape[1], inputs.places.ravel()[flat]
    sentence = np.searchsorted(text.sentences, place, side="right") - 1
    # One number for a sentence in a row: the same sentence may stand in two rows.
    key = row * len(text.sentences) + sentence
    _, first, member, counts = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    numbers = sentence[first]
    lengths = text.sentences[numbers + 1] - text.sentences[numbers]
    is_whole = (counts == lengths) & (teacher.rows[numbers] >= 0) & (counts >= FEWEST_TOKENS)
    if not is_whole.any():
        return None
    renumbered = np.cumsum(is_whole) - 1
    taken = is_whole[member]
    vectors = np.asarray(teacher.vectors[teacher.rows[numbers[is_whole]]], dtype=np.float32)
    arrays = (flat[taken], renumbered[member[taken]], counts[is_whole].astype(np.float32), vectors)
    return TeacherTargets(*(torch.from_numpy(array).to(device) for array in arrays))


def teacher_loss(
    projection: nn.Module | None, last_layer: Tensor, targets: TeacherTargets
) -> Tensor:
    """One minus the cosine between projected mean vectors and the teacher's, on average.

    Args:
        projection: hidden size -> teacher_size.
        last_layer: (batch, tokens, hidden).
        targets: see `TeacherTargets`.

    Returns:
        A number from 0 (all the same direction) to 2.
    """
    assert projection is not None  # made wherever there is a teacher
    hidden = last_layer.flatten(0, 1)[targets.places].float()  # (tokens, hidden)
    sums = hidden.new_zeros(len(targets.counts), hidden.shape[-1])
    means = sums.index_add(0, targets.sentences, hidden) / targets.counts[:, None]
    cosine = functional.cosine_similarity(projection(means), targets.vectors, dim=-1)
    return (1 - cosine).mean()
