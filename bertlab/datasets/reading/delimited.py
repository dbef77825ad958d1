"""Text with separated cells (CSV, TSV) to records."""

from bertlab.datasets.limits import MAX_LINES
from bertlab.datasets.reading.delimiters import DELIMITERS, choose_delimiter, delimiter_hint
from bertlab.datasets.reading.encodings import Decoded, decode
from bertlab.datasets.reading.records import read_records, split_lines
from bertlab.datasets.reading.source import RecordSource
from bertlab.errors import TableError


def open_delimited(
    data: bytes, *, encoding: str | None = None, delimiter: str | None = None
) -> RecordSource:
    r"""Find encoding and delimiter, and take the text apart: `b"text;label\nso;pos"` has `;`.

    Args:
        data: The whole file.
        encoding: Skips the search for the encoding.
        delimiter: Skips the search for the delimiter.

    Raises:
        TableError: there are too many lines, or no columns.
    """
    decoded = decode(data, encoding=encoding)
    lines = lines_of(decoded.text)
    hint = delimiter_hint(lines)
    delimiter = delimiter or hint or choose_delimiter(lines)
    if delimiter not in DELIMITERS:
        raise TableError(f"Cells cannot be separated by {delimiter!r}. Choose one of , ; tab |.")
    return RecordSource(
        records=read_records(lines, delimiter, start=1 if hint else 0),
        excerpt=lambda record: lines[record.line - 1],
        form="csv",
        encoding=decoded.encoding,
        delimiter=delimiter,
        warnings=doubts(decoded),
    )


def lines_of(text: str) -> list[str]:
    """Split a text into its lines, and refuse one that would fill the memory with them."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    count = ends + (not text.endswith(("\n", "\r")))
    if count > MAX_LINES:
        raise TableError(
            f"The file has {count:,} lines; at most {MAX_LINES:,} are read. Take some of the rows."
        )
    return split_lines(text)


def doubts(decoded: Decoded) -> tuple[str, ...]:
    """Warn of an encoding that is no more than a guess."""
    if decoded.is_sure:
        return ()
    return (
        f"The encoding is not certain; {decoded.encoding} was taken. If letters look wrong in "
        "the preview, save the file as UTF-8.",
    )
