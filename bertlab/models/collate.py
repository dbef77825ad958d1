"""The tensors that a model is given: rows of numbers, padded to the longest of them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch

from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

Rows = Mapping[str, Sequence[Sequence[int]]]  # by the name of the model's argument


def rows_of(inputs: Sequence[EncodedInput]) -> dict[str, Sequence[Sequence[int]]]:
    """Take the rows out of inputs; another `input_ids` may take the place of theirs.

    [CLS] a [SEP] -> {"input_ids": [(2, 10, 3)], "attention_mask": [(1, 1, 1)],
    "token_type_ids": [(0, 0, 0)]}
    """
    return {
        "input_ids": [encoded.token_ids for encoded in inputs],
        "attention_mask": [encoded.attention_mask for encoded in inputs],
        "token_type_ids": [encoded.token_type_ids for encoded in inputs],
    }


def model_inputs(loaded: LoadedModel, rows: Rows) -> dict[str, torch.Tensor]:
    """Make the model's arguments, only those that its family takes.

    input_ids [[2, 10, 3], [2, 3]] -> input_ids [[2, 10, 3], [2, 3, 0]] and
    attention_mask [[1, 1, 1], [1, 1, 0]].

    Args:
        loaded: The model; its tokenizer knows the padding's id.
        rows: From `rows_of` or `encode_ids`; without an attention_mask all that is given counts.

    Returns:
        Each int64 (row, longest), on the model's device.
    """
    given = {"attention_mask": [[1] * len(row) for row in rows["input_ids"]], **rows}
    if not takes_segments(loaded):
        given.pop("token_type_ids", None)
    fillers = {"input_ids": loaded.tokenizer.pad_token_id or 0}
    return {
        name: torch.tensor(pad(values, fillers.get(name, 0)), device=loaded.device)
        for name, values in given.items()
    }


def takes_segments(loaded: LoadedModel) -> bool:
    """Whether both know token_type_ids: a DistilBERT may come with BERT's tokenizer."""
    is_taken = "token_type_ids" in inspect.signature(loaded.encoder.forward).parameters
    return is_taken and "token_type_ids" in loaded.tokenizer.model_input_names


def pad(rows: Sequence[Sequence[int]], filler: int) -> list[list[int]]:
    """Make all rows as long as the longest one.

    >>> pad([[5, 6], [7]], 0)
    [[5, 6], [7, 0]]
    """
    longest = max(map(len, rows))
    return [[*row, *[filler] * (longest - len(row))] for row in rows]
