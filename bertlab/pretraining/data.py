"""From a step's number to the tensors of its batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from bertlab.pretraining.batches import Inputs, Marks, assemble
from bertlab.pretraining.encoded import EncodedText
from bertlab.pretraining.masking import Vocabulary, mask_tokens
from bertlab.pretraining.objectives import Batch, to_batch
from bertlab.pretraining.plan import Plan
from bertlab.pretraining.positions import place_inputs
from bertlab.pretraining.teacher import TeacherTargets, TeacherVectors, targets_of


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
    plan: Plan
    marks: Marks
    vocabulary: Vocabulary
    masked_share: float
    whole_words: bool
    shifted_share: float
    positions: int
    seed: int
    teacher: TeacherVectors | None
    device: torch.device

    def batch(self, step: int) -> tuple[Batch, TeacherTargets | None]:
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


def vocabulary_of(tokenizer: Any) -> Vocabulary:
    """Read what masking must know of a tokenizer."""
    size = len(tokenizer)
    pieces = tokenizer.convert_ids_to_tokens(list(range(size)))
    special = set(tokenizer.all_special_ids)
    return Vocabulary(
        size=size,
        mask_id=tokenizer.mask_token_id,
        ordinary=np.array([index for index in range(size) if index not in special]),
        continues=np.array([piece.startswith("##") for piece in pieces]),
    )
