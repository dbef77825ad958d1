"""What a table may look like, and what is said of one that cannot be read."""

import io
import zipfile
import zlib
from pathlib import Path

import pytest

from bertlab.datasets import (
    Columns,
    check_examples,
    count_left_out,
    guess_columns,
    read_table,
)
from bertlab.datasets.limits import MAX_BYTES, MAX_LINES, MAX_ROWS
from bertlab.errors import TableError

ROWS = [["good, very; good | \t!", "pos"], ['she said "no"', "neg"], ["two\nlines\r\nhere", "pos"]]


def cells(data: bytes | str, **options: str) -> list[list[str]]:
    raw = data.encode() if isinstance(data, str) else data
    return read_table(raw, **options).frame.to_numpy().tolist()


def quoted(rows: list[list[str]], delimiter: str, end: str) -> str:
    lines = (delimiter.join('"' + c.replace('"', '""') + '"' for c in row) for row in rows)
    return end.join(lines) + end


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_and_line_ends_with_all_of_them_in_quotes(delimiter, end):
    table = read_table(quoted([["text", "label"], *ROWS], delimiter, end).encode())
    assert table.delimiter == delimiter
    assert table.frame.to_numpy().tolist() == ROWS
    assert table.left_out == ()


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("text;label\ngood, really;pos\nbad, so bad, so bad;neg\n", ";"),
        ("text\tlabel\na b c\tpos\na, b\tneg\n", "\t"),  # csv.Sniffer may choose the space
        ("text label,class\ngood film here,pos\nbad film here,neg\n", ","),
        ("sep=|\ntext|label\na,b|pos\nc,d|neg\n", "|"),
        ("good, very;pos\nbad, very;neg\nso, so;pos\nno, no;neg\n", ";"),  # both fit: labels repeat
    ],
)
def test_the_delimiter_is_the_one_that_fits_most_rows(text, delimiter):
    assert read_table(text.encode()).delimiter == delimiter


def test_cells_stay_text():
    text = "text,label\nNA,null\n1.0,True\n007,/home/a\\b\n=1+1,正面\nNone,N/A\n 1e5 ,-\n"
    expected = [line.split(",") for line in text.splitlines()[1:]]
    assert cells(text) == expected
    assert all(type(cell) is str for row in cells(text) for cell in row)


def test_html_stays_text():
    assert cells("text,label\n</script><b>x</b>,1\ny,0\n")[0][0] == "</script><b>x</b>"


def test_white_space_around_header_names_is_stripped():
    assert list(read_table("\ufeff  text ,\u3000label\t\na,b\n".encode()).frame) == [
        "text",
        "label",
    ]


def test_rows_are_named_by_the_line_on_which_they_begin():
    table = read_table(b'text,label\n"two\nlines",a\n\nx,b\n')
    assert table.row_numbers == (2, 5)
    assert table.warnings == ("Blank lines were skipped: line 4.",)


def test_spaces_outside_the_quotes_are_allowed():
    assert cells('text, label\n"good, very", "pos"\n"bad" ,neg\n')[0] == ["good, very", "pos"]


def test_a_word_in_quotes_at_the_beginning_is_part_of_the_text():
    assert cells('text\tlabel\n"Great" they said\tpos\nno\tneg\n')[0][0] == '"Great" they said'


def test_inches_do_not_open_a_quote():
    assert cells('text,label\n5" screen,pos\nno,neg\n') == [['5" screen', "pos"], ["no", "neg"]]


# -- rows that are left out ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "reason", "kept"),
    [
        ("text,label\na,1\nb, c,0\nd,0\n", 3, "3 cells where the first row has 2", 2),
        ("text,label\na,1\nb\nd,0\n", 3, "1 cell where the first row has 2", 2),
        ("text,label\na,1\nb\0,0\nd,0\n", 3, "NUL", 2),
        ('text,label\na,1\n"b,0\nd,0\ne,1\n', 3, "quotation mark opens", 3),
        ('text,label\na,1\n"b,0\nd,0\n"e",1\n', 3, "quotation mark opens", 3),
        ('text,label\na,1\nb,0\n"c', 4, "quotation mark opens", 2),
        ('text,label\n"a\nb,1\nc"\nd,0\n', 2, "1 cell where the first row has 2 (read up to", 1),
        ("text,label\na,1\ntext,label\nd,0\n", 3, "repeats the column names", 2),
    ],
)
def test_a_row_that_cannot_be_used_is_named(text, line, reason, kept):
    table = read_table(text.encode())
    assert len(table.frame) == kept
    assert [entry.row for entry in table.left_out] == [line]
    assert reason in table.left_out[0].reason
    assert table.left_out[0].excerpt


def test_empty_cells_at_the_end_are_no_raggedness():
    assert cells("text,label\na,1,,\nb,0\n") == [["a", "1"], ["b", "0"]]
    assert cells("text,label,,\na,1\nb,0,,\n") == [["a", "1"], ["b", "0"]]


def test_a_nameless_column_that_is_filled_is_kept():
    table = read_table(b",text,label\n0,a,x\n1,b,y\n")
    assert list(table.frame) == ["column 1", "text", "label"]


def test_a_hundred_thousand_rows_are_read_and_the_rest_is_counted():
    data = b"text,label\n" + b"".join(b"t%d,%d\n" % (at, at % 2) for at in range(MAX_ROWS + 7))
    table = read_table(data)
    assert len(table.frame) == MAX_ROWS
    assert count_left_out(table.left_out) == 7
    assert [entry.row for entry in table.left_out] == [MAX_ROWS + 2]
    assert "100,002 to 100,008" in table.left_out[0].reason


def test_the_limit_counts_rows_also_without_a_header():
    data = b"".join(b"t%d,%s\n" % (at, b"yn"[at % 2 :][:1]) for at in range(MAX_ROWS + 1))
    table = read_table(data)
    assert (len(table.frame), count_left_out(table.left_out)) == (MAX_ROWS, 1)
    assert "100,001 to 100,001" in table.left_out[0].reason


# -- headers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("good film,pos\nbad film,neg\nfine,pos\n", ["text", "label"]),
        ("pos,good film\nneg,bad film\npos,fine film\nneg,poor\n", ["label", "text"]),
        ("1,good,pos\n2,bad,neg\n3,fine,pos\n", ["column 1", "column 2", "column 3"]),
        ("good,5\nbad,1\n", ["text", "label"]),
    ],
)
def test_a_file_without_a_header_keeps_its_first_row(text, names):
    table = read_table(text.encode())
    assert (list(table.frame), table.has_header) == (names, False)
    assert len(table.frame) == len(text.splitlines())
    assert table.row_numbers[0] == 1
    assert "looks like data" in table.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        "text,label\ntext,pos\nb,neg\n",  # a review may say just "text"
        "0,1\ngood,1\nbad,0\n",  # pandas writes 0, 1 for nameless columns
        "Film,Urteil\na,gut\nb,schlecht\n",
        "What did you think of it?,Grade\nfine,good\nno,bad\n",
    ],
)
def test_a_header_is_known_as_one(text):
    table = read_table(text.encode())
    assert table.has_header
    assert len(table.frame) == 2


def test_a_doubled_header_name_is_changed_and_said():
    table = read_table(b"text,text,label,text (2)\na,b,c,d\ne,f,g,h\n")
    assert list(table.frame) == ["text", "text (3)", "label", "text (2)"]
    assert "Two columns are called" in table.warnings[0]


# -- refusals --------------------------------------------------------------------------------


def png() -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + zlib.compress(bytes(range(256)) * 20)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("reviews.csv", "text,label\na,b\n")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \r\n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b"\xef\xbb\xbf\xef\xbb\xbf\n\xe3\x80\x80\n", "Only one column|blank lines"),
        (b"text,label\n", "no rows"),
        (b"text,label\n\n\n", "no rows"),
        (b"text\ngood\nbad\n", "one column"),
        (b"text\ngood, really\nbad\nso, so, so\n", "No columns|one column"),
        (b"text,label\na\nb\nc\n", "No row can be used; 3 left out. The first, line 2"),
        (b'"text,label\na,b\nc,d\n', "column|Line 1"),
        (png(), "PNG image"),
        (b"\xff\xd8\xff\xe0" + zlib.compress(png()), "JPEG image"),
        (zipped(), "This is a zip archive"),
        (b"%PDF-1.7\n1 0 obj", "PDF"),
        (zlib.compress(bytes(range(256)) * 99) * 5, "binary file"),
        (b"<!DOCTYPE html>\n<html>a,b</html>", "web page"),
        (b"a,b\n" * (MAX_BYTES // 4 + 1), "20 MB"),
        (b"a,b\n" + b"\n" * MAX_LINES, "1,000,001 lines"),
        (b"text,label" + b"," * 2000 + b"x\na,b\n", "columns"),
    ],
)
def test_what_is_no_table_is_refused_with_advice(data, says):
    with pytest.raises(TableError, match=f"^reviews.csv: .*({says})") as caught:
        read_table(data, filename="reviews.csv")
    assert str(caught.value).count(".") >= 2  # what happened, and what to do


def test_the_file_name_is_shown_without_its_folder():
    with pytest.raises(TableError, match=r"^x\.csv: "):
        read_table(b"", filename="../../etc/x.csv")


def test_an_unknown_delimiter_is_refused():
    with pytest.raises(TableError, match="separated by ' '"):
        read_table(b"a b\nc d\n", delimiter=" ")


@pytest.mark.parametrize("text", ["text,label\na\n\0,x\nb,y\n", "text,label\r\na\0\0,x\r\nb,y\r\n"])
def test_stray_zero_bytes_do_not_make_it_utf16(text):
    table = read_table(text.encode())
    assert table.encoding == "utf-8"
    assert count_left_out(table.left_out) >= 1
    assert table.frame.iloc[-1].tolist() == ["b", "y"]


def test_a_long_quoted_cell_and_many_open_quotes():
    long = "line\n" * 1999
    assert cells(f'text,label\n"{long}",a\nb,c\n')[0] == [long, "a"]
    table = read_table(b"text,label\n" + b'x,"a\n' * 5_000 + b"y,z\n")
    assert (len(table.frame), count_left_out(table.left_out)) == (1, 5_000)


def test_a_recovered_file_has_each_line_once():
    lines = ["text,label", *[f"text {at},{at % 2}" for at in range(50)]]
    lines[10] = '"' + lines[10]
    table = read_table("\n".join(lines).encode())
    assert sorted([*table.row_numbers, *(entry.row for entry in table.left_out)]) == [*range(2, 52)]


def test_the_project_s_messy_sample():
    path = Path(__file__).parents[2] / "sample_data" / "messy.csv"
    table = read_table(path.read_bytes(), filename=path.name)
    assert (table.encoding, table.delimiter) == ("gb18030", ";")
    assert list(table.frame) == ["编号", "review text", "sentiment"]
    assert [entry.row for entry in table.left_out] == [40, 41]
    columns = guess_columns(table)
    assert columns == Columns("review text", "sentiment")
    found = check_examples(table, columns)
    assert [entry.row for entry in found.left_out] == [14, 15, 16, 19, 40, 41]
    assert len(found) == 58
