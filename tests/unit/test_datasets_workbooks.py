"""Excel workbooks: which sheet and which rows are read, and what becomes of a cell."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from bertlab.datasets import check_examples, guess_columns, limits, read_table
from bertlab.datasets.reading import unpacking
from bertlab.datasets.table import Table
from bertlab.errors import TableError

ROWS = [["评论内容", "情感标签"], ["很好", "正面"], ["很差", "负面"]]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells(table: Table) -> list[list[str]]:
    return table.frame.to_numpy().tolist()


def test_a_chinese_workbook_gives_its_rows_with_their_numbers():
    table = read_table(workbook(Reviews=ROWS), filename="评论.xlsx")
    assert list(table.frame.columns) == ROWS[0]
    assert cells(table) == ROWS[1:]
    assert table.row_numbers == (2, 3)
    assert (table.form, table.sheet, table.sheets) == ("workbook", "Reviews", ("Reviews",))
    assert (table.encoding, table.delimiter) == ("", "")
    assert table.warnings == table.left_out == ()
    assert guess_columns(table).label == "情感标签"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),  # a workbook does not tell them apart
        (0.1 + 0.2, "0.3"),  # 15 digits, as the program shows it
        (0.123456789012345, "0.123456789012345"),  # all 15 of them
        (-2.5, "-2.5"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (date(2020, 1, 31), "2020-01-31"),
        (datetime(2020, 1, 31, 12, 5), "2020-01-31 12:05:00"),
        (datetime(2020, 1, 31, 0, 0, 0, 500_000), "2020-01-31 00:00:00.500000"),
        ("NA", "NA"),
        ("two\nlines", "two\nlines"),
        (" x ", " x "),
        ("007", "007"),
        (None, ""),
    ],
)
def test_a_cell_becomes_the_text_that_stands_for_it(value, text):
    table = read_table(workbook(S=[["text", "label"], [value, "a"], ["other", "b"]]))
    assert cells(table)[0] == [text, "a"]


def test_an_error_in_a_cell_is_empty_and_its_row_is_told():
    rows = [["text", "label"], ["#N/A", "a"], ["good", "a"], ["bad", "b"]]
    table = read_table(workbook(S=rows))
    examples = check_examples(table, guess_columns(table))
    assert [(entry.row, entry.reason) for entry in examples.left_out] == [(2, "the text is empty")]


def test_titles_above_the_names_notes_beside_them_and_blank_rows_are_skipped_and_told():
    rows = [["Reviews of 2020"], [], ["text", "label"], ["good", "pos"], []]
    rows += [["bad", "neg", None, "see mail"], ["so-so"]]
    table = read_table(workbook(S=rows))
    assert cells(table) == [["good", "pos"], ["bad", "neg"], ["so-so", ""]]
    assert table.row_numbers == (4, 6, 7)
    told = " ".join(table.warnings)
    assert "above the column names was skipped: line 1 (“Reviews of 2020”)" in told
    assert "right of the last column were skipped: line 6" in told
    assert "Blank lines were skipped: line 5" in told


def test_the_first_sheet_with_a_table_is_read_unless_another_is_named():
    data = workbook(Notes=[["Read me"]], One=ROWS, Two=[["text", "label"], ["a", "b"]])
    table = read_table(data)
    assert table.sheet == "One"
    assert table.sheets == ("Notes", "One", "Two")
    assert "one of 3: “Notes”, “One”, “Two”" in table.warnings[0]
    assert cells(read_table(data, sheet="Two")) == [["a", "b"]]
    with pytest.raises(TableError, match="no sheet “Three”; there are “Notes”, “One”"):
        read_table(data, sheet="Three")
    with pytest.raises(TableError, match="The sheet “Notes” has no table"):
        read_table(data, sheet="Notes")


def test_a_hidden_sheet_is_not_read():
    book = openpyxl.Workbook()
    book.active.sheet_state = "visible"
    book.active.append(["text", "label"])
    book.active.append(["a", "b"])
    hidden = book.create_sheet("Hidden", 0)
    hidden.sheet_state = "hidden"
    hidden.append(["secret", "table"])
    assert read_table(saved(book)).sheets == ("Sheet",)


def test_a_cell_at_the_far_end_of_the_sheet_costs_nothing():
    book = openpyxl.Workbook()
    for row in (["text", "label"], ["good", "pos"], ["bad", "neg"]):
        book.active.append(row)
    book.active["XFD50000"] = "far"
    table = read_table(saved(book))
    assert cells(table) == [["good", "pos"], ["bad", "neg"]]


def test_a_sheet_of_too_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_SHEET_CELLS", 5)
    with pytest.raises(TableError, match="more than 5 cells"):
        read_table(workbook(S=ROWS))


def test_more_rows_than_are_used_are_counted(monkeypatch):
    monkeypatch.setattr("bertlab.datasets.reading.files.MAX_ROWS", 1)
    table = read_table(workbook(S=ROWS))
    assert cells(table) == [["很好", "正面"]]
    [entry] = table.left_out
    assert (entry.row, entry.count, entry.excerpt) == (3, 1, "很差 | 负面")


def test_what_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_UNPACKED_BYTES", 2**20)
    file = io.BytesIO(workbook(S=ROWS))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(2**21))
    with pytest.raises(TableError, match="Unpacked, the workbook has 2 MB; at most 1 MB"):
        read_table(file.getvalue())


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize("content", [b"", b"<broken", b"\0\xff\0\xff", b"<a>" * 10_000])
def test_a_damaged_workbook_is_told_in_one_line(part, content):
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(S=ROWS))) as whole, zipfile.ZipFile(broken, "w") as to:
        for name in whole.namelist():
            to.writestr(name, content if name == part else whole.read(name))
    with pytest.raises(TableError, match=r"^a\.xlsx: The workbook (is damaged|has no table)"):
        read_table(broken.getvalue(), filename="a.xlsx")


def test_a_workbook_cut_short_is_no_workbook():
    data = workbook(S=ROWS)
    with pytest.raises(TableError, match="zip archive"):
        read_table(data[: len(data) // 2])


def test_one_that_is_too_large_is_refused_before_it_is_opened(monkeypatch):
    assert limits.MAX_BYTES == 20 * 2**20
    with pytest.raises(TableError, match="at most 20 MB are read"):
        read_table(workbook(S=ROWS) + bytes(limits.MAX_BYTES))
