"""All pieces of a vocabulary: what each is, and which ones answer to a search."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pyarrow
import pyarrow.compute
from tokenizers import Tokenizer

from bertlab.errors import InputError
from bertlab.languages.scripts import script_of
from bertlab.tokenization.wordpiece.pretokenization import is_punctuation
from bertlab.vocabularies.spelling import Spelling, read_piece, spelling_of

Kind = Literal[
    "word start", "continuation", "single character", "part of a character", "special", "unused"
]
How = Literal["starts", "ends", "contains", "pattern"]
KINDS: tuple[Kind, ...] = (
    *("word start", "continuation", "single character"),
    *("part of a character", "special", "unused"),
)
NO_SCRIPT, DIGITS, PUNCTUATION, SYMBOLS = "none", "Digits", "Punctuation", "Symbols"
LONGEST_PATTERN = 200  # characters
UNUSED = re.compile(r"\[unused\d+\]")  # places that Google left free in BERT's vocabularies


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of a vocabulary.

    Attributes:
        id: Its index.
        spelled: As it stands there: "##ing", "Ġthe".
        readable: What it reads as, without the mark: "ing", "the".
        kind: "single character" is a word of one character; a continuation may have any length.
        script: "Latin", "Han", "Digits" ...; "none" for special tokens and lone bytes.
        length: Characters of `readable`; 0 for special tokens, bytes and unused places.
    """

    id: int
    spelled: str
    readable: str
    kind: Kind
    script: str
    length: int


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer's pieces, by id.

    Attributes:
        spelling: How they are written.
        pieces: In the order of their ids.
    """

    spelling: Spelling
    pieces: tuple[Piece, ...]

    @cached_property
    def by_id(self) -> dict[int, Piece]:
        """The pieces under their ids, which may have gaps."""
        return {piece.id: piece for piece in self.pieces}

    @cached_property
    def alphabet(self) -> tuple[Piece, ...]:
        """The pieces in the order of what they read as, then of how they are written."""
        return tuple(sorted(self.pieces, key=_place))

    @cached_property
    def spellings(self) -> pyarrow.Array:
        """The pieces as written, for patterns."""
        return pyarrow.array([piece.spelled for piece in self.pieces], pyarrow.string())


@dataclass(frozen=True)
class Filter:
    """What to look for; the defaults let every piece through.

    Attributes:
        text: Looked for in both what is written ("##ing") and what is read ("ing").
        how: Where; "pattern" is a regular expression over what is written.
        kind, script: One of them, or None for all.
        shortest, longest: Length in characters; special tokens have length 0. None: no limit.
        first_id, last_id: Both included. None: no limit.
    """

    text: str = ""
    how: How = "starts"
    kind: Kind | None = None
    script: str | None = None
    shortest: int = 0
    longest: int | None = None
    first_id: int = 0
    last_id: int | None = None


def read_vocabulary(backend: Tokenizer) -> Vocabulary:
    """List all pieces of a tokenizer; about a second for 250,000 of them.

    A vocabulary of [UNK], "the" and "##s" gives kinds special, word start, continuation.

    Args:
        backend: Of the library `tokenizers`; of transformers' one, its `backend_tokenizer`.
    """
    spelling = spelling_of(backend)
    prefix = getattr(backend.model, "continuing_subword_prefix", None) or "##"
    added = backend.get_added_tokens_decoder()
    special = {place for place, token in added.items() if token.special}
    spelled = sorted(backend.get_vocab(with_added_tokens=True).items(), key=lambda item: item[1])
    pieces = (_piece(place, text, place in special, spelling, prefix) for text, place in spelled)
    return Vocabulary(spelling, tuple(pieces))


def _piece(place: int, text: str, is_special: bool, spelling: Spelling, prefix: str) -> Piece:
    if is_special or UNUSED.fullmatch(text):
        return Piece(place, text, text, "special" if is_special else "unused", NO_SCRIPT, 0)
    reading = read_piece(text, spelling, prefix=prefix)
    if reading.is_bytes:
        return Piece(place, text, reading.text, "part of a character", NO_SCRIPT, 0)
    length = len(reading.text)
    kind: Kind = "continuation"
    if reading.begins_word:
        kind = "single character" if length == 1 else "word start"
    return Piece(place, text, reading.text, kind, script_of_piece(reading.text), length)


def script_of_piece(text: str) -> str:
    """Name the script of a piece's letters, or what it has instead of letters.

    >>> [script_of_piece(text) for text in ("the", "好", "1990", "!?", "€")]
    ['Latin', 'Han', 'Digits', 'Punctuation', 'Symbols']
    """
    if text.isascii() and text.isalpha():
        return "Latin"
    if script := script_of(text):
        return script
    if any(character.isnumeric() for character in text):
        return DIGITS
    return PUNCTUATION if any(map(is_punctuation, text)) else SYMBOLS


def find_pieces(vocabulary: Vocabulary, wanted: Filter) -> tuple[Piece, ...]:
    """Give the pieces that a filter lets through, in the order of their ids.

    Of "un", "##un", "under", "fun" the filter Filter("un") finds the first three, Filter("##un")
    the second, Filter("un", "ends") all but "under".

    Raises:
        InputError: The pattern is no regular expression, or one that may take for ever.
    """
    last = vocabulary.pieces[-1].id if wanted.last_id is None and vocabulary.pieces else 0
    last = wanted.last_id if wanted.last_id is not None else last
    longest = wanted.longest if wanted.longest is not None else 10**9
    return tuple(
        piece
        for piece in _with_text(vocabulary, wanted.text, wanted.how)
        if wanted.first_id <= piece.id <= last
        and wanted.shortest <= piece.length <= longest
        and wanted.kind in (None, piece.kind)
        and wanted.script in (None, piece.script)
    )


def _with_text(vocabulary: Vocabulary, text: str, how: How) -> Iterable[Piece]:
    if not text:
        return vocabulary.pieces
    if how == "pattern":
        return _with_pattern(vocabulary, text)
    tests: dict[str, Callable[[str], bool]] = {
        "starts": lambda found: found.startswith(text),
        "ends": lambda found: found.endswith(text),
        "contains": lambda found: text in found,
    }
    test = tests[how]
    return [one for one in vocabulary.pieces if test(one.readable) or test(one.spelled)]


def _with_pattern(vocabulary: Vocabulary, pattern: str) -> list[Piece]:
    """Search by RE2, whose time grows with the text alone: no pattern can hold the server up."""
    if len(pattern) > LONGEST_PATTERN:
        raise InputError(
            f"The pattern has {len(pattern):,} characters; at most {LONGEST_PATTERN} are taken."
        )
    try:
        hits = pyarrow.compute.match_substring_regex(vocabulary.spellings, pattern)
    except (pyarrow.ArrowInvalid, UnicodeEncodeError) as error:
        reason = str(error).removeprefix("Invalid regular expression: ").splitlines()[0][:120]
        raise InputError(
            f"This pattern cannot be searched for: {reason}. Look-around and back-references are "
            "left out, as they can take for ever."
        ) from error
    return [piece for piece, hit in zip(vocabulary.pieces, hits.to_pylist(), strict=True) if hit]


def neighbours(vocabulary: Vocabulary, piece: Piece, *, each_side: int = 6) -> tuple[Piece, ...]:
    """Give the pieces around one in the order of the alphabet, itself in their midst."""
    place = bisect_left(vocabulary.alphabet, _place(piece), key=_place)
    return vocabulary.alphabet[max(0, place - each_side) : place + each_side + 1]


def longer_pieces(vocabulary: Vocabulary, piece: Piece) -> tuple[Piece, ...]:
    """Give the longer pieces whose spelling begins with this one's, in the alphabet's order.

    "the" has "there" and "then"; "##ing" has "##ings" and not "ingot".
    """
    return tuple(
        other
        for other in vocabulary.alphabet
        if other.spelled.startswith(piece.spelled) and other.length > piece.length > 0
    )


def twin_of(vocabulary: Vocabulary, piece: Piece) -> Piece | None:
    """Find the piece that reads the same at another place in a word: "##ing" for "ing"."""
    if not piece.length:
        return None
    start = bisect_left(vocabulary.alphabet, (piece.readable, ""), key=_place)
    for other in vocabulary.alphabet[start : start + 3]:
        if other.readable == piece.readable and other.id != piece.id and other.length:
            return other
    return None


def _place(piece: Piece) -> tuple[str, str]:
    """Where a piece stands in the alphabet."""
    return piece.readable, piece.spelled


def count_scripts(pieces: Sequence[Piece]) -> tuple[tuple[str, int], ...]:
    """Count pieces by script, the commonest first: (("Latin", 900), ("Digits", 40))."""
    counts = Counter(piece.script for piece in pieces)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def count_kinds(pieces: Sequence[Piece]) -> tuple[tuple[Kind, int], ...]:
    """Count pieces by kind, in the order of `KINDS`; kinds without a piece are left out."""
    counts = Counter(piece.kind for piece in pieces)
    return tuple((kind, counts[kind]) for kind in KINDS if counts[kind])


def count_lengths(pieces: Sequence[Piece]) -> tuple[tuple[int, Kind, int], ...]:
    """Count pieces by length and kind: (length, kind, pieces), those of length 0 left out."""
    counts = Counter((piece.length, piece.kind) for piece in pieces if piece.length)
    return tuple((length, kind, count) for (length, kind), count in sorted(counts.items()))
