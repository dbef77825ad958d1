"""Cells that hold a number to be predicted."""

import math
import re

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")


def read_number(cell: str) -> float | None:
    """Read a cell as a number; None where it is none.

    `"4.5"` and `" 4,5 "` are 4.5, `"1,234.5"` is 1234.5 and `"1,234"` is 1234, as spreadsheets
    write it; `"４"` is 4. `"4 stars"`, `"nan"` and `""` are none.
    """
    text = cell.strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def write_number(number: float) -> str:
    """Write a number so that it is read as the same one: 4.0 becomes "4", 0.1 "0.1"."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
