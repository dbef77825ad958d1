"""Several labels per text: cells such as `art|film`, or one 0/1 column for each label."""

import ast
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from bertlab.datasets.labels.checks import clean_label
from bertlab.datasets.limits import MAX_LABELS
from bertlab.datasets.table import Table, shown
from bertlab.errors import TableError

JOINT = "|"  # between the labels of a text, in our own files
SEPARATORS = ("|", ";", "；", "、", ",", "，", "/")
MARKED_COLUMN = "labels"
_LEAST_SHARE = 0.1  # of the cells have more than one label, where a sign separates labels
_YES = {"1", "1.0", "true", "yes", "y", "x", "✓", "是"}
_NO = {"0", "0.0", "false", "no", "n", "", "否"}


def find_separator(cells: Sequence[str]) -> str:
    """Find the sign between the labels of a cell; "" where cells hold one label each.

    `["art|film", "film", "art"]` gives "|". The sign must stand in a tenth of the cells, and the
    labels must repeat: each twice on average.

    Args:
        cells: Stripped, none empty.
    """
    times = Counter(cells)  # sets of labels repeat, so few are left to be read
    for sign in SEPARATORS:
        several = sum(count for cell, count in times.items() if sign in cell)
        if several < _LEAST_SHARE * len(cells):
            continue
        parts: Counter[str] = Counter()
        for cell, count in times.items():
            parts.update(dict.fromkeys(read_label_set(cell, sign), count))
        are_labels = len(parts) <= MAX_LABELS and sum(parts.values()) >= 2 * len(parts)
        if are_labels and len(parts) > 1:
            return sign
    return ""


def commonest_separator(cells: Sequence[str]) -> str:
    """Find the sign between labels where cells are known to hold several: `["a|b", "c"]` -> "|".

    Without labels that repeat, as in a short file, it is the sign that most cells have.
    """
    counts = {sign: sum(sign in cell for cell in cells) for sign in SEPARATORS}
    sign = max(SEPARATORS, key=counts.__getitem__)  # a tie goes to the first
    return find_separator(cells) or (sign if counts[sign] else "")


def read_label_set(cell: str, separator: str) -> tuple[str, ...]:
    """Read the labels of a cell, sorted, each once: `"film| art|film"` gives `("art", "film")`.

    A list in JSON, such as `["art", "film"]`, is read as one.

    Args:
        cell: As it stands in the file.
        separator: The sign between labels; "" for none.
    """
    listed = _listed(cell)
    return tuple(sorted(set(_parts(cell, separator) if listed is None else listed)))


def join_labels(labels: Sequence[str]) -> str:
    """Write a text's labels as one string; none at all is ""."""
    return JOINT.join(labels)


def split_labels(text: str) -> tuple[str, ...]:
    """Read what `join_labels` wrote: `"art|film"` gives `("art", "film")`, `""` nothing."""
    return tuple(text.split(JOINT)) if text else ()


def mark_columns(table: Table) -> tuple[str, ...]:
    """Name the columns that hold nothing but 0 and 1, or yes and no: each may be a label."""
    return tuple(str(name) for name in table.frame.columns if _holds_marks(table, str(name)))


def with_marks(table: Table, names: Sequence[str]) -> tuple[Table, str]:
    """Gather 0/1 columns in one column of label sets; return the table and its name.

    Columns `toxic, insult` with the row `1, 1` give `"insult|toxic"`, with `0, 0` `""`.

    Args:
        table: The table.
        names: The columns, each a label of its name.

    Raises:
        TableError: a cell in them is neither.
    """
    marked: list[list[str]] = [[] for _ in range(len(table.frame))]
    for name in sorted(names):
        for at, cell in enumerate(table.frame[name]):
            if _is_marked(cell, name, table.row_numbers[at]):
                marked[at].append(safe_name(name))
    column = _free_name(list(map(str, table.frame.columns)))
    frame = table.frame.assign(**{column: list(map(join_labels, marked))})
    return replace(table, frame=frame), column


def _listed(cell: str) -> list[str] | None:
    """The labels of a list as JSON or Python writes it; None where the cell is no list."""
    if not cell.strip().startswith("["):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(cell.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        return [safe_name(str(label)) for label in found if str(label).strip()]
    return None


def _parts(cell: str, separator: str) -> list[str]:
    parts = cell.split(separator) if separator else [cell]
    return [label for part in parts if (label := safe_name(part))]


def safe_name(label: str) -> str:
    """A label's name without the sign that we put between labels: "a|b" is "a/b"."""
    return clean_label(label).replace(JOINT, "/")


def _holds_marks(table: Table, name: str) -> bool:
    first = {cell.strip().casefold() for cell in table.frame[name].iloc[:100]}
    if not first <= _YES | _NO:  # as nearly every column, so the rest is not looked at
        return False
    cells = {cell.strip().casefold() for cell in table.frame[name]}
    return cells <= _YES | _NO and bool(cells & _YES) and bool(cells & _NO)


def _is_marked(cell: str, name: str, line: int) -> bool:
    plain = cell.strip().casefold()
    if plain not in _YES | _NO:
        raise TableError(
            f"Line {line:,} of the column {shown(name)} has {shown(cell)}; as a label of its own "
            "the column may hold 0 and 1 (or yes and no) only. Leave it out, or correct the cell."
        )
    return plain in _YES


def _free_name(taken: Sequence[str]) -> str:
    name = MARKED_COLUMN
    while name in taken:
        name += "_"
    return name
