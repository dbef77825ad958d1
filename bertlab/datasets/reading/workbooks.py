"""An Excel workbook to records: one sheet, every cell as the text that stands for its value."""

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from bertlab.datasets.limits import MAX_COLUMNS, MAX_PARTS
from bertlab.datasets.reading.records import Record
from bertlab.datasets.reading.source import RecordSource
from bertlab.datasets.reading.unpacking import refuse_cells, refuse_large_parts, refuse_rows
from bertlab.datasets.table import name_rows, shown
from bertlab.errors import TableError

_MOST_TITLES = 20  # rows above the column names that are taken for titles
_BLANK: list[str] = []  # one for all blank rows: a gap may have a million
_PART = b"PK\x01\x02"  # begins each entry of a zip archive's directory


def is_workbook(data: bytes) -> bool:
    """Say whether a file is an Excel workbook (.xlsx, .xlsm), by what is packed in it."""
    if data.count(_PART) > MAX_PARTS:  # before a list of them is made: none has so many
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def sheet_names(data: bytes) -> tuple[str, ...]:
    """Name the visible sheets of a workbook; nothing for one that is damaged."""
    try:
        refuse_large_parts(data)
        return tuple(str(sheet.title) for sheet in _sheets(data))
    except Exception:  # as in `open_workbook`, which says what is wrong
        return ()


def open_workbook(data: bytes, *, sheet: str | None = None) -> RecordSource:
    """Read one sheet of a workbook; numbers, dates and truth values become text.

    `1` and `1.0`, which Excel does not tell apart, become `1`; a date `2020-01-31`; an error such
    as `#N/A` an empty cell. Of a formula its last value is read.

    Args:
        data: The whole file.
        sheet: A sheet's name; None for the first one that has two columns.

    Raises:
        TableError: the workbook is damaged, too large, or has no such sheet or no table.
    """
    try:
        refuse_large_parts(data)
        return _open(data, sheet)
    except TableError:
        raise
    except Exception as error:  # a damaged file can raise anything in there
        raise TableError(
            f"The workbook is damaged ({type(error).__name__}). Open it in a spreadsheet program "
            "and save it anew, or as CSV UTF-8."
        ) from error


def _sheets(data: bytes) -> list[Any]:
    import openpyxl  # a tenth of a second at every start, for files that few bring

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of features that a table does not need
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _open(data: bytes, wanted: str | None) -> RecordSource:
    sheets = _sheets(data)
    titles = tuple(str(sheet.title) for sheet in sheets)
    if wanted is not None and wanted not in titles:
        raise TableError(f"There is no sheet {shown(wanted)}; there are {_listed(titles)}.")
    for sheet in sheets:
        if wanted in (None, sheet.title) and (rows := _table_rows(sheet)):
            return _source(rows, str(sheet.title), titles)
    where = f"The sheet {shown(wanted)} has" if wanted else "The workbook has"
    raise TableError(
        f"{where} no table: no row in which two cells are filled. It needs a column of texts and a "
        "column of labels, with their names above."
    )


def _source(rows: list[tuple[int, list[str]]], sheet: str, titles: tuple[str, ...]) -> RecordSource:
    """Cut the rows to the width of the column names, and tell of all that is not read."""
    start = next(at for at, (_, cells) in enumerate(rows) if _filled(cells) > 1)
    width = len(rows[start][1])
    notes = []
    if len(titles) > 1:
        notes.append(f"The sheet {shown(sheet)} was read, one of {len(titles)}: {_listed(titles)}.")
    if above := [(line, cells) for line, cells in rows[:start] if cells]:
        notes.append(f"What stands above the column names was skipped: {_named(above)}.")
    if beside := [line for line, cells in rows[start:] if len(cells) > width]:
        notes.append(f"Cells to the right of the last column were skipped: {name_rows(beside)}.")
    return RecordSource(
        records=_records(rows[start:], width),
        excerpt=lambda record: " | ".join(record.cells),
        form="workbook",
        sheet=sheet,
        sheets=titles,
        warnings=tuple(notes),
    )


def _records(rows: Sequence[tuple[int, list[str]]], width: int) -> Iterator[Record]:
    for line, cells in rows:
        yield Record(line, line, (cells + [""] * width)[:width] if cells else [""])


def _named(rows: Sequence[tuple[int, list[str]]]) -> str:
    first = next(cell for cell in rows[0][1] if cell)
    return f"{name_rows(line for line, _ in rows)} ({shown(first)})"


def _table_rows(sheet: Any) -> list[tuple[int, list[str]]]:
    """Read a sheet's rows with their numbers, each without empty cells at its end.

    Returns:
        Nothing where none of the first rows has two filled cells: such a sheet is no table.
    """
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    rows = enumerate(_rows(sheet), 1)
    first = list(islice(rows, _MOST_TITLES + 1))
    if not any(_filled(cells) > 1 for _, cells in first):
        return []
    return first + list(rows)


def _rows(sheet: Any) -> Iterator[list[str]]:
    seen = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        refuse_rows(number)  # a number that no program writes: the rows before it come as empty
        seen += len(row)
        refuse_cells(seen)
        if not row:
            yield _BLANK
            continue
        cells = [_cell(cell) for cell in row[: MAX_COLUMNS + 1]]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"  # the digits that Excel keeps
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return str(value)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(map(shown, names[:10])) + more
