"""What each head makes on average: the vector that tells nothing of the sentence at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bertlab.errors import InputError
from bertlab.inspection.ablation.cloze import Question
from bertlab.inspection.trace import run_trace
from bertlab.models.hooks import layer_hooks
from bertlab.models.modules import find_parts

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class HeadMeans:
    """The mean of every head's context over all tokens of some sentences.

    Attributes:
        context: float32 (layers, hidden): the heads side by side, as W^O is given them.
        sentences: How many sentences it is of.
        tokens: How many tokens these have together, special ones included.
    """

    context: np.ndarray = field(repr=False)
    sentences: int
    tokens: int


def head_means(loaded: LoadedModel, questions: Sequence[Question]) -> HeadMeans:
    """Average what every head makes, token by token, over sentences with a blank each.

    Two sentences of 4 and 6 tokens: the mean of ten vectors. The sentences are those that ship,
    not the one at hand, whose own mean would still tell something of it.

    Raises:
        InputError: There is no sentence.
    """
    if not questions:
        raise InputError("There is no sentence to take the means of.")
    sums: dict[int, Tensor] = {}

    def add(layer: int, context: Tensor) -> None:  # (1, token, hidden)
        total = context[0].sum(dim=0)
        sums[layer] = total + sums[layer] if layer in sums else total

    parts = find_parts(loaded.model)
    modules = [part.attention_output for part in parts.layers]
    with loaded.lock, layer_hooks(modules, before=add):
        for question in questions:
            run_trace(loaded, question.encoded, masked=question.masked)
    tokens = sum(len(question.encoded.tokens) for question in questions)
    context = torch.stack([sums[layer] for layer in range(len(parts.layers))]) / tokens
    return HeadMeans(context.float().cpu().numpy(), len(questions), tokens)
