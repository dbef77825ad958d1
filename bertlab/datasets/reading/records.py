"""Text to records: cells, line by line, with quotes honoured and every broken line named.

Python's csv module would do for good files. It cannot be told to give up a quote that is never
closed: it swallows all rows up to the next quotation mark, without a word.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bertlab.datasets.limits import MAX_LINE_CELLS, MAX_QUOTED_LINES

# What follows an opening quote, up to the closing one or the end of the line; "" is a quote.
_QUOTED_BODY = re.compile(r'[^"]*+(?:""[^"]*+)*+')
_UNCLOSED = "a quotation mark opens here and is not closed properly"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file.

    Attributes:
        line: The line on which it begins; the first is 1.
        last_line: The line on which it ends: a quoted cell may hold line breaks.
        cells: Its cells, quotes removed; empty where `problem` is set.
        problem: Why it cannot be read, or "".
    """

    line: int
    last_line: int
    cells: list[str]
    problem: str = ""


def split_lines(text: str) -> list[str]:
    r"""Split at CR, LF and CRLF, keeping them: `"a\r\nb\rc"` becomes `["a\r\n", "b\r", "c"]`.

    `str.splitlines` would also split at form feeds and at U+2028, which occur inside reviews.
    """
    return io.StringIO(text, newline="").readlines()


def read_records(lines: Sequence[str], delimiter: str, *, start: int = 0) -> Iterator[Record]:
    """Yield the records of a file; a broken line is yielded too, with its problem.

    `['a,"b,c"']` gives one record with the cells `a` and `b,c`. After a quote that is never
    closed, reading resumes on the next line, so that only one line is lost. Of a line with more
    cells than `MAX_LINE_CELLS` one more is kept, so that it is seen to have too many.
    """
    row = start
    while row < len(lines):
        if '"' in lines[row]:
            record = _read_quoted(lines, row, delimiter)
        else:
            record = Record(
                row + 1, row + 1, _without_end(lines[row]).split(delimiter, MAX_LINE_CELLS)
            )
        yield record
        row = record.last_line


def _read_quoted(lines: Sequence[str], first: int, delimiter: str) -> Record:
    """Read the record that begins on line `first` (counted from 0) and holds quotation marks."""
    closed_cell, open_cell = _patterns(delimiter)
    cells: list[str] = []
    row, at = first, 0
    line = _without_end(lines[row])
    while True:
        if match := closed_cell.match(line, at):
            cells.append(match[1].replace('""', '"'))
            at = match.end()
        elif (match := open_cell.match(line, at)) and _ends_open(line, match.end()):
            closed = _close_below(lines, row, match.end(), delimiter)
            if closed is None:
                return Record(first + 1, first + 1, [], _UNCLOSED)
            cell, row, at = closed
            cells.append(cell)
            line = _without_end(lines[row])
        else:
            cell, at = _literal(line, at, delimiter)
            if match and cell.count('"') % 2:
                return Record(first + 1, first + 1, [], _UNCLOSED)
            cells.append(cell)
        if at >= len(line) or len(cells) > MAX_LINE_CELLS:
            return Record(first + 1, row + 1, cells)
        at += 1  # the delimiter
        if at == len(line):
            return Record(first + 1, row + 1, [*cells, ""])


@lru_cache(maxsize=8)  # one entry for each delimiter there is, and some to spare
def _patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a cell closed on its line, and of the quote that opens a cell.

    Spaces around the quotes are allowed, as people write `text, "a, b"` by hand.
    """
    closed = rf' *+"({_QUOTED_BODY.pattern})" *+(?={re.escape(delimiter)}|\Z)'
    return re.compile(closed), re.compile(r' *+"')


def _ends_open(line: str, at: int) -> bool:
    """Say whether a quoted cell whose body begins at `at` is still open where the line ends."""
    match = _QUOTED_BODY.match(line, at)
    return match is not None and match.end() == len(line)


def _close_below(
    lines: Sequence[str], row: int, at: int, delimiter: str
) -> tuple[str, int, int] | None:
    """Find where a quoted cell ends that is open at the end of its line.

    Returns:
        The cell, the row (from 0) and the place after its closing quote; None if it is not closed
        before a delimiter or a line end.
    """
    parts = [lines[row][at:]]
    for below in range(row + 1, min(row + 1 + MAX_QUOTED_LINES, len(lines))):
        line = _without_end(lines[below])
        match = _QUOTED_BODY.match(line)
        end = match.end() if match else 0
        if end == len(line):
            parts.append(lines[below])
            continue
        after = end + 1 + len(line[end + 1 :]) - len(line[end + 1 :].lstrip(" "))
        if after < len(line) and line[after] != delimiter:
            return None
        parts.append(line[:end])
        return "".join(parts).replace('""', '"'), below, after
    return None


def _literal(line: str, at: int, delimiter: str) -> tuple[str, int]:
    """Read a cell that is not quoted: all up to the next delimiter, quotation marks included."""
    end = line.find(delimiter, at)
    end = len(line) if end < 0 else end
    return line[at:end], end


def _without_end(line: str) -> str:
    """Take the line's one line end away."""
    if line.endswith("\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith(("\r", "\n")) else line
