"""The word embeddings that learn: the rows of tokens that stand in the texts, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from bertlab.finetuning.data import EncodedTexts


def learn_used_rows(model: Any, texts: Iterable[EncodedTexts]) -> None:
    """Let the word embeddings' rows of these texts learn, and keep the others as they are.

    A token that no text has gets no gradient. AdamW would still go through its row at every
    step, to shrink it by weight decay alone: by learning rate times 0.01, a thousandth in a whole
    run of the mini. More than half of the mini's weights are word embeddings, and two thirds of
    XLM-RoBERTa's: these steps and the memory for them are saved where the texts have few of the
    words. `put_rows_back` makes the table whole again.

    Args:
        model: for sequence classification; it is changed in place.
        texts: all that it is asked about until the rows are put back.
    """
    whole = model.get_input_embeddings()
    ids = {token for part in texts for row in part.columns["input_ids"] for token in row}
    ids |= {part.pad_id for part in texts}
    model.set_input_embeddings(UsedRows(whole, sorted(ids)))


def put_rows_back(model: Any) -> None:
    """Make the embeddings whole: the rows that learned, among those that stayed."""
    used = model.get_input_embeddings()
    if isinstance(used, UsedRows):
        model.set_input_embeddings(used.whole())


class UsedRows(nn.Module):
    """Some rows of an embedding table, found by the ids of the whole.

    `UsedRows(nn.Embedding(30522, 768), [0, 101, 102, 2204])(ids)` is what the table itself gives
    for these ids; its `weight` is (4, 768).
    """

    def __init__(self, table: nn.Embedding, ids: list[int]) -> None:
        """Take rows out of a table.

        Args:
            table: (vocabulary, width).
            ids: the rows, each once.
        """
        super().__init__()
        self._table = [table]  # in a list it is no part of the model: not trained, not stored
        self._ids = torch.tensor(ids, device=table.weight.device)
        self._places = torch.full_like(table.weight[:, 0], -1, dtype=torch.long)  # (vocabulary,)
        self._places[self._ids] = torch.arange(len(ids), device=table.weight.device)
        self._pad = ids.index(table.padding_idx) if table.padding_idx in ids else None
        self.weight = nn.Parameter(table.weight.detach()[self._ids].clone())

    def forward(self, ids: Tensor) -> Tensor:
        """Look up ids (...) of the whole table: (..., width). An id without a row is an error."""
        return functional.embedding(self._places[ids], self.weight, padding_idx=self._pad)

    def whole(self) -> nn.Embedding:
        """The table, with the rows as they are now."""
        table = self._table[0]
        with torch.no_grad():
            table.weight[self._ids] = self.weight
        return table
