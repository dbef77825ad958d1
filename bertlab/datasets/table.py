"""What a file became: the table itself, and every row that was left out of it."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

_EXCERPT_CHARACTERS = 60
_UNREADABLE = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), 127)}
_UNREADABLE |= {9: " ", 10: " ", 13: " "}  # white space stays white space
_UNREADABLE |= dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True)
class LeftOut:
    """A row (or a run of rows) that is not used, and why.

    Attributes:
        row: The line of the file on which it begins; the first line is 1.
        reason: A clause for people, such as "the text is empty".
        excerpt: How the row begins, at most 60 characters, fit to be shown.
        count: How many rows this entry stands for; above 1 only for a whole range.
    """

    row: int
    reason: str
    excerpt: str
    count: int = 1


@dataclass(frozen=True)
class Table:
    """A file of rows and columns, every cell as the text that stands in the file.

    Attributes:
        frame: One row per record; every cell is a str; column names are stripped and unique.
        encoding: Python's name of the encoding that was used; "" for a workbook.
        delimiter: One of `, ; tab |`; "" for a workbook and for JSON.
        row_numbers: For each row of `frame` the line of the file on which it begins.
        left_out: The rows that could not be read.
        warnings: What else the user should know, as sentences.
        has_header: False where the file had none and the names are ours.
        form: What kind of file it was: "csv", "workbook" or "json".
        sheet: The sheet of a workbook that was read.
        sheets: All sheets of the workbook.
    """

    frame: pd.DataFrame
    encoding: str
    delimiter: str
    row_numbers: tuple[int, ...]
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    has_header: bool = True
    form: str = "csv"
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def excerpt_of(text: str) -> str:
    r"""Return the beginning of a text, fit to be shown on one line.

    `"good\nbut\0"` becomes `"good but\ufffd"`.
    """
    short = text[: _EXCERPT_CHARACTERS + 1].translate(_UNREADABLE).strip()
    return short if len(text) <= _EXCERPT_CHARACTERS else short[: _EXCERPT_CHARACTERS - 1] + "…"


def count_left_out(left_out: Iterable[LeftOut]) -> int:
    """Count the rows, not the entries: an entry may stand for a whole range of rows."""
    return sum(entry.count for entry in left_out)


def name_rows(rows: Iterable[int], *, at_most: int = 5) -> str:
    """Name lines for a message: `[4, 7, 9]` becomes `"lines 4, 7 and 9"`."""
    numbers = sorted(set(rows))
    shown = [f"{number:,}" for number in numbers[:at_most]]
    if len(numbers) > at_most:
        return f"lines {', '.join(shown)} and {len(numbers) - at_most:,} more"
    if len(shown) == 1:
        return f"line {shown[0]}"
    return f"lines {', '.join(shown[:-1])} and {shown[-1]}"


def shown(name: str) -> str:
    """Quote a cell or column name for a message, on one line and not too long."""
    return f"“{excerpt_of(name)}”"
