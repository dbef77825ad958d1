"""One text under several vocabularies: its tokens below its words, and what they cost."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tokenizers import Encoding, Tokenizer

from bertlab.errors import InputError
from bertlab.tokenization.chinese import is_han
from bertlab.tokenization.wordpiece.trace import check_characters
from bertlab.vocabularies.spelling import describe_kind, read_piece, spelling_of

Outcome = Literal["exact", "blanks", "case", "accents", "lost"]


@dataclass(frozen=True)
class CutToken:
    """One token of a text.

    Attributes:
        spelled: As it stands in the vocabulary.
        readable: What it reads as; bytes of a character as "E5 A5".
        id: Its index.
        first, last: The words it belongs to, both included; a token may span Chinese words.
        is_unknown: Whether it is the vocabulary's unknown token.
        is_bytes: Whether it is only a part of a character.
    """

    spelled: str
    readable: str
    id: int
    first: int
    last: int
    is_unknown: bool
    is_bytes: bool = False


@dataclass(frozen=True)
class Cell:
    """Neighbouring words with their tokens; no token lies across the border of two cells.

    Attributes:
        first, last: Indices of the words, both included.
        tokens: Theirs, in order; none where the vocabulary drops the word.
    """

    first: int
    last: int
    tokens: tuple[CutToken, ...]


@dataclass(frozen=True)
class Cutting:
    """What one vocabulary makes of a text.

    Attributes:
        name: Which vocabulary.
        kind: Its algorithm: "WordPiece, uncased".
        vocabulary_size: Its pieces.
        words: How many words the text has.
        tokens: In order, without special tokens that a model adds.
        characters: Of the text, blanks left out.
        outcome: What decoding the ids gives back: "exact" the text; "blanks", "case" or "accents"
            all but those (and those named before it); "lost" where more is gone.
        decoded: What decoding gives.
    """

    name: str
    kind: str
    vocabulary_size: int
    words: int
    tokens: tuple[CutToken, ...]
    characters: int
    outcome: Outcome
    decoded: str

    @property
    def tokens_per_word(self) -> float:
        """Tokens a word, over the whole text."""
        return len(self.tokens) / self.words

    @property
    def characters_per_token(self) -> float:
        """Characters of the text, blanks left out, a token; 0 where there is no token."""
        return self.characters / len(self.tokens) if self.tokens else 0.0

    @property
    def unknown_share(self) -> float:
        """The share of tokens that are the unknown token, from 0 to 1."""
        return sum(token.is_unknown for token in self.tokens) / max(1, len(self.tokens))


def find_words(text: str) -> tuple[tuple[int, int], ...]:
    """Cut a text into words without any vocabulary: (start, end) of each.

    A word is what stands between blanks, and each Chinese character by itself; signs such as
    commas belong to the word before them (the first ones to the word behind).

    >>> text = "我用Python, 好。"
    >>> [text[start:end] for start, end in find_words(text)]
    ['我', '用', 'Python,', '好。']
    """
    words: list[list[int]] = []
    for start, end in _chunks(text):
        if words and (_is_signs(text[start:end]) or _is_signs(text[slice(*words[-1])])):
            words[-1][1] = end
        else:
            words.append([start, end])
    return tuple((start, end) for start, end in words)


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Cut at blanks and around Chinese characters; signs go on with what they touch."""
    start: int | None = None
    has_han = has_letter = False
    for place, character in enumerate(text):
        is_sign = _is_sign(character)
        is_cut = has_letter and not is_sign and (has_han or is_han(character))
        if start is not None and (character.isspace() or is_cut):
            yield start, place
            start = None
        if character.isspace():
            continue
        if start is None:
            start, has_han, has_letter = place, False, False
        has_han = has_han or is_han(character)
        has_letter = has_letter or not is_sign
    if start is not None:
        yield start, len(text)


def _is_signs(text: str) -> bool:
    return all(_is_sign(character) or character.isspace() for character in text)


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PMC"


def cut_text(text: str, name: str, backend: Tokenizer, *, unknown: str | None) -> Cutting:
    """Cut a text with one vocabulary.

    Args:
        text: With at least one word.
        name: What the vocabulary is called.
        backend: The tokenizer.
        unknown: Its unknown token; None where it has none.

    Raises:
        InputError: The text holds no word, or half a surrogate pair.
    """
    check_characters(text)
    words = find_words(text)
    if not words:
        raise InputError("There is no word in this text. Type one.")
    encoding = backend.encode(text, add_special_tokens=False)
    unknown_id = backend.token_to_id(unknown) if unknown else None
    decoded = backend.decode(encoding.ids, skip_special_tokens=False)
    return Cutting(
        name=name,
        kind=describe_kind(backend),
        vocabulary_size=backend.get_vocab_size(),
        words=len(words),
        tokens=_tokens(text, words, encoding, backend, unknown_id),
        characters=sum(not character.isspace() for character in text),
        outcome=compare_round_trip(text, decoded),
        decoded=decoded,
    )


def _tokens(
    text: str,
    words: Sequence[tuple[int, int]],
    encoding: Encoding,
    backend: Tokenizer,
    unknown_id: int | None,
) -> tuple[CutToken, ...]:
    spelling = spelling_of(backend)
    prefix = getattr(backend.model, "continuing_subword_prefix", None) or "##"
    starts = [start for start, _ in words]
    cut = []
    for token_id, token, offsets in zip(
        encoding.ids, encoding.tokens, encoding.offsets, strict=True
    ):
        first, last = _words_of(text, starts, offsets)
        is_unknown = token_id == unknown_id
        spelled = str(backend.id_to_token(token_id)) if is_unknown else token
        reading = read_piece(spelled, spelling, prefix=prefix)
        readable = spelled if is_unknown else reading.text
        cut.append(CutToken(spelled, readable, token_id, first, last, is_unknown, reading.is_bytes))
    return tuple(cut)


def _words_of(text: str, starts: Sequence[int], offsets: tuple[int, int]) -> tuple[int, int]:
    """The words that a token covers; a blank before a word is the word's."""
    start, end = offsets
    while start < len(text) and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    first = max(0, bisect_right(starts, start) - 1)
    return first, max(first, bisect_right(starts, max(start, end - 1)) - 1)


def group(cutting: Cutting) -> tuple[Cell, ...]:
    """Arrange the tokens below the words: one cell a word, wider where a token spans several.

    Words "a", "b", "c" with one token over the first two give the cells (0, 1) and (2, 2).
    """
    bounds = list(range(cutting.words))  # first word of the cell that each word is in
    for token in cutting.tokens:
        for word in range(token.first + 1, token.last + 1):
            bounds[word] = bounds[word - 1]
    held: defaultdict[int, list[CutToken]] = defaultdict(list)
    for token in cutting.tokens:
        held[bounds[token.first]].append(token)
    firsts = sorted(set(bounds))
    ends = [after - 1 for after in (*firsts[1:], cutting.words)]
    return tuple(
        Cell(first, last, tuple(held[first])) for first, last in zip(firsts, ends, strict=True)
    )


def compare_round_trip(text: str, decoded: str) -> Outcome:
    """Say what is missing when the ids are turned back into text.

    >>> compare_round_trip("Déjà vu!", "deja vu!"), compare_round_trip("Oh no", "oh no")
    ('accents', 'case')
    """
    if decoded == text:
        return "exact"
    one, other = ("".join(part.split()) for part in (text, decoded))
    if one == other:
        return "blanks"
    if one.lower() == other.lower():
        return "case"
    return "accents" if _bare(one) == _bare(other) else "lost"


def _bare(text: str) -> str:
    """Lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in apart if unicodedata.category(character) != "Mn")
