"""Step 2: pre-tokenization, which cuts the normalized text into words.

``"don't stop!"`` -> ``don ' t stop !``

White space separates words and is dropped; each punctuation character is a word of its own
(Devlin et al. 2019, github.com/google-research/bert, tokenization.py).
"""

from collections.abc import Iterator

from bertlab.tokenization.wordpiece.aligned import AlignedText
from bertlab.tokenization.wordpiece.unicode8 import category, is_white_space


def is_punctuation(char: str) -> bool:
    r"""Say whether BERT treats a character as punctuation.

    All of ASCII that is neither letter, digit, blank nor control character counts, so "$" and "~"
    do, although Unicode calls them symbols; beyond ASCII it is Unicode's categories P*.

    >>> is_punctuation("$"), is_punctuation("。"), is_punctuation("€"), is_punctuation("a")
    (True, True, False, False)
    """
    if char.isascii():
        return "!" <= char <= "~" and not char.isalnum()
    return category(char).startswith("P")


def split_words(normalized: AlignedText) -> Iterator[AlignedText]:
    """Cut a text at white space and around each punctuation character.

    "wait, what" -> "wait", ",", "what"; each word still knows where it comes from.
    """
    start = 0  # where the word that is being read begins
    for place, char in enumerate(normalized.text):
        is_mark = is_punctuation(char)
        if not is_mark and not is_white_space(char):
            continue
        if start < place:
            yield normalized[start:place]
        if is_mark:
            yield normalized[place : place + 1]
        start = place + 1
    if start < len(normalized.text):
        yield normalized[start:]
