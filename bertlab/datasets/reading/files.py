"""Bytes to a table of text: every row that cannot be used is counted, named and explained."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

import pandas as pd

from bertlab.datasets.limits import MAX_COLUMNS, MAX_LINE_CELLS, MAX_ROWS
from bertlab.datasets.reading.delimited import open_delimited
from bertlab.datasets.reading.delimiters import fits_width, is_blank
from bertlab.datasets.reading.encodings import BROKEN
from bertlab.datasets.reading.headers import clean_name, is_data, own_names, unique_names
from bertlab.datasets.reading.json_lines import is_json, open_json
from bertlab.datasets.reading.records import Record
from bertlab.datasets.reading.refusals import refuse_other_files, refuse_size
from bertlab.datasets.reading.source import RecordSource
from bertlab.datasets.reading.workbooks import is_workbook, open_workbook
from bertlab.datasets.table import LeftOut, Table, count_left_out, excerpt_of, name_rows
from bertlab.errors import TableError

_HEADER_SAMPLE_ROWS = 1_000  # rows looked at to tell whether the first one is a header


def read_table(
    data: bytes,
    *,
    filename: str = "table.csv",
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Table:
    r"""Read a CSV file of any common encoding, delimiter and line end, a workbook, or JSON lines.

    `"评论内容;情感标签\r\n很好;正面\r\n".encode("gb18030")` gives a table of one row with these
    two columns, encoding `gb18030` and delimiter `;`. Cells stay as they are: `NA`, `1.0` and
    `True` are text. What kind of file it is tells its content, not its name.

    Args:
        data: The whole file.
        filename: Used in messages only, never as a path.
        encoding: Skips the search for the encoding.
        delimiter: Skips the search for the delimiter: one of `, ; tab |`.
        sheet: Of a workbook, by its name; the first one with a table where it is left out.

    Raises:
        TableError: the file is no table, or none of its rows can be used.
    """
    try:
        return _read(_open(data, encoding=encoding, delimiter=delimiter, sheet=sheet))
    except TableError as error:
        name = excerpt_of(PurePath(filename).name) or "The table"
        raise TableError(f"{name}: {error}") from error


@dataclass(frozen=True)
class _Rows:
    """The rows of a file before they are judged: blank lines and what is too much taken off."""

    kept: list[Record]
    blank_lines: list[int]
    beyond: tuple[int, Record | None, int]  # rows over the limit: how many, the first, last line


def _open(
    data: bytes, *, encoding: str | None, delimiter: str | None, sheet: str | None
) -> RecordSource:
    """Tell the format by the content, and take the file apart."""
    refuse_size(data)
    if is_workbook(data):
        return open_workbook(data, sheet=sheet)
    refuse_other_files(data, is_text=encoding is not None)
    if delimiter is None and is_json(data):
        return open_json(data, encoding=encoding)
    return open_delimited(data, encoding=encoding, delimiter=delimiter)


def _read(source: RecordSource) -> Table:
    """Judge the records: the column names, the rows, and what is no row."""
    raw = _take_rows(source.records)
    names, has_header, warnings = _header(raw.kept, is_named=source.is_named)
    header = raw.kept[0].cells if has_header and not source.is_named else None
    rows, left_out = _sort_out(
        raw.kept[has_header : MAX_ROWS + has_header], names, header, source.excerpt
    )
    left_out += _beyond(raw, has_header, source.excerpt)
    if not rows:
        raise TableError(_nothing_left(left_out))
    return Table(
        frame=pd.DataFrame([cells for _, cells in rows], columns=names, dtype=object),
        encoding=source.encoding,
        delimiter=source.delimiter,
        row_numbers=tuple(line for line, _ in rows),
        left_out=tuple(left_out),
        warnings=(*warnings, *source.warnings, *_blank_lines(raw.blank_lines)),
        has_header=has_header,
        form=source.form,
        sheet=source.sheet,
        sheets=source.sheets,
    )


def _take_rows(records: Iterable[Record]) -> _Rows:
    """Take as many rows as are used; blank lines are no rows, and at the file's end not told."""
    kept: list[Record] = []
    blank: list[int] = []
    count, last = 0, 0
    first: Record | None = None
    for record in records:
        if not record.problem and is_blank(record.cells):
            blank.append(record.line)
        elif len(kept) <= MAX_ROWS:  # one more, as the first may be the header
            kept.append(record)
        else:
            count, first, last = count + 1, first or record, record.line
    if not kept:
        raise TableError("The file has blank lines only. Choose a file with rows in it.")
    end = last or kept[-1].line
    return _Rows(kept, [line for line in blank if line < end], (count, first, last))


def _header(records: Sequence[Record], *, is_named: bool) -> tuple[list[str], bool, list[str]]:
    """Name the columns: from the first row, unless that is data.

    Returns:
        The names, whether the file has a header, and warnings.
    """
    first = records[0]
    if first.problem:
        raise TableError(
            f"Line {first.line} should hold the column names, but {first.problem}. Correct it."
        )
    below = [one.cells for one in islice(records, 1, _HEADER_SAMPLE_ROWS) if not one.problem]
    cells = first.cells[: _header_width(first.cells, below)]
    if not 2 <= len(cells) <= MAX_COLUMNS:
        raise TableError(
            f"Line {first.line} has {_cells(len(cells))}; a table needs 2 to {MAX_COLUMNS:,} "
            "columns. Look at which character separates the cells."
        )
    if not is_named and is_data(cells, below):
        names = own_names([row for row in (cells, *below) if len(row) == len(cells)])
        return names, False, [_no_header(first, names)]
    names, warnings = unique_names([clean_name(cell) for cell in cells])
    return names, True, warnings


def _header_width(cells: Sequence[str], below: Sequence[Sequence[str]]) -> int:
    """Count the columns, without nameless ones at the end that most rows lack or leave empty."""
    named = len(cells)
    while named > 2 and not clean_name(cells[named - 1]):
        named -= 1
    fitting = sum(fits_width(row, named) for row in below)
    return named if 2 * fitting >= len(below) else len(cells)


def _no_header(first: Record, names: Sequence[str]) -> str:
    listed = ", ".join(names[:10])
    return (
        f"The first row (line {first.line}) looks like data, so the columns were named {listed}. "
        "If it holds the names, rename the columns in the file."
    )


def _sort_out(
    records: Sequence[Record],
    names: Sequence[str],
    header: Sequence[str] | None,
    excerpt: Callable[[Record], str],
) -> tuple[list[tuple[int, list[str]]], list[LeftOut]]:
    """Part the rows that can be used from those that cannot, in the order of the file."""
    rows: list[tuple[int, list[str]]] = []
    left_out: list[LeftOut] = []
    for record in records:
        reason = _problem(record, len(names), header)
        if reason:
            left_out.append(LeftOut(record.line, reason, excerpt_of(excerpt(record))))
        else:
            rows.append((record.line, record.cells[: len(names)]))
    return rows, left_out


def _beyond(raw: _Rows, has_header: bool, excerpt: Callable[[Record], str]) -> list[LeftOut]:
    """Name the rows over the limit in one entry, with how many there are."""
    spare = raw.kept[MAX_ROWS + has_header :]  # one row, where there is no header
    count, first, last = raw.beyond
    count += len(spare)
    begin = spare[0] if spare else first
    if begin is None:
        return []
    where = f"lines {begin.line:,} to {max(begin.line, last):,}"
    reason = f"only the first {MAX_ROWS:,} rows are used; left out are {where}"
    return [LeftOut(begin.line, reason, excerpt_of(excerpt(begin)), count=count)]


def _problem(record: Record, width: int, header: Sequence[str] | None) -> str:
    """Say why a row cannot be used, or ""."""
    cells = record.cells
    if record.problem:
        return record.problem
    if not fits_width(cells, width):
        return _ragged(record, width)
    if any("\0" in cell for cell in cells):
        return "it holds NUL bytes, which no text has"
    if any(BROKEN in cell for cell in cells):
        return "some of its bytes do not belong to the file's encoding"
    return "it repeats the column names" if cells == header else ""


def _ragged(record: Record, width: int) -> str:
    count = len(record.cells)
    until = f" (read up to line {record.last_line:,})" if record.last_line > record.line else ""
    hint = "; a cell that holds the separator needs quotation marks" if count > width else ""
    return f"it has {_cells(count)} where the first row has {width}{until}{hint}"


def _cells(count: int) -> str:
    if count > MAX_LINE_CELLS:
        return f"more than {MAX_LINE_CELLS:,} cells"
    return "1 cell" if count == 1 else f"{count:,} cells"


def _nothing_left(left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return "The file has a line of column names and no rows. Add rows below the names."
    first = left_out[0]
    return (
        f"No row can be used; {count_left_out(left_out):,} left out. The first, line "
        f"{first.row:,}: {first.reason}. Correct the file, or name its encoding or delimiter."
    )


def _blank_lines(lines: Sequence[int]) -> list[str]:
    return [f"Blank lines were skipped: {name_rows(lines)}."] if lines else []
