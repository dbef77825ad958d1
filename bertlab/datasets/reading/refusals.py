"""Files that are no tables are told by their first bytes, before anything is guessed."""

import codecs
import re

from bertlab.datasets.limits import MAX_BYTES
from bertlab.datasets.reading.encodings import is_unicode
from bertlab.errors import TableError

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = "Save the table as CSV (in Excel: Save As, “CSV UTF-8”) and choose that file"
_KINDS = (  # first bytes, what it is
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls), or one with a password"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"%PDF-", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh91AY&SY", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
)
_CONTROLS = bytes({*range(1, 32), 127} - set(b"\t\n\v\f\r\x1a\x1b"))
_BINARY_SHARE = 0.02  # compressed data has some 10 % of these; text has none or a few
_SAMPLE_BYTES = 65_536
_WEB_PAGE = re.compile(rb"\s*<(!doctype\s+html|html|\?xml)\b", re.IGNORECASE)


def refuse_size(data: bytes) -> None:
    """Raise a TableError for a file that is too large to be read, whatever it is."""
    if len(data) > MAX_BYTES:
        raise TableError(
            f"The file has {len(data) / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB are read. "
            "Keep the text and label columns only, or take some of the rows."
        )


def refuse_other_files(data: bytes, *, is_text: bool = False) -> None:
    """Raise a TableError for what is no table: nothing at all, an image, an archive ...

    A PNG renamed to `reviews.csv` is refused by its first eight bytes, whatever it is called.

    Args:
        data: The whole file.
        is_text: Does not ask how many control characters there are: the user named an encoding.

    Raises:
        TableError: saying what the file is and what to do.
    """
    mark = next((bom for bom in _BOMS if data.startswith(bom)), b"")
    if not data.removeprefix(mark).strip(b" \t\r\n\0"):
        raise TableError(
            "The file is empty. Choose a file with a line of column names and rows below it."
        )
    kind = _kind(data) or ("a binary file" if not is_text and _is_binary(data) else None)
    if kind is not None:
        raise TableError(f"This is {kind}, not a CSV file, whatever its name says. {_SAVE_AS}.")


def _kind(data: bytes) -> str | None:
    for start, kind in _KINDS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "an image, a recording or a film"
    if data[4:8] == b"ftyp" or (data[:2] == b"BM" and b"\0" in data[:16]):
        return "an image or a film"
    if _WEB_PAGE.match(data[:200].removeprefix(b"\xef\xbb\xbf")):
        return "a web page"
    return None


def _is_binary(data: bytes) -> bool:
    """Say whether control characters fill more of it than of any text.

    Not asked of Unicode: an odd row of UTF-8 is named, and UTF-16 is full of such bytes.
    """
    sample = data[:_SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > _BINARY_SHARE * len(sample) and not is_unicode(data)
