"""Step 3: WordPiece proper, the greedy longest-match-first search.

WordPiece comes from Schuster and Nakajima 2012 ("Japanese and Korean Voice Search") and became
known through Wu et al. 2016 ("Google's Neural Machine Translation System", arXiv:1609.08144).
This search is the one of BERT (Devlin et al. 2019).
"""

from dataclasses import dataclass

from bertlab.tokenization.wordpiece.options import WordPieceOptions


@dataclass(frozen=True)
class Attempt:
    """One look into the vocabulary.

    piece: what was looked up, with the prefix where it continues a word
    found: whether the vocabulary has it
    """

    piece: str
    found: bool


@dataclass(frozen=True)
class Match:
    """What the search made of one word.

    attempts: each look into the vocabulary, in order, failures included
    pieces: what the word becomes; the unknown token alone where it cannot be spelled
    spans: (start, end) of each piece within the normalized word
    is_unknown: whether the word could not be spelled
    """

    attempts: tuple[Attempt, ...]
    pieces: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    is_unknown: bool


def match_word(word: str, options: WordPieceOptions) -> Match:
    """Spell a word with as long pieces as possible, from left to right.

    >>> toy = WordPieceOptions(vocabulary={"un": 0, "##aff": 1, "##able": 2})
    >>> match = match_word("unaffable", toy)
    >>> match.pieces
    ('un', '##aff', '##able')
    >>> [attempt.piece for attempt in match.attempts if not attempt.found][:3]
    ['unaffable', 'unaffabl', 'unaffab']
    >>> match_word("unaffordable", toy).pieces  # nothing spells "ordable"
    ('[UNK]',)

    Args:
        word: one normalized word, not empty.
        options: the vocabulary and its conventions.

    Returns:
        The pieces, and each attempt on the way.
    """
    attempts: list[Attempt] = []
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    if len(word) > options.max_characters:
        return _unknown(word, attempts, options)  # given up without a look
    start = 0
    while start < len(word):
        end = len(word)
        while end > start:
            piece = (options.prefix if start > 0 else "") + word[start:end]
            found = piece in options.vocabulary
            attempts.append(Attempt(piece, found))
            if found:
                break
            end -= 1  # one character less
        if end == start:
            return _unknown(word, attempts, options)  # not even one character fits
        pieces.append(piece)
        spans.append((start, end))
        start = end
    return Match(tuple(attempts), tuple(pieces), tuple(spans), is_unknown=False)


def _unknown(word: str, attempts: list[Attempt], options: WordPieceOptions) -> Match:
    """Give up the whole word, the pieces found so far included."""
    whole_word = ((0, len(word)),)
    return Match(tuple(attempts), (options.unknown_token,), whole_word, is_unknown=True)
