"""A workbook's parts are measured before they are parsed, for a parser builds what it is given.

Counted are tags and attributes in the unpacked bytes, a few hundred MB a second: enough to know how
much would be built of them. Of entities nothing is counted: the XML parser has limits of its own.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from bertlab.datasets.limits import (
    MAX_ATTRIBUTES,
    MAX_BYTES,
    MAX_ROW_TAGS,
    MAX_SHEET_CELLS,
    MAX_SHEET_ROWS,
    MAX_STYLE_TAGS,
    MAX_UNPACKED_BYTES,
)
from bertlab.errors import TableError

_CHUNK = 1024 * 1024
_ROOT = re.compile(rb"<(?:[^\s<>/?!:]+:)?(worksheet|sst)[ />]")  # what is read row by row
_ROWS = {  # by root
    b"worksheet": re.compile(rb"<(?:[^\s<>/?!:]+:)?row[ />]"),
    b"sst": re.compile(rb"<(?:[^\s<>/?!:]+:)?si[ />]"),
}
_CELLS = (b"<c ", b"<c>", b"<c/", b":c ", b":c/")
_SPACES = bytes.maketrans(b"\t\n\r", b"   ")
_AT_ONCE = re.compile(r"xl/(styles|workbook)\.xml|\[Content_Types\]\.xml|docProps/.*|.*\.rels")


def refuse_large_parts(data: bytes) -> None:
    """Measure every part of a workbook.

    A style table of four million formats, three million rows, or one row of ten million cells is
    refused; so is what unpacks to more than `MAX_UNPACKED_BYTES`.

    Args:
        data: The whole file, a zip archive.

    Raises:
        TableError: saying what there is too much of.
        zipfile.BadZipFile: the archive is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        _refuse_size(sum(entry.file_size for entry in entries))
        for entry in entries:
            with archive.open(entry) as part:
                _measure(part, is_at_once=_AT_ONCE.fullmatch(entry.filename) is not None)


def refuse_rows(count: int) -> None:
    """Refuse more rows than a spreadsheet program has, and texts than it has rows."""
    if count > MAX_SHEET_ROWS:
        raise TableError(
            f"The workbook has more than {MAX_SHEET_ROWS:,} rows or different texts, more than a "
            "sheet of Excel holds. Take some of the rows, or save them as CSV."
        )


def refuse_cells(count: int) -> None:
    """Refuse more cells than are read, empty ones counted."""
    if count > MAX_SHEET_CELLS:
        raise TableError(
            f"The workbook has a sheet with more than {MAX_SHEET_CELLS:,} cells, empty ones "
            "counted. Keep the text and label columns only, or save them as CSV."
        )


def _refuse_size(size: int) -> None:
    if size > MAX_UNPACKED_BYTES:
        raise TableError(
            f"Unpacked, the workbook has {size / 2**20:,.0f} MB; at most "
            f"{MAX_UNPACKED_BYTES // 2**20} MB are read. Take some of the rows, or save as CSV."
        )


def _refuse_text(size: int) -> None:
    """Refuse a text without end: no cell has more than a whole file may have."""
    if size > MAX_BYTES:
        raise TableError(
            f"The workbook holds a text of more than {MAX_BYTES // 2**20} MB. Copy the texts and "
            "labels into a new workbook, or save them as CSV."
        )


def _refuse_tags(piece: bytes, tags: int, attributes: int, most: int) -> tuple[int, int]:
    """Count the tags and attributes of a piece to those before it; return both."""
    tags, attributes = tags + piece.count(b"<"), attributes + piece.count(b"=")
    if tags > most or attributes > MAX_ATTRIBUTES:
        raise TableError(
            "The workbook holds more formats or more cells in one row than Excel can write. Copy "
            "the texts and labels into a new workbook, or save them as CSV."
        )
    return tags, attributes


def _measure(part: IO[bytes], *, is_at_once: bool) -> None:
    """Count the rows and cells of a part and the tags of each row; without rows, all its tags.

    Of each text its bytes are counted.
    """
    rows = cells = tags = attributes = text = 0
    row: re.Pattern[bytes] | None = None
    for at, chunk in enumerate(_chunks(part)):
        if at == 0:
            if chunk.strip(b" \xef\xbb\xbf\xff\xfe")[:1] not in (b"<", b""):
                return  # a picture or a program: no parser gets beyond its first byte
            root = None if is_at_once else _ROOT.search(chunk)
            row = _ROWS[root[1]] if root else None
        tag = chunk.rfind(b"<")
        text = len(chunk) - tag if tag >= 0 else text + len(chunk)
        _refuse_text(text)
        pieces = row.split(chunk) if row else [chunk]
        rows, cells = rows + len(pieces) - 1, cells + sum(map(chunk.count, _CELLS))
        refuse_rows(rows)
        refuse_cells(cells if row else 0)
        if len(pieces) > 1:  # what follows a row's last tag within the chunk belongs to the next
            _refuse_tags(pieces[0], tags, attributes, MAX_ROW_TAGS)
            tags = attributes = 0
        tags, attributes = _refuse_tags(
            pieces[-1], tags, attributes, MAX_ROW_TAGS if row else MAX_STYLE_TAGS
        )


def _chunks(part: IO[bytes]) -> Iterator[bytes]:
    """Unpack a part piece by piece, each cut before a tag.

    NUL bytes are left out, so that tags in UTF-16 read as in UTF-8; other white space is blanks.
    """
    kept = b""
    while read := part.read(_CHUNK):
        kept += read.translate(_SPACES, b"\0")
        cut = kept.rfind(b"<")
        if len(kept) - cut > _CHUNK:  # one long text
            cut = len(kept)
        if cut > 0:
            yield kept[:cut]
            kept = kept[cut:]
    yield kept
