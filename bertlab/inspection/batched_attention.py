"""The attention of many inputs, in padded batches: one forward pass for several sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from bertlab.models.collate import model_inputs, rows_of
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

BATCH_AT_MOST = 16  # inputs
BATCH_CELLS = 32 * 1024  # of query times key, over a batch: 12 x 12 heads then take 19 MB


def plan_batches(lengths: Sequence[int]) -> list[list[int]]:
    """Put inputs of like lengths together, so that there is little padding.

    `plan_batches([9, 3, 9, 4])` -> [[1, 3, 0, 2]]; long inputs make smaller batches.

    Args:
        lengths: In tokens.

    Returns:
        The inputs' numbers, each of them once.
    """
    batches: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        room = min(BATCH_AT_MOST, BATCH_CELLS // lengths[number] ** 2)
        if batches and len(batches[-1]) < room:
            batches[-1].append(number)
        else:
            batches.append([number])
    return batches


def attend(loaded: LoadedModel, inputs: Sequence[EncodedInput]) -> list[np.ndarray]:
    """Run the model once on a batch and cut the padding off again.

    Inputs of 4 and 6 tokens -> weights of shape (layers, heads, 4, 4) and (layers, heads, 6, 6),
    the same as each alone would have.

    Args:
        loaded: The model; it stays as it is.
        inputs: Without padding, none longer than the model's positions.

    Returns:
        For each input float32 (layers, heads, query, key); each row sums to 1.
    """
    with loaded.lock, torch.inference_mode():  # the lock: nobody else's hooks are on the model
        output = loaded.encoder(**model_inputs(loaded, rows_of(inputs)), output_attentions=True)
    weights = torch.stack(output.attentions, dim=1).float().cpu().numpy()
    # (batch, layers, heads, longest, longest)
    lengths = [len(encoded.tokens) for encoded in inputs]
    return [weights[i, :, :, :count, :count] for i, count in enumerate(lengths)]


def attend_all(
    loaded: LoadedModel, inputs: Sequence[EncodedInput]
) -> Iterator[tuple[int, np.ndarray]]:
    """Give the attention of each input as soon as it is there, with the input's number.

    The order is that of the lengths. Only one batch is held at a time.
    """
    for batch in plan_batches([len(encoded.tokens) for encoded in inputs]):
        yield from zip(batch, attend(loaded, [inputs[i] for i in batch]), strict=True)
