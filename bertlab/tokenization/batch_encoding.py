"""What BERT gets of many texts at once: ids alone, each row as long as its text.

``encode_ids(tokenizer, ["Hi", "Ho ho"], max_length=3)`` -> input_ids [[2, 60, 3], [2, 61, 3]]
"""

from collections.abc import Container, Sequence
from typing import Any

from bertlab.tokenization.truncation import encode_all, kept_lengths, kept_places, window_places


def encode_ids(
    tokenizer: Any,
    texts: Sequence[str],
    pairs: Sequence[str] | None = None,
    *,
    max_length: int,
    kept: str = "head",
) -> dict[str, list[list[int]]]:
    """Turn many texts into ids, each cut to `max_length`; the longer text of a pair first.

    ``encode_ids(tokenizer, ["Hi", "Ho ho"], max_length=3)``
    -> {"input_ids": [[2, 60, 3], [2, 61, 3]], "token_type_ids": [[0, 0, 0], [0, 0, 0]]}

    As `encode` it leaves the tokenizer as it is: `tokenizer(..., truncation=True)` would switch
    the cutting on for everybody who shares it.

    Args:
        tokenizer: a fast tokenizer of transformers.
        texts: any number of texts.
        pairs: the second text of each, if there are any.
        max_length: most tokens that remain, special tokens included.
        kept: what remains of a text that is too long: its "head", its "tail", or "head+tail", a
            quarter of its beginning and three of its end (Sun et al. 2019).

    Returns:
        By the names of the model's arguments one row for each text; rows differ in length.
    """
    if not texts:
        return {"input_ids": []}
    room = max_length - tokenizer.num_special_tokens_to_add(pair=pairs is not None)
    first = encode_all(tokenizer, texts)
    second = [None] * len(first) if pairs is None else encode_all(tokenizer, pairs)
    rows = [
        _cut_row(tokenizer.backend_tokenizer, one, other, room, kept)
        for one, other in zip(first, second, strict=True)
    ]
    columns = {"input_ids": [ids for ids, _ in rows]}
    if "token_type_ids" in tokenizer.model_input_names:
        columns["token_type_ids"] = [types for _, types in rows]
    return columns


def encode_windows(
    tokenizer: Any,
    texts: Sequence[str],
    pairs: Sequence[str] | None = None,
    *,
    max_length: int,
) -> tuple[dict[str, list[list[int]]], tuple[int, ...]]:
    """Turn many texts into ids; a text that is too long becomes several rows.

    With room for 4 tokens "a b c d e f" and "g" give "a b c d", "d e f" and "g", which are of the
    texts 0, 0 and 1. Of a pair the longer text moves on; the other one stands in every window,
    cut to half of the room.

    Args:
        tokenizer: a fast tokenizer of transformers.
        texts: any number of texts.
        pairs: the second text of each, if there are any.
        max_length: most tokens of a row, special tokens included.

    Returns:
        The rows as `encode_ids` gives them, and for each row the number of its text.
    """
    if not texts:
        return {"input_ids": []}, ()
    room = max_length - tokenizer.num_special_tokens_to_add(pair=pairs is not None)
    first = encode_all(tokenizer, texts)
    second = [None] * len(first) if pairs is None else encode_all(tokenizer, pairs)
    rows: list[tuple[list[int], list[int]]] = []
    owners: list[int] = []
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        whole = tokenizer.backend_tokenizer.post_process(one, other, True)
        lengths = (len(one), 0 if other is None else len(other))
        for content in _window_contents(lengths, room):
            rows.append(_chosen(whole, sum(lengths), content))
            owners.append(number)
    columns = {"input_ids": [ids for ids, _ in rows]}
    if "token_type_ids" in tokenizer.model_input_names:
        columns["token_type_ids"] = [types for _, types in rows]
    return columns, tuple(owners)


def _window_contents(lengths: tuple[int, int], room: int) -> list[set[int]]:
    """Say which tokens each window holds; those of the second text are counted on."""
    if sum(lengths) <= room:
        return [set(range(sum(lengths)))]
    first, second = lengths
    short, long = min(lengths), max(lengths)
    standing = min(short, room // 2)
    short_from, long_from = (first, 0) if first >= second else (0, first)
    return [
        {*range(short_from, short_from + standing), *range(long_from + start, long_from + end)}
        for start, end in window_places(long, room - standing)
    ]


def token_counts(
    tokenizer: Any, texts: Sequence[str], pairs: Sequence[str] | None = None
) -> tuple[int, ...]:
    """Count the tokens of texts that nothing cuts, special tokens included: "Hi" has 3.

    Args:
        tokenizer: a fast tokenizer of transformers.
        texts: any number of texts.
        pairs: the second text of each, if there are any.
    """
    added = tokenizer.num_special_tokens_to_add(pair=pairs is not None)
    first = [len(one) for one in encode_all(tokenizer, texts)]
    second = [0] * len(first) if pairs is None else map(len, encode_all(tokenizer, pairs))
    return tuple(one + other + added for one, other in zip(first, second, strict=True))


def _cut_row(
    backend: Any, first: Any, second: Any | None, room: int, kept: str
) -> tuple[list[int], list[int]]:
    """Put special tokens around a text or two and keep what remains: token ids, token types."""
    lengths = (len(first), 0 if second is None else len(second))
    remaining = kept_lengths(lengths, room, "longest_first")
    whole = backend.post_process(first, second, True)
    if remaining == lengths:
        return whole.ids, whole.type_ids
    places = [kept_places(*pair, kept) for pair in zip(lengths, remaining, strict=True)]
    content = {*places[0], *(lengths[0] + place for place in places[1])}
    return _chosen(whole, sum(lengths), content)


def _chosen(whole: Any, count: int, content: Container[int]) -> tuple[list[int], list[int]]:
    """Of a text with its special tokens keep these and the tokens in `content`."""
    number = iter(range(count))  # of a token that is from a text
    chosen = [
        at
        for at, is_added in enumerate(whole.special_tokens_mask)
        if is_added or next(number) in content
    ]
    return [whole.ids[at] for at in chosen], [whole.type_ids[at] for at in chosen]
