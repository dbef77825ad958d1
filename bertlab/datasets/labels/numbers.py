"""Cells that hold a number to be predicted."""

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
LARGEST = 1e15  # what is learned from is float32 in the end: 7 digits


def decimal_sign(cells: Sequence[str]) -> str:
    """Tell how a column writes fractions: `["0,5", "1,250"]` gives ",", `["1,250", "3"]` ".".

    A comma that cannot stand between thousands, as in 0,5, makes all of them decimal commas.
    """
    has_commas = any(
        "," in cell and _NUMBER.fullmatch(cell.strip()) and not _THOUSANDS.fullmatch(cell.strip())
        for cell in cells
    )
    return "," if has_commas else "."


def read_number(cell: str, sign: str = ".") -> float | None:
    """Read a cell as a number; None where it is none.

    `"4.5"` and `" 4,5 "` are 4.5; `"1,250"` is 1250, as spreadsheets write it, or 1.25 where the
    decimal sign is ","; `"1,234.5"` is 1234.5 and `"４"` is 4. `"4 stars"`, `"nan"`, `""` and what
    is beyond 1e15 are none.

    Args:
        cell: As it stands in the file.
        sign: Of fractions in its column, see `decimal_sign`.
    """
    text = cell.strip()
    if sign == "." and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if abs(number) <= LARGEST else None


def write_number(number: float) -> str:
    """Write a number so that it is read as the same one: 4.0 becomes "4", 0.1 "0.1"."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
