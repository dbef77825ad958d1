"""The first row: column names, or already data?"""

import re
from collections.abc import Sequence

from bertlab.datasets.column_names import is_known_name
from bertlab.datasets.columns import label_position

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_LONGEST_NAME = 150  # a longer first cell is a text, even where names are survey questions
_INVISIBLE = dict.fromkeys(map(ord, "\0\ufeff\u200b\u200e\u200f"))


def clean_name(name: str) -> str:
    r"""Strip a column name of white space and of characters nobody sees.

    `" \ufefftext "` becomes `"text"`.
    """
    visible = name.translate(_INVISIBLE)
    return " ".join(visible.encode("utf-8", errors="replace").decode("utf-8").split())


def is_data(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row is data, so that the file has no header.

    With `["good film", "pos"]` above rows one of which ends in `pos`, it is: a column's name does
    not recur as its value. A row `0, 1, 2`, as pandas writes for nameless columns, is a header.
    """
    names = [clean_name(cell) for cell in first]
    if names == [str(at) for at in range(len(names))]:
        return False
    if any(len(name) > _LONGEST_NAME for name in names):
        return True
    # A file that was joined from several may hold its header again; that is no value of a column.
    others = [row for row in rows if list(row) != list(first)]
    below = [[row[at].strip() for row in others if at < len(row)] for at in range(len(names))]
    if any(is_known_name(name) and name not in below[at] for at, name in enumerate(names)):
        return False
    return any(name and _belongs(name, below[at]) for at, name in enumerate(names))


def own_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Name the columns of a file without a header: text and label, or `column 1` and so on."""
    width = len(rows[0])
    if width != 2:
        return [f"column {at + 1}" for at in range(width)]
    label = label_position([[row[at].strip() for row in rows] for at in range(2)])
    return ["label", "text"] if label == 0 else ["text", "label"]


def unique_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Make column names unique: `["text", "text", ""]` gives `text`, `text (2)`, `column 3`.

    Returns:
        The names, and a warning for each one that was changed.
    """
    result: list[str] = []
    warnings: list[str] = []
    taken = set(filter(None, names))
    for at, name in enumerate(names):
        new = name or _free(f"column {at + 1}", {*taken, *result})
        if new in result:
            new = _free(name, {*taken, *result}, number=2)
            warnings.append(f"Two columns are called “{name}”: the later one is now “{new}”.")
        result.append(new)
    return result, warnings


def _free(name: str, taken: set[str], *, number: int = 1) -> str:
    candidate = name if number == 1 else f"{name} ({number})"
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    return candidate


def _belongs(name: str, values: Sequence[str]) -> bool:
    """Say whether a first cell is one more value of its column: it recurs, or all are numbers."""
    if name in values:
        return True
    is_number = _NUMBER.fullmatch(name) is not None
    return is_number and bool(values) and all(_NUMBER.fullmatch(value) for value in values)
