"""The script of a text, by the names of its letters: what is sure where a language is not."""

import unicodedata
from collections import Counter
from functools import lru_cache

NO_LETTERS = ""
FIRST_LETTERS = 200  # of a text: enough to tell its script
_NAMES = {"CJK": "Han", "HIRAGANA": "Kana", "KATAKANA": "Kana", "HANGUL": "Hangul"}


def script_of(text: str) -> str:
    """Name the script of most of a text's letters: `script_of("добрый day")` is "Cyrillic".

    Chinese characters are "Han"; hiragana and katakana, which no other language has, make a text
    "Kana" even where Chinese characters are more. A text without letters gets "".
    """
    letters = [character for character in text[: 4 * FIRST_LETTERS] if character.isalpha()]
    counts = Counter(map(_script, letters[:FIRST_LETTERS]))
    if counts["Kana"] and counts["Kana"] + counts["Han"] > counts.total() / 2:
        return "Kana"
    return counts.most_common(1)[0][0] if counts else NO_LETTERS


@lru_cache(maxsize=8192)  # more characters than a table has: Chinese ones above all
def _script(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)[0]  # a full-width or ornate letter is a letter
    first = unicodedata.name(plain, "UNKNOWN").split()[0]
    return _NAMES.get(first, first.capitalize())
