"""Step 0: special tokens that were typed as text, such as [MASK], are cut out first.

``"I like [MASK]."`` -> ``"I like "``, [MASK], ``"."``

Without this step "[MASK]" would become the five words "[", "mask", "]" and so on. Upper and lower
case matter: "[mask]" is no special token.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bertlab.tokenization.wordpiece.aligned import AlignedText
from bertlab.tokenization.wordpiece.options import AddedToken
from bertlab.tokenization.wordpiece.unicode8 import is_white_space

# Symbols by category that Unicode counts as alphabetic all the same.
CIRCLED_LETTERS = (
    ("\u24b6", "\u24e9"),
    ("\U0001f130", "\U0001f149"),
    ("\U0001f150", "\U0001f169"),
    ("\U0001f170", "\U0001f189"),
)


@dataclass(frozen=True)
class Stretch:
    """A part of the text: a special token, or what lies between two of them.

    aligned: the text of this part
    token: the special token, or None for ordinary text
    """

    aligned: AlignedText
    token: str | None = None


def cut_special_tokens(
    aligned: AlignedText, tokens: Sequence[tuple[str, AddedToken]]
) -> Iterator[Stretch]:
    """Cut a text at its special tokens: leftmost first, and the longest where several begin.

    "a[SEP]b" -> "a", [SEP], "b"

    Args:
        aligned: the text to cut.
        tokens: what to look for, and the token that it is.

    Yields:
        The parts in order, none of them empty.
    """
    done = 0
    for start, end, token in _find(aligned.text, tokens):
        if token.takes_left:
            start = max(done, _skip_space_left(aligned.text, start))
        if token.takes_right:
            end = _skip_space_right(aligned.text, end)
        if done < start:
            yield Stretch(aligned[done:start])
        yield Stretch(aligned[start:end], token.content)
        done = end
    if done < len(aligned.text):
        yield Stretch(aligned[done:])


def _find(
    text: str, tokens: Sequence[tuple[str, AddedToken]]
) -> Iterator[tuple[int, int, AddedToken]]:
    """Find each special token that counts: (start, end, token)."""
    by_content = {content: token for content, token in tokens if content}
    if not by_content:
        return
    longest_first = sorted(by_content, key=len, reverse=True)
    for match in re.finditer("|".join(map(re.escape, longest_first)), text):
        token = by_content[match.group()]
        is_touched = _is_word(text[: match.start()][-1:]) or _is_word(text[match.end() :][:1])
        if not (token.is_single_word and is_touched):
            yield match.start(), match.end(), token


def _is_word(char: str) -> bool:
    r"""Say whether a character is part of a word (\w of Unicode); the text's edge "" is not."""
    if not char:
        return False
    if char in "\u200c\u200d" or any(first <= char <= last for first, last in CIRCLED_LETTERS):
        return True
    name = unicodedata.category(char)
    return name in ("Nd", "Nl", "Pc") or name[0] in "LM"


def _skip_space_left(text: str, start: int) -> int:
    while start > 0 and is_white_space(text[start - 1]):
        start -= 1
    return start


def _skip_space_right(text: str, end: int) -> int:
    while end < len(text) and is_white_space(text[end]):
        end += 1
    return end
