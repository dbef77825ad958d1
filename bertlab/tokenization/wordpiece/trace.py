"""A text's way through WordPiece, with all that was seen on the way."""

from collections.abc import Iterator
from dataclasses import dataclass

from bertlab.errors import InputError
from bertlab.tokenization.wordpiece.aligned import AlignedText, align
from bertlab.tokenization.wordpiece.matching import Attempt, match_word
from bertlab.tokenization.wordpiece.normalization import (
    STEPS,
    NormalizationStep,
    describe_step,
    normalize,
)
from bertlab.tokenization.wordpiece.options import WordPieceOptions
from bertlab.tokenization.wordpiece.pretokenization import split_words
from bertlab.tokenization.wordpiece.special_tokens import Stretch, cut_special_tokens


@dataclass(frozen=True)
class Word:
    """One word, and how it was spelled.

    text: as it stands in the original text
    start, end: where it stands there, in characters
    normalized: as it was looked up
    attempts: each look into the vocabulary, failures included; none for a special token and for
        a word that is too long
    pieces: what it becomes
    piece_spans: (start, end) of each piece in the original text. Pieces of one original
        character (a Korean syllable, say) share its span.
    is_special: it is a special token that was typed as text
    is_unknown: the pieces cannot spell it
    """

    text: str
    start: int
    end: int
    normalized: str
    attempts: tuple[Attempt, ...]
    pieces: tuple[str, ...]
    piece_spans: tuple[tuple[int, int], ...]
    is_special: bool
    is_unknown: bool


@dataclass(frozen=True)
class WordPieceTrace:
    """A text's way through WordPiece.

    text: the original text
    normalized: the text after normalization, special tokens as they were typed
    steps: the four steps of normalization, each with what it changed
    words: the words in order
    """

    text: str
    normalized: str
    steps: tuple[NormalizationStep, ...]
    words: tuple[Word, ...]

    @property
    def pieces(self) -> tuple[str, ...]:
        """All pieces of all words, in order."""
        return tuple(piece for word in self.words for piece in word.pieces)

    @property
    def piece_spans(self) -> tuple[tuple[int, int], ...]:
        """Where each piece comes from: (start, end) in the original text."""
        return tuple(span for word in self.words for span in word.piece_spans)


def trace_wordpiece(text: str, options: WordPieceOptions) -> WordPieceTrace:
    """Follow a text from its characters to its pieces.

    >>> toy = WordPieceOptions(vocabulary={"un": 0, "##aff": 1, "##able": 2, "!": 3})
    >>> trace = trace_wordpiece("Unaffable!", toy)
    >>> trace.normalized
    'unaffable!'
    >>> [(word.text, word.start, word.end, word.pieces) for word in trace.words]
    [('Unaffable', 0, 9, ('un', '##aff', '##able')), ('!', 9, 10, ('!',))]

    Args:
        text: any text.
        options: how the tokenizer at hand is set, from `wordpiece_options`.

    Raises:
        InputError: the text holds half a surrogate pair, which no tokenizer can read.
    """
    check_characters(text)
    early = [(token.content, token) for token in options.added_tokens if not token.is_normalized]
    stretches = list(cut_special_tokens(align(text), early))
    stages = [
        normalize(stretch.aligned, options) if stretch.token is None
        else (stretch.aligned,) * (len(STEPS) + 1)  # a special token stays as it is
        for stretch in stretches
    ]  # fmt: skip
    normalized = [
        Stretch(stage[-1], stretch.token) for stage, stretch in zip(stages, stretches, strict=True)
    ]
    return WordPieceTrace(
        text=text,
        normalized="".join(stretch.aligned.text for stretch in normalized),
        steps=tuple(describe_step(number, stages, options) for number in range(len(STEPS))),
        words=tuple(word for stretch in normalized for word in _words_of(stretch, text, options)),
    )


def check_characters(text: str) -> None:
    """Refuse half surrogate pairs: they stand for no character and cannot be written as UTF-8.

    Raises:
        InputError: with the place and the code of the first of them.
    """
    for place, char in enumerate(text):
        if "\ud800" <= char <= "\udfff":
            raise InputError(
                f"The text cannot be read: character {place + 1} is half of a surrogate pair "
                f"(U+{ord(char):04X}). Delete it, or paste the text again from its source."
            )


def _words_of(stretch: Stretch, text: str, options: WordPieceOptions) -> Iterator[Word]:
    """Find the words of a normalized stretch, and spell them."""
    if stretch.token is not None:
        yield _special_word(stretch, text)
        return
    late = [
        (normalize(align(token.content), options)[-1].text, token)
        for token in options.added_tokens
        if token.is_normalized
    ]
    for part in cut_special_tokens(stretch.aligned, late):
        if part.token is not None:
            yield _special_word(part, text)
        else:
            for word in split_words(part.aligned):
                yield _spelled_word(word, text, options)


def _special_word(stretch: Stretch, text: str) -> Word:
    assert stretch.token is not None
    start, end = stretch.aligned.span()
    return Word(
        text=text[start:end],
        start=start,
        end=end,
        normalized=stretch.aligned.text,
        attempts=(),
        pieces=(stretch.token,),
        piece_spans=((start, end),),
        is_special=True,
        is_unknown=False,
    )


def _spelled_word(word: AlignedText, text: str, options: WordPieceOptions) -> Word:
    match = match_word(word.text, options)
    start, end = word.span()
    return Word(
        text=text[start:end],
        start=start,
        end=end,
        normalized=word.text,
        attempts=match.attempts,
        pieces=match.pieces,
        piece_spans=tuple(word[first:last].span() for first, last in match.spans),
        is_special=False,
        is_unknown=match.is_unknown,
    )
