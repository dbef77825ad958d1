"""What pre-training minimises: the loss of the masked tokens and of the next sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from bertlab.pretraining.data.batches import Inputs
from bertlab.pretraining.data.masking import NOT_CHOSEN, Masked

IGNORED = -1
SCORES_AT_ONCE = 8_000_000  # of the output layer: 32 MB, and as much again for their gradients


@dataclass(frozen=True)
class PretrainingBatch:
    """One step's tensors on the device.

    Args:
        inputs: input_ids, token_type_ids, attention_mask and perhaps position_ids, each int64
            (batch, tokens).
        positions: int64 (chosen,), the chosen tokens' numbers in the flattened batch.
        answers: int64 (chosen,), what they were.
        labels: int64 (batch,): 0 B follows A, 1 B is random, -1 not asked.
        sequences: inputs in the batch.
        tokens: without padding.
    """

    inputs: dict[str, Tensor]
    positions: Tensor
    answers: Tensor
    labels: Tensor
    sequences: int
    tokens: int


@dataclass(frozen=True)
class Losses:
    """The parts of the loss, and the hits.

    Args:
        masked: mean cross-entropy of the chosen tokens, in nats.
        next_sentence: mean cross-entropy of the pairs, in nats; 0 without pairs.
        masked_hits: share of the chosen tokens whose best answer is right.
        next_hits: right pairs.
        pairs: pairs in the batch.
        last_layer: float (batch, tokens, hidden), for further objectives.
    """

    masked: Tensor
    next_sentence: Tensor
    masked_hits: Tensor
    next_hits: Tensor
    pairs: int
    last_layer: Tensor

    @property
    def total(self) -> Tensor:
        """Both losses, added as in the paper."""
        return self.masked + self.next_sentence


def to_batch(
    inputs: Inputs,
    masked: Masked,
    device: torch.device,
    positions: npt.NDArray[np.int64] | None = None,
) -> PretrainingBatch:
    """Move a masked batch to the device.

    Args:
        inputs: the batch before masking.
        masked: the same after it.
        device: where the tensors go.
        positions: int64 (batch, tokens), each token's position; from 0 on if left out.
    """
    chosen = torch.from_numpy((masked.kinds != NOT_CHOSEN).ravel()).nonzero()[:, 0]
    answers = torch.from_numpy(inputs.ids.ravel())[chosen]
    arrays = {
        "input_ids": masked.input_ids,
        "token_type_ids": inputs.segments,
        "attention_mask": inputs.attention_mask,
    }
    if positions is not None:
        arrays["position_ids"] = positions
    tensors = {name: torch.from_numpy(array).to(device) for name, array in arrays.items()}
    return PretrainingBatch(
        tensors,
        chosen.to(device),
        answers.to(device),
        torch.from_numpy(inputs.labels).to(device),
        len(inputs.ids),
        int(inputs.attention_mask.sum()),
    )


def losses(model: Any, batch: PretrainingBatch) -> Losses:
    """Run the model; only the chosen positions go through the output layer, slice by slice.

    Args:
        model: a BertForPreTraining.
        batch: see `PretrainingBatch`.
    """
    last_layer, pooled = model.bert(**batch.inputs, return_dict=False)[:2]
    flat = last_layer.flatten(0, 1)  # (batch x tokens, hidden)
    masked, masked_hits = _masked_loss(model, flat[batch.positions], batch.answers)
    is_pair = batch.labels != IGNORED
    next_scores = model.cls.seq_relationship(pooled[is_pair]).float()  # (pairs, 2)
    labels = batch.labels[is_pair]
    pairs = len(labels)
    next_loss = functional.cross_entropy(next_scores, labels) if pairs else next_scores.sum()
    return Losses(
        masked=masked,
        next_sentence=next_loss,
        masked_hits=masked_hits,
        next_hits=(next_scores.argmax(-1) == labels).sum(),
        pairs=pairs,
        last_layer=last_layer,
    )


def _masked_loss(model: Any, hidden: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy and share of right answers of the chosen tokens.

    1,600 tokens have 1,600 x 30,522 scores, several times over until the gradients are known:
    more memory than the rest of a small model. So a slice's scores are forgotten, and computed
    again when its gradients are asked for (Chen et al. 2016): the same numbers for less memory.

    Args:
        model: a BertForPreTraining.
        hidden: (chosen, hidden), the last layer at the chosen tokens.
        answers: int64 (chosen,).
    """
    count = max(1, SCORES_AT_ONCE // model.config.vocab_size)  # tokens in a slice
    slices = list(zip(hidden.split(count), answers.split(count), strict=True))
    if len(slices) == 1:
        parts = [_sums(model, hidden, answers)]
    else:
        parts = [checkpoint(_sums, model, *one, use_reentrant=False) for one in slices]
    sums, hits = zip(*parts, strict=True)
    return torch.stack(sums).sum() / len(answers), torch.stack(hits).sum() / len(answers)


def _sums(model: Any, hidden: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
    """Summed cross-entropy and hits of a slice."""
    scores = model.cls.predictions(hidden).float()  # (slice, vocabulary)
    loss = functional.cross_entropy(scores, answers, reduction="sum")
    return loss, (scores.argmax(-1) == answers).float().sum()
