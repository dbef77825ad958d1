"""Which Unicode the real tokenizer knows, so that our code sees characters as it does.

Python's ``unicodedata`` follows the Unicode of its own release (14 to 16 and later). The real
tokenizer, the library ``tokenizers`` 0.23, carries older tables: general categories of Unicode
8.0 and combining classes of Unicode 9.0. Its lower-casing is newer than some Pythons (17.0). So a
mark that was added to Unicode in 2017 is an accent for Python and an unknown character for BERT.
We ask Python first and correct it here. The tables were found by asking the real tokenizer about
each code point; a test asks again, about all of them.
"""

import unicodedata
from bisect import bisect_right
from functools import lru_cache
from operator import itemgetter

# Blocks that were still empty in Unicode 8.0 and hold marks, punctuation or format characters
# by now. Code points, hexadecimal, both ends included.
ADDED_AFTER_UNICODE_8 = """
    5C8-5CF 61D 7FB-7FF 85F-89F 8B5-8E2 9FC-A00 A76-A80 AFA-B00 B4E-B55 C04 C3A-C3C C70-C77 C84
    CF3-D00 D3B-D3C D80-D81 EBA ECE-ECF 1715-171F 180F 1ABF-1AFF 1B4C-1B4F 1B7D-1B7F 1DF6-1DFB
    2E43-2E7F A82C-A82F A8C5-A8CD A8FE-A8FF 10570-105FF 10D00-10E5F 10E7F-10FFF 11070-1107E
    110C2-110CF 111CE-111CF 1123E-1127F 1133A-1133B 11375-1147F 1165A-1167F 116B8-116BF
    11740-1189F 11900-11ABF 11AF9-11FFF 12544-12FFF 1342F-143FF 14647-167FF 16B90-16EFF
    16F45-16F4F 16FA0-1AFFF 1BCA4-1CFFF 1D127-1D128 1D246-1D2FF 1DAB0-1E7FF 1E8D7-1EDFF
"""

# Characters whose category has been corrected since Unicode 8.0.
CATEGORY_IN_UNICODE_8 = {
    "\u166d": "Po",  # Canadian Syllabics chi sign: a symbol since 12.0
    "\u1734": "Mn",  # Hanunoo pamudpod: a spacing mark since 14.0
    "\u1885": "Lo",  # Mongolian letters baluda: marks since 9.0
    "\u1886": "Lo",
    "\ua9bd": "Mc",  # Javanese keret: a nonspacing mark since 11.0
    "\U000111c9": "Po",  # Sharada sandhi mark: a nonspacing mark since 11.0
    "\U0001171e": "Mn",  # Ahom medial ra: a spacing mark since 15.0
}

# The marks of Unicode 9.0: no accents yet for the tokenizer, but it does put them in order.
MARKS_OF_UNICODE_9 = """
    8D4-8E1 1DFB 11442 11446 11C3F 1E000-1E006 1E008-1E018 1E01B-1E021 1E023-1E024 1E026-1E02A
    1E944-1E94A
"""

# Capital letters that Unicode got after 14.0: first, last, distance to the small letter.
NEW_CAPITALS = (
    (0x1C89, 0x1C89, 1),
    (0xA7CB, 0xA7CB, 0x264 - 0xA7CB),
    (0xA7CC, 0xA7CC, 1),
    (0xA7CE, 0xA7CE, 1),
    (0xA7D2, 0xA7D2, 1),
    (0xA7D4, 0xA7D4, 1),
    (0xA7DA, 0xA7DA, 1),
    (0xA7DC, 0xA7DC, 0x19B - 0xA7DC),
    (0x10D50, 0x10D65, 0x20),
    (0x16EA0, 0x16EB8, 0x1B),
)


def _code_points(ranges: str) -> tuple[tuple[int, int], ...]:
    """Read a table: ``"61D 7FB-7FF"`` -> ``((0x61D, 0x61D), (0x7FB, 0x7FF))``."""
    ends = (item.partition("-") for item in ranges.split())
    return tuple((int(first, 16), int(last or first, 16)) for first, _, last in ends)


_ADDED = _code_points(ADDED_AFTER_UNICODE_8)
_MARKS_9 = _code_points(MARKS_OF_UNICODE_9)


def _is_within(char: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Look a character up in a sorted table, by bisection."""
    place = bisect_right(ranges, ord(char), key=itemgetter(0)) - 1
    return place >= 0 and ord(char) <= ranges[place][1]


@lru_cache(maxsize=20_000)  # a Chinese text has some thousand different characters
def category(char: str) -> str:
    """Give the general category of a character as Unicode 8.0 has it.

    >>> category("A"), category("!"), category("\u0301")
    ('Lu', 'Po', 'Mn')
    >>> category("\u2e5d")  # oblique hyphen: punctuation since Unicode 14, unassigned in 8.0
    'Cn'
    """
    if char in CATEGORY_IN_UNICODE_8:
        return CATEGORY_IN_UNICODE_8[char]
    return "Cn" if _is_within(char, _ADDED) else unicodedata.category(char)


@lru_cache(maxsize=20_000)  # as above
def combining_class(char: str) -> int:
    """Give the number by which canonical ordering sorts marks; 0 for what is no mark.

    >>> combining_class("e"), combining_class("\u0323"), combining_class("\u0301")
    (0, 220, 230)
    """
    if _is_within(char, _ADDED) and not _is_within(char, _MARKS_9):
        return 0
    return unicodedata.combining(char)


@lru_cache(maxsize=20_000)  # as above
def decompose(char: str) -> str:
    """Take a character apart into its base and its marks (canonical decomposition, NFD).

    >>> [hex(ord(part)) for part in decompose("é")]
    ['0x65', '0x301']
    """
    return char if _is_within(char, _ADDED) else unicodedata.normalize("NFD", char)


@lru_cache(maxsize=20_000)  # as above
def lower(char: str) -> str:
    """Give the small letter or letters of one character.

    One character at a time: the Greek final sigma, which needs its neighbours, is not made.

    >>> lower("Σ"), lower("ß"), len(lower("İ"))
    ('σ', 'ß', 2)
    """
    for first, last, distance in NEW_CAPITALS:
        if first <= ord(char) <= last:
            return chr(ord(char) + distance)
    return char.lower()


def is_white_space(char: str) -> bool:
    r"""Say whether Unicode calls this white space (Python adds four separators, 1C to 1F).

    >>> is_white_space("\u00a0"), is_white_space("\u200b"), is_white_space("\x1c")
    (True, False, False)
    """
    return char.isspace() and not "\x1c" <= char <= "\x1f"
