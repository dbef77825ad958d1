"""A corpus as token ids: flat arrays that are cut into examples later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from bertlab.errors import InputError

AT_ONCE = 2_000  # documents that the tokenizer takes in one call
MAX_VOCABULARY = 65_536  # ids are stored in 16 bits


@dataclass(frozen=True)
class EncodedText:
    """Documents of sentences as one long row of token ids.

    Args:
        ids: uint16 (tokens,), without special tokens.
        sentences: int64 (sentences + 1,), where each sentence begins in `ids`, and the end.
        documents: int64 (documents + 1,), where each document begins in `sentences`, and the end.
    """

    ids: npt.NDArray[np.uint16]
    sentences: npt.NDArray[np.int64]
    documents: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Count the documents."""
        return len(self.documents) - 1


def encode_documents(documents: Iterable[Sequence[str]], tokenizer: Any) -> EncodedText:
    """Turn documents, each a list of sentences, into token ids.

    [["A cat.", "It sleeps."], ["Rain."]] -> ids (8,), sentences [0, 3, 6, 8], documents [0, 2, 3]

    Args:
        documents: sentences; one of which no token is left keeps its place, with length 0.
        tokenizer: a fast tokenizer of transformers with at most 65,536 tokens.

    Raises:
        InputError: the tokenizer has too many tokens.
    """
    if len(tokenizer) > MAX_VOCABULARY:
        raise InputError(f"A vocabulary of {len(tokenizer):,} is too large; take at most 65,536.")
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    rows: list[npt.NDArray[np.uint16]] = [np.zeros(0, dtype=np.uint16)]
    lengths, counts = [0], [0]
    stream = iter(documents)
    while block := list(islice(stream, AT_ONCE)):
        sentences = [sentence for document in block for sentence in document]
        encodings = backend.encode_batch_fast(sentences, add_special_tokens=False)
        rows += [np.array(encoding.ids, dtype=np.uint16) for encoding in encodings]
        lengths += [len(encoding.ids) for encoding in encodings]
        counts += [len(document) for document in block]
    return EncodedText(np.concatenate(rows), np.cumsum(lengths), np.cumsum(counts))


def join_texts(texts: Sequence[EncodedText]) -> EncodedText:
    """Put texts behind one another, so that one row of ids serves all sources."""
    ids = np.concatenate([text.ids for text in texts])
    sentences, documents = [np.zeros(1, dtype=np.int64)], [np.zeros(1, dtype=np.int64)]
    for text in texts:
        documents.append(text.documents[1:] + documents[-1][-1])
        sentences.append(text.sentences[1:] + sentences[-1][-1])
    return EncodedText(ids, np.concatenate(sentences), np.concatenate(documents))
