"""From a step's number to the tensors of its batch, and where in the positions an input begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from bertlab.pretraining.data.batches import Inputs, Marks, assemble
from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.data.masking import MaskingVocabulary, mask_tokens
from bertlab.pretraining.data.plan import BatchPlan
from bertlab.pretraining.distillation.sentences import TeacherTargets, TeacherVectors, targets_of
from bertlab.pretraining.objectives import PretrainingBatch, to_batch


def place_inputs(
    inputs: int, length: int, *, share: float, positions: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Number the tokens of a batch, some inputs from a random position on instead of from 0.

    Inputs of 64 tokens leave positions 64 to 511 as random as they began. Shifted ones reach
    them at no cost (SHAPE: Kiyono et al. 2021, "Shifted Absolute Position Embedding").

    2 inputs of 3 tokens, one shifted by 5 -> [[0, 1, 2], [5, 6, 7]]

    Args:
        inputs: in the batch.
        length: tokens per input, padding included, at most `positions`.
        share: chance of an input to be shifted, 0 to 1.
        positions: that the model has.
        rng: fixes every choice.

    Returns:
        int64 (inputs, length), 0 to positions - 1.
    """
    shifts = rng.integers(0, positions - length, size=inputs, endpoint=True)
    shifts[rng.random(inputs) >= share] = 0
    numbers: npt.NDArray[np.int64] = shifts[:, None] + np.arange(length)
    return numbers


@dataclass(frozen=True)
class StepData:
    """All that decides what a step sees; the masking is drawn anew at every step.

    Args:
        text: the joined corpus.
        plan: which examples, when.
        marks: the special tokens.
        vocabulary: for masking.
        masked_share: of the tokens.
        whole_words: mask words instead of pieces.
        shifted_share: chance of an input to begin at a random position.
        positions: that the model has.
        seed: with the step's number it fixes masking and positions.
        teacher: its vectors, where there is a teacher.
        device: where the tensors go.
    """

    text: EncodedText
    plan: BatchPlan
    marks: Marks
    vocabulary: MaskingVocabulary
    masked_share: float
    whole_words: bool
    shifted_share: float
    positions: int
    seed: int
    teacher: TeacherVectors | None
    device: torch.device

    def batch(self, step: int) -> tuple[PretrainingBatch, TeacherTargets | None]:
        """Make the batch of a step, and what the teacher says about it."""
        inputs = assemble(self.text, self.plan.batch(step), self.marks)
        rng = np.random.default_rng((self.seed, step))
        masked = mask_tokens(
            inputs.ids,
            inputs.may_mask,
            self.vocabulary,
            rng,
            share=self.masked_share,
            whole_words=self.whole_words,
        )
        targets = None
        if self.teacher is not None:
            targets = targets_of(inputs, self.text, self.teacher, self.device)
        return to_batch(inputs, masked, self.device, self._positions(step, inputs)), targets

    def _positions(self, step: int, inputs: Inputs) -> npt.NDArray[np.int64]:
        """Number the tokens of a step; drawn apart, so that the masking stays what it was."""
        count, length = inputs.ids.shape
        return place_inputs(
            count,
            length,
            share=self.shifted_share,
            positions=self.positions,
            rng=np.random.default_rng((self.seed, step, 1)),
        )


def marks_of(tokenizer: Any) -> Marks:
    """Read the ids of the special tokens."""
    return Marks(tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id)


def vocabulary_of(tokenizer: Any) -> MaskingVocabulary:
    """Read what masking must know of a tokenizer."""
    size = len(tokenizer)
    pieces = tokenizer.convert_ids_to_tokens(list(range(size)))
    special = set(tokenizer.all_special_ids)
    return MaskingVocabulary(
        size=size,
        mask_id=tokenizer.mask_token_id,
        ordinary=np.array([index for index in range(size) if index not in special]),
        continues=np.array([piece.startswith("##") for piece in pieces]),
    )
