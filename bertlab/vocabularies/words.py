"""A text as counted words: what a vocabulary is learned from."""

from collections import Counter

from bertlab.errors import InputError
from bertlab.tokenization.wordpiece.aligned import align
from bertlab.tokenization.wordpiece.normalization import normalize
from bertlab.tokenization.wordpiece.options import WordPieceOptions
from bertlab.tokenization.wordpiece.pretokenization import split_words
from bertlab.tokenization.wordpiece.trace import check_characters

MOST_CHARACTERS = 50_000  # of a text: two thousand merges of it take about a second
LONGEST_WORD = 100  # characters; BERT reads longer ones as [UNK]


def count_words(text: str, *, splits_han: bool = True) -> dict[str, int]:
    """Cut a text as an uncased BERT does before WordPiece, and count its words.

    >>> count_words("A cat, a hat.")
    {'a': 2, 'cat': 1, ',': 1, 'hat': 1, '.': 1}
    >>> count_words("好的，好的"), count_words("好的，好的", splits_han=False)
    ({'好': 2, '的': 2, '，': 1}, {'好的': 2, '，': 1})

    Args:
        text: At most `MOST_CHARACTERS` characters.
        splits_han: Whether each Chinese character is a word of its own, as in BERT.

    Returns:
        Word -> how often it occurs, in the order of first sight. Words of more than a hundred
        characters are left out.

    Raises:
        InputError: The text is too long, holds half a surrogate pair, or has no word.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            f"The text has {len(text):,} characters; at most {MOST_CHARACTERS:,} are taken. Keep a "
            "part of it."
        )
    check_characters(text)
    options = WordPieceOptions(vocabulary={}, space_cjk=splits_han)
    normalized = normalize(align(text), options)[-1]
    counts = Counter(
        word.text for word in split_words(normalized) if len(word.text) <= LONGEST_WORD
    )
    if not counts:
        raise InputError("There is no word to learn from yet. Type or paste a text.")
    return dict(counts)
