"""Tables of the lessons with the field's column names, and how a table becomes a CSV file."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from bertlab.datasets import escape_for_spreadsheet
from bertlab.inspection.attention import HeadStatistics
from bertlab.tokenization.encoding import EncodedInput
from bertlab.tokenization.wordpiece import Word
from bertlab.views.shared.heatmap import STATISTICS


def words_table(words: tuple[Word, ...]) -> pd.DataFrame:
    """One row a word: where it stands, what it was looked up as, what it became."""
    rows = [
        (w.text, w.start, w.end, w.normalized, len(w.attempts), " ".join(w.pieces)) for w in words
    ]
    columns = ["word", "start", "end", "normalized", "attempts", "pieces"]
    return pd.DataFrame(rows, columns=columns)


def attempts_table(words: tuple[Word, ...]) -> pd.DataFrame:
    """One row a look into the vocabulary: what was looked up for which word, and whether it is."""
    rows = [(w.text, w.start, a.piece, a.found) for w in words for a in w.attempts]
    return pd.DataFrame(rows, columns=["word", "start", "piece", "found"])


def input_table(encoded: EncodedInput) -> pd.DataFrame:
    """One row a token: everything that BERT is given about it."""
    return pd.DataFrame(
        {
            "position": encoded.position_ids,
            "token": encoded.tokens,
            "token_ids": encoded.token_ids,
            "token_type_ids": encoded.token_type_ids,
            "attention_mask": encoded.attention_mask,
        }
    )


def weights_table(
    weights: np.ndarray, tokens: Sequence[str], positions: Sequence[int]
) -> pd.DataFrame:
    """One head, (query, key), one row a query: "river (9)" gives to "the (8)" 0.12."""
    names = [f"{token} ({i})" for token, i in zip(tokens, positions, strict=True)]
    table = pd.DataFrame(np.round(weights.astype(np.float64), 6), columns=names)
    table.insert(0, "query", names)
    return table


def heads_table(statistics: Sequence[HeadStatistics]) -> pd.DataFrame:
    """One row a head: the statistics of `bertlab.inspection.attention`, shares in per cent."""
    columns = {"head": [f"{s.layer}.{s.head}" for s in statistics]}
    table = pd.DataFrame(columns)
    for entry in STATISTICS:
        factor = 100 if entry.is_share else 1
        unit = "%" if entry.is_share else entry.title.rpartition(" in ")[2]
        name = entry.title.removeprefix("share on ").removeprefix("the ").partition(" in ")[0]
        table[f"{name} ({unit})"] = [round(factor * getattr(s, entry.field), 2) for s in statistics]
    return table


def to_csv(table: pd.DataFrame) -> bytes:
    """A table for download: UTF-8 with a BOM for Excel, no cell that a spreadsheet would run.

    The names of columns are disarmed, too: they may be the student's tokens. Of half a surrogate
    pair, which UTF-8 cannot write, "?" is left.
    """
    safe = table.apply(lambda column: column if is_numeric_dtype(column) else column.map(_disarm))
    text: str = safe.rename(columns=_disarm).to_csv(index=False)
    return text.encode("utf-8-sig")


def _disarm(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    return escape_for_spreadsheet(cell.encode("utf-8", "replace").decode("utf-8"))
