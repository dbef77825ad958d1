"""Asking a classifier about labelled texts: dropout off, nothing learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from bertlab.finetuning.data import Data, ordered_batches, pooled
from bertlab.finetuning.tasks import AnyScores, SingleLabel, Task


@dataclass(frozen=True)
class Evaluation:
    """A model's answers to one part of the data.

    Args:
        labels: (examples,) or (examples, labels), the right answers, see `Task.targets`.
        answers: float32 (examples, labels), see `Task.answers`: of one label per text
            probabilities, each row of which sums to 1.
        task: what was asked.
    """

    labels: npt.NDArray[Any]
    answers: npt.NDArray[np.float32]
    task: Task

    def scores(self) -> AnyScores:
        """Sum the answers up."""
        return self.task.score(self.labels, self.answers)


def evaluate(
    model: nn.Module,
    data: Data,
    *,
    device: torch.device,
    use_bf16: bool = False,
    task: Task | None = None,
) -> Evaluation:
    """Ask a model about every example, dropout off, nothing learned.

    Args:
        model: called with a batch's inputs, returns an object with `.logits`.
        data: the examples; the answers come back in their order. The windows of a long text are
            asked one by one, and the mean of their answers is the text's.
        device: where the model is.
        use_bf16: compute in bfloat16 where that is safe.
        task: what is asked; one label per text where it is left out.
    """
    model.eval()
    task = task or SingleLabel()
    rows: dict[int, npt.NDArray[np.float32]] = {}
    for indices in ordered_batches(data.lengths):
        batch = data.batch(indices, device)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=use_bf16):
            logits = model(**batch.inputs).logits  # (batch, labels)
        rows.update(zip(indices, task.answers(logits.float()).cpu().numpy(), strict=True))
    answers = np.stack([rows[index] for index in range(len(rows))])
    labels = data.labels.numpy()
    if data.owners is not None:
        labels, answers = pooled(data.owners, labels, answers)
    return Evaluation(labels, answers, task)
