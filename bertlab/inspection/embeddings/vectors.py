"""Hidden states of many sentences, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from bertlab.models.collate import model_inputs, rows_of
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

BATCH_SIZE = 16  # sentences; short ones of BERT-base take about half a second together


def hidden_states_of(
    loaded: LoadedModel,
    inputs: Sequence[EncodedInput],
    *,
    batch_size: int = BATCH_SIZE,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Iterator[np.ndarray]:
    """Run the encoder over many inputs and yield each one's hidden states, without the padding.

    `next(hidden_states_of(loaded, [encode(loaded.tokenizer, "a b")])).shape` is
    (layers + 1, 4, hidden).

    Args:
        loaded: The model; it stays as it is.
        inputs: Without padding, none longer than the model's positions.
        batch_size: How many run at once.
        on_progress: Called with the number of inputs that are done, after each batch.
    """
    for start in range(0, len(inputs), batch_size):
        batch = inputs[start : start + batch_size]
        with loaded.lock, torch.inference_mode():  # the lock: nobody else's hooks are on the model
            given = model_inputs(loaded, rows_of(batch))
            states = loaded.encoder(**given, output_hidden_states=True)
        stacked = torch.stack(states.hidden_states).float().cpu().numpy()
        on_progress(start + len(batch))
        for row, encoded in enumerate(batch):
            yield stacked[:, row, : len(encoded.tokens)]  # (layers + 1, token, hidden)
