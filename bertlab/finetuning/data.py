"""Texts as token ids, in batches that waste little on padding; long texts in windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from bertlab.tokenization.batch_encoding import encode_ids, encode_windows

# A pool of 50 batches is shuffled at random and sorted by length inside: enough of one
# length come together, and an epoch's batches still differ from the last epoch's.
POOL = 50


@dataclass(frozen=True)
class Batch:
    """What one step sees.

    Args:
        inputs: the model's arguments, each with the batch as its first dimension.
        labels: (batch,) or (batch, labels), the right answers, see `tasks.py`.
    """

    inputs: dict[str, Tensor]
    labels: Tensor


class Data(Protocol):
    """Examples that can be cut into batches: token ids, or features already computed."""

    @property
    def lengths(self) -> Sequence[int]:
        """Tokens per example."""
        ...

    @property
    def labels(self) -> Tensor:
        """The right answers, (examples,) or (examples, labels), see `tasks.py`."""
        ...

    @property
    def owners(self) -> Sequence[int] | None:
        """The text of each window, where long texts are read in windows; else None."""
        ...

    def batch(self, indices: Sequence[int], device: torch.device) -> Batch:
        """Put the chosen examples together on the device."""
        ...


@dataclass(frozen=True)
class EncodedTexts:
    """Texts as the model reads them, not yet padded.

    Args:
        columns: per input name ("input_ids", "token_type_ids") one list of ints per text.
        lengths: tokens per text.
        labels: (texts,) or (texts, labels), see `tasks.py`.
        pad_id: the id that fills up `input_ids`.
        owners: where long texts are read in windows, the number of the text of each row.
    """

    columns: dict[str, list[list[int]]]
    lengths: tuple[int, ...]
    labels: Tensor
    pad_id: int
    owners: tuple[int, ...] | None = None

    def batch(self, indices: Sequence[int], device: torch.device) -> Batch:
        """Pad to the longest of these texts, not to the longest there could be."""
        lengths = torch.tensor([self.lengths[index] for index in indices])  # (batch,)
        longest = int(lengths.max())
        inputs = {}
        for name, rows in self.columns.items():
            fill = self.pad_id if name == "input_ids" else 0
            padded = [rows[index] + [fill] * (longest - len(rows[index])) for index in indices]
            inputs[name] = torch.tensor(padded).to(device)  # (batch, longest)
        mask = torch.arange(longest)[None, :] < lengths[:, None]  # (batch, longest)
        inputs["attention_mask"] = mask.long().to(device)
        return Batch(inputs, self.labels[list(indices)].to(device))


def encode_texts(
    tokenizer: Any,
    texts: Sequence[str],
    *,
    pairs: Sequence[str] | None = None,
    labels: Tensor | Sequence[int] | None = None,
    max_length: int = 128,
    kept: str = "head",
) -> EncodedTexts:
    """Turn texts into token ids, cut at `max_length`, padded later.

    ["a good film", "bad"] -> input_ids [[2, 14, 310, 512, 3], [2, 498, 3]]

    Args:
        tokenizer: the model's own.
        texts: what is to be classified.
        pairs: the second sentence of each text, where the task has one.
        labels: the right answers; left out when only predictions are wanted.
        max_length: tokens per text, special tokens included.
        kept: what remains of a longer text, see `encode_ids`; or "windows", and a longer text
            becomes several rows, each with its label.
    """
    first, second = _whole(texts), _whole(pairs or ())
    wanted = torch.as_tensor(labels if labels is not None else [0] * len(first))
    owners = None
    if kept == "windows":
        columns, owners = encode_windows(tokenizer, first, second or None, max_length=max_length)
        wanted = wanted[list(owners)]
    else:
        columns = encode_ids(tokenizer, first, second or None, max_length=max_length, kept=kept)
    return EncodedTexts(
        columns=columns,
        lengths=tuple(len(ids) for ids in columns["input_ids"]),
        labels=wanted,
        pad_id=tokenizer.pad_token_id or 0,
        owners=owners,
    )


def _whole(texts: Sequence[str]) -> list[str]:
    """Replace half character pairs, which some programs write and no tokenizer takes."""
    return [str(text).encode("utf-8", "replace").decode("utf-8") for text in texts]


def training_batches(
    lengths: Sequence[int], *, batch_size: int, seed: int, epoch: int
) -> list[list[int]]:
    """Cut one epoch into batches of similar length, in an order that seed and epoch fix.

    lengths [9, 2, 8, 3], batch_size 2 -> [[1, 3], [2, 0]] or [[2, 0], [1, 3]]

    Being a function of seed and epoch alone, the order needs no storing: a run that is
    resumed at step n simply skips the first n batches.

    Args:
        lengths: tokens per example.
        batch_size: examples per batch; the last batch may be smaller.
        seed: the run's.
        epoch: counted from 0.

    Returns:
        Every index exactly once.
    """
    generator = torch.Generator().manual_seed(seed * 1_000 + epoch)
    order = torch.randperm(len(lengths), generator=generator).tolist()
    pool = POOL * batch_size
    batches: list[list[int]] = []
    for start in range(0, len(order), pool):
        near = sorted(order[start : start + pool], key=lambda index: lengths[index])
        batches += [near[at : at + batch_size] for at in range(0, len(near), batch_size)]
    shuffled = torch.randperm(len(batches), generator=generator).tolist()
    return [batches[index] for index in shuffled]


def ordered_batches(lengths: Sequence[int], *, batch_size: int = 64) -> Iterator[list[int]]:
    """Cut examples into batches from short to long, for when the order does not matter.

    lengths [9, 2, 8, 3], batch_size 2 -> [1, 3], [2, 0]
    """
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def pooled(
    owners: Sequence[int], labels: npt.NDArray[Any], answers: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.float32]]:
    """Average the answers to a text's windows: owners [0, 0, 1], answers .9, .5, .2 -> .7, .2.

    Args:
        owners: (windows,), the number of the text of each window, in rising order.
        labels: (windows, ...), the right answers, the same for all windows of a text.
        answers: (windows, labels).

    Returns:
        The labels and the mean answers of the texts.
    """
    _, first, counts = np.unique(np.asarray(owners), return_index=True, return_counts=True)
    sums = np.add.reduceat(answers, first, axis=0)
    return labels[first], (sums / counts[:, None]).astype(np.float32)
