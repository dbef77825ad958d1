"""What holds for any file: it is read or refused; what was written is read back."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.datasets import (
    Table,
    check_examples,
    count_left_out,
    guess_columns,
    read_table,
    split_examples,
)
from bertlab.errors import BertLabError, TableError

BITS = st.sampled_from(
    [
        b'"',
        b",",
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\r",
        b"\0",
        b"a,b",
        b'""',
        b"\xff\xfe",
        b"\xef\xbb\xbf",
    ]
    + [b"text,label\n", b"good,pos\n", b"bad,neg\n", b"\xb5\xe7", b"\xe9", b"sep=;\n", b" "]
)
ANY_BYTES = st.binary(max_size=200) | st.lists(BITS | st.binary(max_size=3)).map(b"".join)
WRITTEN = {  # what each encoding can write; 0 and line ends come in quotes, NUL never
    "utf-8": st.characters(codec="utf-8", exclude_characters="\0"),
    "utf-8-sig": st.characters(codec="utf-8", exclude_characters="\0"),
    "utf-16": st.characters(codec="utf-8", exclude_characters="\0"),
    "gb18030": st.characters(codec="gb18030", exclude_characters="\0"),
    "big5": st.characters(codec="big5", exclude_characters="\0"),
    "latin-1": st.characters(codec="latin-1", exclude_characters="\0"),
}
SELF_EVIDENT = ("utf-8", "utf-8-sig", "utf-16")


@settings(max_examples=600, deadline=None)
@given(ANY_BYTES)
def test_any_bytes_are_a_table_or_refused(data):
    try:
        table = read_table(data)
    except TableError as error:
        assert str(error).startswith("table.csv: ")
        return
    check_table(table)
    try:
        found = check_examples(table, guess_columns(table))
        assert len(found) + count_left_out(found.left_out) == len(table.frame) + count_left_out(
            table.left_out
        )
        split_examples(found)
    except BertLabError:
        pass


def check_table(table: Table) -> None:
    assert len(table.row_numbers) == len(table.frame) > 0
    assert list(table.row_numbers) == sorted(set(table.row_numbers))
    assert not set(table.row_numbers) & {entry.row for entry in table.left_out}
    assert len(set(table.frame.columns)) == len(table.frame.columns) >= 2
    for cell in table.frame.to_numpy().ravel().tolist():
        assert type(cell) is str
        cell.encode("utf-8")


@st.composite
def files(draw: st.DrawFn):
    encoding = draw(st.sampled_from(sorted(WRITTEN)))
    cell = st.text(WRITTEN[encoding] | st.sampled_from(',;|\t"\r\n ='), max_size=12)
    width = draw(st.integers(2, 4))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=6))
    return (
        encoding,
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from(["\n", "\r", "\r\n"])),
        rows,
    )


@settings(max_examples=400, deadline=None)
@given(files())
def test_what_was_written_is_read_back(file):
    encoding, delimiter, end, rows = file
    header = ["text", "label", "id", "date"][: len(rows[0])]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *rows])
    given_encoding = None if encoding in SELF_EVIDENT else encoding
    table = read_table(buffer.getvalue().encode(encoding), encoding=given_encoding)
    assert table.frame.to_numpy().tolist() == rows
    assert list(table.frame) == header
    assert table.delimiter == delimiter
    assert table.left_out == ()
