"""A file taken apart into records, whatever its format, before any of them is judged."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bertlab.datasets.reading.records import Record


@dataclass(frozen=True)
class RecordSource:
    """What a reader of one format hands on.

    Attributes:
        records: Row by row, broken ones too, each with its problem.
        excerpt: How a record looks in the file, for a report.
        form: "csv", "workbook" or "json".
        is_named: Whether the first record is known to be the column names.
        encoding: Python's name of the encoding; "" for a workbook.
        delimiter: One of `, ; tab |`; "" for the other formats.
        sheet: The sheet that was read; "" for the other formats.
        sheets: All sheets of the workbook that could be read.
        warnings: What the user should know of the reading, as sentences.
    """

    records: Iterable[Record]
    excerpt: Callable[[Record], str]
    form: str
    is_named: bool = False
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
