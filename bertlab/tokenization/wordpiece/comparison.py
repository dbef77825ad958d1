"""Our trace against the model's real tokenizer."""

from dataclasses import dataclass
from typing import Any

from bertlab.tokenization.wordpiece.trace import WordPieceTrace


@dataclass(frozen=True)
class Comparison:
    """Whether our pieces are those of the real tokenizer, and come from the same places.

    agrees: all pieces and all spans are equal
    ours, theirs: the pieces, special tokens that the model adds left out
    our_spans, their_spans: (start, end) of each piece in the original text
    first_difference: number of the first piece that differs, counted from 0; None where all agree
    """

    agrees: bool
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    our_spans: tuple[tuple[int, int], ...]
    their_spans: tuple[tuple[int, int], ...]
    first_difference: int | None


def compare_with_tokenizer(trace: WordPieceTrace, tokenizer: Any) -> Comparison:
    """Give the same text to the real tokenizer, and compare.

    trace of "unaffable" and BERT's tokenizer -> agrees=True, first_difference=None

    Args:
        trace: from `trace_wordpiece`.
        tokenizer: the fast tokenizer of transformers whose options the trace was made with.
    """
    # Called plainly, it neither cuts nor pads, whatever its file says.
    batch = tokenizer(trace.text, add_special_tokens=False, verbose=False)
    encoding = batch.encodings[0]
    theirs = _names(encoding, tokenizer)
    their_spans = tuple(encoding.offsets)
    first = _first_difference(
        list(zip(trace.pieces, trace.piece_spans, strict=True)),
        list(zip(theirs, their_spans, strict=True)),
    )
    return Comparison(
        agrees=first is None,
        ours=trace.pieces,
        theirs=theirs,
        our_spans=trace.piece_spans,
        their_spans=their_spans,
        first_difference=first,
    )


def _names(encoding: Any, tokenizer: Any) -> tuple[str, ...]:
    """Name the pieces of an encoding; an added token by its own name, whatever it swallowed."""
    added = tokenizer.backend_tokenizer.get_added_tokens_decoder()
    return tuple(
        added[token_id].content if token_id in added else token
        for token_id, token in zip(encoding.ids, encoding.tokens, strict=True)
    )


def _first_difference(ours: list[Any], theirs: list[Any]) -> int | None:
    """Give the first place where two lists differ: "ab", "ac" -> 1; "a", "ab" -> 1."""
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        if one != other:
            return number
    return None if len(ours) == len(theirs) else min(len(ours), len(theirs))
