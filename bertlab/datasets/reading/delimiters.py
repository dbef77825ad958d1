"""Which character separates the cells: the one under which most rows are as wide as the first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bertlab.datasets.column_names import is_known_name
from bertlab.datasets.limits import MAX_COLUMNS
from bertlab.datasets.reading.records import read_records
from bertlab.datasets.table import shown
from bertlab.errors import TableError

DELIMITERS = (",", "\t", ";", "|")  # a tie goes to the earlier
_SAMPLE_LINES = 500
_ENOUGH = 0.5  # the share of rows that must be as wide as the first
_EXCEL_HINT = re.compile(r'"?sep=([,\t;|])"?\s*', re.IGNORECASE)


@dataclass(frozen=True)
class _Fit:
    """How well a delimiter fits: the first row's cells, and the share of rows of its width."""

    delimiter: str
    first: tuple[str, ...]
    share: float
    has_repeats: bool  # some column has few different values, as labels do

    @cached_property
    def rank(self) -> tuple[bool, float, bool]:
        is_named = any(map(is_known_name, self.first[:MAX_COLUMNS]))
        return is_named, self.share, self.has_repeats


def delimiter_hint(lines: Sequence[str]) -> str | None:
    r"""Return the delimiter that Excel's first line names: `"sep=;\n"` gives `";"`."""
    match = _EXCEL_HINT.fullmatch(lines[0]) if lines else None
    return match[1] if match else None


def choose_delimiter(lines: Sequence[str]) -> str:
    """Find the delimiter of a file.

    `["text;label", "a, b;pos", "c;neg"]` gives `;`: every row has two cells, while at commas one
    row has two and the others one. Quotes are honoured.

    Raises:
        TableError: no delimiter gives two columns.
    """
    fits = [_fit(lines, delimiter) for delimiter in DELIMITERS]
    usable = [fit for fit in fits if len(fit.first) > 1 and (fit.share >= _ENOUGH or fit.rank[0])]
    if usable:
        return max(usable, key=lambda fit: fit.rank).delimiter
    raise TableError(_one_column(fits))


def is_blank(cells: Sequence[str]) -> bool:
    """Say whether a row is a blank line; `,,` is not, it has three empty cells."""
    return len(cells) == 1 and not cells[0].strip()


def fits_width(cells: Sequence[str], width: int) -> bool:
    """Say whether a row is `width` cells wide, not counting empty cells at its end."""
    return len(cells) == width or (len(cells) > width and not any(cells[width:]))


def _fit(lines: Sequence[str], delimiter: str) -> _Fit:
    records = read_records(lines[:_SAMPLE_LINES], delimiter)
    rows = [record.cells for record in records if not record.problem and not is_blank(record.cells)]
    if not rows:
        return _Fit(delimiter, (), 0.0, False)
    width = len(rows[0])
    fitting = [row for row in rows if fits_width(row, width)]
    has_repeats = len(fitting) > 2 and any(
        len({row[at] for row in fitting[1:]}) <= len(fitting) // 2
        for at in range(min(width, MAX_COLUMNS))
    )
    return _Fit(delimiter, tuple(rows[0]), len(fitting) / len(rows), has_repeats)


def _one_column(fits: Sequence[_Fit]) -> str:
    """Say what was found instead of columns, and what to do about it."""
    first = next((fit.first for fit in fits if fit.first), ())
    need = (
        "A table needs a column of texts and a column of labels, separated by a comma, "
        "semicolon, tab or |"
    )
    if any(len(fit.first) > 1 for fit in fits):
        return f"No columns were found: the lines have different numbers of cells. {need}."
    line = f" (the first line is {shown(first[0])})" if first else ""
    return (
        f"Only one column was found{line}. {need}; the first line holds the columns' names, "
        "with nothing above it."
    )
