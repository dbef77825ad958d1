"""What Chinese needs before BERT: its words, which no blanks part, and its simplified characters.

Cui et al. (2019, arXiv:1906.08101) masked whole Chinese words, found by a segmenter; so does this.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

Span = tuple[int, int]


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one: true for "好", false for "a" and "あ"."""
    return "\u3400" <= character <= "\u9fff"


def chinese_words(text: str) -> list[Span]:
    """Find the words of two and more Chinese characters: (start, end) of each, in order.

    >>> text = "今天天气很好"
    >>> [text[start:end] for start, end in chinese_words(text)]
    ['今天', '天气']

    The dictionary has phrases as well, such as 今天天气: what is nothing but words of two
    characters in a row is cut into these. No word is guessed that the dictionary lacks.
    """
    if sum(map(is_han, text)) < 2:
        return []
    import rjieba  # reads its dictionary: a third of a second, and only for Chinese

    found = rjieba.tokenize(text, "search", False)
    shorter = {(start, end) for _, start, end in found if end - start == 2}
    spans: list[Span] = []
    for _, start, end in rjieba.tokenize(text, "default", False):
        halves = [(at, at + 2) for at in range(start, end, 2)]
        is_phrase = (end - start) % 2 == 0 and shorter.issuperset(halves)
        spans += halves if is_phrase else [(start, end)]
    return [
        (start, end) for start, end in spans if end - start > 1 and _is_chinese(text, start, end)
    ]


def to_simplified(text: str) -> str:
    """Write traditional characters as simplified ones: "這是電腦" becomes "这是电脑".

    By OpenCC, which looks at words: 頭髮 becomes 头发, 乾淨 becomes 干净. All else stays.
    """
    return str(_converter().convert(text)) if any(map(is_han, text)) else text


def changed_characters(before: str, after: str) -> list[tuple[str, str]]:
    """List what a conversion changed, each once: "這是電" -> [("這", "这"), ("電", "电")]."""
    if len(before) != len(after):
        return [(before, after)]
    pairs = zip(before, after, strict=True)
    return list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


def traditional_lost(vocabulary: Collection[str], text: str) -> list[tuple[str, str]]:
    """List the characters that a vocabulary lacks and whose simplified ones it has.

    Of "這是電" under a vocabulary with 这, 是 and 电 it is [("這", "这"), ("電", "电")].
    """
    lost = {character for character in text if is_han(character) and character not in vocabulary}
    if not lost:
        return []
    changed = changed_characters(text, to_simplified(text))
    return [pair for pair in changed if pair[0] in lost and all(c in vocabulary for c in pair[1])]


@cache  # one, of 1 MB
def _converter() -> Any:
    import opencc  # only for Chinese

    return opencc.OpenCC("t2s")


def _is_chinese(text: str, start: int, end: int) -> bool:
    return all(is_han(character) for character in text[start:end])
