"""What BERT gets: the numbers that a text, or a pair of texts, becomes before the first layer.

``encode(tokenizer, "Hi", "Ho")`` -> [CLS] hi [SEP] ho [SEP], segments 0 0 0 1 1, mask 1 1 1 1 1
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

from bertlab.errors import InputError
from bertlab.tokenization.chinese import chinese_words
from bertlab.tokenization.truncation import encode_all, kept_lengths
from bertlab.tokenization.wordpiece import check_characters

UNKNOWN_WARNING_SHARE = 0.1  # of more unknown tokens than this, every page warns
ROBERTA_FAMILY = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "data2vec-text")
TRUNCATIONS = ("longest_first", "only_first", "only_second", "do_not_truncate")


@dataclass(frozen=True)
class Cut:
    """The tokens of one text that did not fit.

    sequence: 0 for the first text, 1 for the second
    tokens: what was cut off, in order
    start, end: the stretch of that text that these tokens cover, in characters
    """

    sequence: int
    tokens: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class EncodedInput:
    """What the model gets; all tuples have one entry for each token, padding included.

    tokens, token_ids: the pieces and their numbers in the vocabulary
    token_type_ids: 0 for the first text, 1 for the second; all 0 for a model without segments
    position_ids: as the model counts them (see `encode`)
    attention_mask: 1, or 0 for padding
    offsets: (start, end) in the text that the token came from; (0, 0) for what was added
    word_ids: number of the word within its text, None for what was added
    sequence_ids: 0 or 1 for the text that the token came from, None for what was added
    is_special: [CLS], [SEP], [PAD], [MASK]; also where the text itself spells one. Not [UNK]
    is_added: put in by the tokenizer, not from a text: [CLS], [SEP], [PAD]
    truncated: what was cut, at most one entry for each text
    uses_token_types: whether the model takes token_type_ids at all (RoBERTa does not)
    texts: what was encoded, one or two; kept to find the words of Chinese, and not compared
    """

    tokens: tuple[str, ...]
    token_ids: tuple[int, ...]
    token_type_ids: tuple[int, ...]
    position_ids: tuple[int, ...]
    attention_mask: tuple[int, ...]
    offsets: tuple[tuple[int, int], ...]
    word_ids: tuple[int | None, ...]
    sequence_ids: tuple[int | None, ...]
    is_special: tuple[bool, ...]
    is_added: tuple[bool, ...]
    truncated: tuple[Cut, ...]
    uses_token_types: bool
    texts: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @cached_property
    def whole_word_ids(self) -> tuple[int | None, ...]:
        """As `word_ids`, but the characters of one Chinese word have one number.

        Of 天 气 很 好 it is (0, 0, 2, 3): BERT's tokenizer takes each character for a word, and a
        segmenter finds 天气.
        """
        found = list(self.word_ids)
        for sequence, text in enumerate(self.texts):
            of_text = [i for i, which in enumerate(self.sequence_ids) if which == sequence]
            word_at = {self.offsets[i]: found[i] for i in of_text}
            for start, end in chinese_words(text):
                places = [(at, at + 1) for at in range(start, end)]
                if all(place in word_at for place in places):  # a piece for each character
                    for i in of_text:
                        if self.offsets[i] in places:
                            found[i] = word_at[places[0]]
        return tuple(found)


def encode(
    tokenizer: Any,
    text: str,
    pair: str | None = None,
    *,
    max_length: int | None = None,
    pad_to: int | None = None,
    truncation: str = "longest_first",
    position_offset: int = 0,
) -> EncodedInput:
    """Turn a text, or a pair of texts, into what the model gets.

    ``encode(tokenizer, "Hi", pad_to=5)`` -> [CLS] hi [SEP] [PAD] [PAD], mask 1 1 1 0 0

    The tokenizer's own parts do the work. It is left as it is: cutting and padding happen on this
    one encoding, so a tokenizer may be shared by many users at once.

    Args:
        tokenizer: a fast tokenizer of transformers.
        text: the first text.
        pair: the second text, if there is one.
        max_length: most tokens that remain, special tokens included; None for no limit.
        pad_to: fewest tokens, made up with [PAD]; None for no padding.
        truncation: where to cut: "longest_first" (the longer text, evenly once both are
            equal), "only_first", "only_second" or "do_not_truncate".
        position_offset: number of the first position, from `position_offset_of`.

    Raises:
        InputError: an unknown way of cutting, or a limit that leaves no room.
    """
    _check(text, pair, truncation, max_length)
    backend = tokenizer.backend_tokenizer
    first = _encode_alone(tokenizer, text)
    second = None if pair is None else _encode_alone(tokenizer, pair)
    truncated: tuple[Cut, ...] = ()
    if max_length is not None and truncation != "do_not_truncate":
        room = max_length - tokenizer.num_special_tokens_to_add(pair=pair is not None)
        truncated = _truncate(first, second, room, truncation)
    encoding = backend.post_process(first, second, True)
    if pad_to is not None:
        _pad(encoding, tokenizer, pad_to)
    frozen = _freeze(encoding, tokenizer, truncated, len(first), position_offset)
    return replace(frozen, texts=(text,) if pair is None else (text, pair))


def position_offset_of(config: Any) -> int:
    """Give the number of a model's first position: 0, but pad_token_id + 1 for RoBERTa's family.

    RoBERTa's code counts positions from behind the padding's own number: 2, 3, 4, ...

    Args:
        config: the model's configuration.
    """
    if getattr(config, "model_type", "") in ROBERTA_FAMILY:
        return int(config.pad_token_id or 0) + 1  # a configuration may leave the padding open
    return 0


def longest_input(config: Any) -> int:
    """Tell how many tokens a model has positions for, special tokens included.

    BERT's 512 positions -> 512; RoBERTa's 514, the first two of which no token gets -> 512.

    Args:
        config: the model's configuration.
    """
    return int(config.max_position_embeddings) - position_offset_of(config)


def unknown_share(tokenizer: Any, texts: Sequence[str]) -> float:
    """Give the share of tokens that are [UNK], of all that come from the texts themselves.

    Two known words and one unknown -> 1/3. The unit is tokens: a word in three pieces counts
    three times, a word that becomes [UNK] once. [CLS], [SEP] and other special tokens do not
    count, nor where they were typed. 0.0 where there are no tokens, and for tokenizers that have
    no unknown token, such as RoBERTa's.

    Args:
        tokenizer: a fast tokenizer of transformers.
        texts: any number of texts.

    Returns:
        A share from 0 to 1; compare it with UNKNOWN_WARNING_SHARE.
    """
    unknown = tokenizer.unk_token_id
    if unknown is None or not texts:
        return 0.0
    for text in texts:
        check_characters(text)
    batch = tokenizer(list(texts), add_special_tokens=False, verbose=False)
    special = set(tokenizer.all_special_ids) - {unknown}
    token_ids = [i for ids in batch["input_ids"] for i in ids if i not in special]
    return token_ids.count(unknown) / len(token_ids) if token_ids else 0.0


def _check(text: str, pair: str | None, truncation: str, max_length: int | None) -> None:
    check_characters(text)
    check_characters(pair or "")
    if truncation not in TRUNCATIONS:
        raise InputError(
            f"There is no truncation {truncation!r}. Choose one of {', '.join(TRUNCATIONS)}."
        )
    if truncation == "only_second" and pair is None and max_length is not None:
        raise InputError("Only the second text should be cut, but there is none. Add one.")


def _encode_alone(tokenizer: Any, text: str) -> Any:
    """Encode one text without special tokens, neither cut nor padded; the `tokenizers` object."""
    return encode_all(tokenizer, [text])[0]


def _truncate(first: Any, second: Any | None, room: int, truncation: str) -> tuple[Cut, ...]:
    """Cut the encodings in place until both fit into `room` tokens; tells what was cut."""
    lengths = (len(first), 0 if second is None else len(second))
    keep = kept_lengths(lengths, room, truncation)
    cuts = []
    for sequence, encoding in enumerate((first, second)):
        if encoding is None or keep[sequence] == lengths[sequence]:
            continue
        kept = keep[sequence]
        cuts.append(
            Cut(
                sequence=sequence,
                tokens=tuple(encoding.tokens[kept:]),
                start=encoding.offsets[kept][0],
                end=encoding.offsets[-1][1],
            )
        )
        encoding.truncate(kept)
    return tuple(cuts)


def _pad(encoding: Any, tokenizer: Any, length: int) -> None:
    """Make up an encoding to `length` tokens, in place."""
    if tokenizer.pad_token is None:
        raise InputError("This model's tokenizer has no padding token. Leave the padding out.")
    encoding.pad(
        length,
        direction=tokenizer.padding_side,
        pad_id=tokenizer.pad_token_id,
        pad_type_id=tokenizer.pad_token_type_id,
        pad_token=tokenizer.pad_token,
    )


def _freeze(
    encoding: Any,
    tokenizer: Any,
    truncated: tuple[Cut, ...],
    first_length: int,
    position_offset: int,
) -> EncodedInput:
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    uses_token_types = "token_type_ids" in tokenizer.model_input_names
    mask = tuple(encoding.attention_mask)
    return EncodedInput(
        tokens=tuple(encoding.tokens),
        token_ids=tuple(encoding.ids),
        token_type_ids=tuple(encoding.type_ids) if uses_token_types else (0,) * len(mask),
        position_ids=_position_ids(mask, position_offset),
        attention_mask=mask,
        offsets=tuple(encoding.offsets),
        word_ids=tuple(encoding.word_ids),
        sequence_ids=_sequence_ids(encoding.special_tokens_mask, first_length),
        is_special=tuple(token_id in special for token_id in encoding.ids),
        is_added=tuple(bool(flag) for flag in encoding.special_tokens_mask),
        truncated=truncated,
        uses_token_types=uses_token_types,
    )


def _sequence_ids(added: list[int], first_length: int) -> tuple[int | None, ...]:
    """Say which text each token is from: the first `first_length` that were not added are text 0.

    Counted here, as `tokenizers` forgets the first text's range when it joins two encodings.
    """
    counts = accumulate(1 - flag for flag in added)
    return tuple(
        None if flag else int(count > first_length)
        for flag, count in zip(added, counts, strict=True)
    )


def _position_ids(mask: tuple[int, ...], offset: int) -> tuple[int, ...]:
    """Number the positions as the model does.

    BERT counts each place from 0, padding too. RoBERTa (offset > 0) counts real tokens only; all
    padding stands at offset - 1, the number of its padding token.
    """
    if offset == 0:
        return tuple(range(len(mask)))
    counted = accumulate(mask)
    return tuple(
        offset + count - 1 if flag else offset - 1
        for flag, count in zip(mask, counted, strict=True)
    )
