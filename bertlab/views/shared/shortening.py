"""Texts cut to the room that a figure has; "…" stands for the rest."""

from itertools import accumulate
from unicodedata import east_asian_width

NAME_LENGTH = 16  # characters of a token on an axis


def shorten(text: str, most: int = NAME_LENGTH) -> str:
    """Cut a text to a number of characters: `shorten("elephants", 6)` is "eleph…"."""
    return text if len(text) <= most else text[: most - 1] + "…"


def fit(text: str, columns: int) -> str:
    """Cut a text to a width in columns, of which a Chinese character takes two.

    >>> fit("elephants", 6), fit("苹果公司", 6)
    ('eleph…', '苹果…')
    """
    return text if columns_of(text) <= columns else text[: fitting(text, columns - 1)] + "…"


def fitting(text: str, columns: int) -> int:
    """How many characters of a text fit into a line: `fitting("苹果公司", 5)` is 2."""
    return sum(reached <= columns for reached in accumulate(map(_columns, text)))


def columns_of(text: str) -> int:
    """Columns of a text: `columns_of("a好")` is 3, for a Chinese character takes two."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    return 2 if east_asian_width(character) in "WF" else 1
