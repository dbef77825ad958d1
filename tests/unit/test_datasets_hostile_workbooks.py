"""Workbooks made to mislead or to eat the machine; see `test_datasets_hostile.py`."""

import io
import struct
import sys
import zipfile

import openpyxl
import pytest
from test_datasets_hostile import assert_refused_cheaply, examples_of

from bertlab.datasets import is_workbook, read_table, sheet_names
from bertlab.datasets.reading import unpacking
from bertlab.errors import TableError

SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"
STRINGS, BOOK = "xl/sharedStrings.xml", "xl/workbook.xml"
END = b"</sheetData>"


def workbook(rows=40):
    """A workbook of two columns."""
    book = openpyxl.Workbook()
    book.active.append(["text", "label"])
    for at in range(rows):
        book.active.append([f"film {at} is fine", ("good", "bad")[at % 2]])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


GOOD = workbook()


def with_part(name, change, *, data=GOOD):
    """The workbook with one part changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", 8) as new:
        for entry in {*old.namelist(), name}:
            part = old.read(entry) if entry in old.namelist() else b"<sst></sst>"
            new.writestr(entry, change(part) if entry == name else part)
    return file.getvalue()


def utf16(xml):
    """The same XML in another encoding."""
    return xml.decode().encode("utf-16")


def with_rows(xml):
    """The workbook with more at the end of its sheet."""
    return with_part(SHEET, lambda part: part.replace(END, xml + END))


def with_entities(name):
    """The workbook with ten entities, each ten times the one before."""
    entities = b'<!ENTITY e "ha">' + b"".join(
        b'<!ENTITY e%d "%s">' % (at, (b"&e%d;" % (at - 1) if at > 1 else b"&e;") * 10)
        for at in range(1, 10)
    )
    start = b'<?xml version="1.0"?><!DOCTYPE x [' + entities + b"]>"
    return with_part(name, lambda part: start + part.rpartition(b"?>")[2])


def test_rows_with_odd_numbers_cost_nothing():
    row = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'
    assert len(examples_of(GOOD)) == 40
    assert len(examples_of(with_rows(row % (5_000, 5_000)))) == 40  # a row far below
    negative = with_part(SHEET, lambda part: part.replace(b'r="5"', b'r="-5"'))
    assert len(examples_of(negative)) == 39


def test_a_text_of_many_megabytes_costs_its_own_row():
    text = b'<row r="50"><c r="A50" t="inlineStr"><is><t>%s</t></is></c></row>' % (b"a" * 5 * 2**20)
    assert len(examples_of(with_rows(text))) == 40


def test_definitions_that_multiply_are_not_followed():
    for name in (BOOK, SHEET, STYLES):
        try:
            outcome = f"{len(examples_of(with_entities(name)))} examples"
        except TableError as error:
            outcome = str(error)
        assert outcome == "40 examples" or "is damaged" in outcome


def test_formulas_without_values_are_empty_texts():
    book = openpyxl.load_workbook(io.BytesIO(GOOD))
    for at in range(2, 42):
        book.active[f"A{at}"] = f'=HYPERLINK("http://x","y{at}")'
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(TableError, match="No row can be used"):
        examples_of(file.getvalue())


def test_a_workbook_whose_directory_lies_about_a_size_is_damaged():
    data = bytearray(GOOD)
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 7)
    with pytest.raises(TableError, match="damaged"):
        read_table(bytes(data))


def test_what_no_spreadsheet_program_writes_is_refused_before_it_is_built(monkeypatch):
    monkeypatch.setattr(unpacking, "MAX_SHEET_ROWS", 60)
    monkeypatch.setattr(unpacking, "MAX_ROW_TAGS", 400)
    monkeypatch.setattr(unpacking, "MAX_STYLE_TAGS", 400)
    monkeypatch.setattr(unpacking, "MAX_ATTRIBUTES", 400)
    monkeypatch.setattr(
        "bertlab.datasets.reading.workbooks._sheets", lambda data: pytest.fail("built")
    )
    for too_much, says in (
        (with_rows(b"<row><c/></row>" * 20), "more than 60 rows"),
        (with_rows(b"<x:row\n><x:c/></x:row>" * 20), "more than 60 rows"),
        (with_rows(b"<row>" + b"<c/>" * 400 + b"</row>"), "cells in one row"),
        (with_rows(b"<row><c " + b'a=""' * 401 + b"/></row>"), "cells in one row"),
        (with_part(SHEET, lambda part: part + b"<x/>" * 401), "cells in one row"),
        (with_part(STRINGS, lambda part: part + b"<si/>" * 61), "more than 60"),
        (with_part(STYLES, lambda part: part + b"<xf/>" * 401), "more formats"),
        (with_part(BOOK, lambda part: part + b"<x/>" * 401), "more formats"),
        (with_part(BOOK, lambda part: utf16(part + b"<x/>" * 401)), "more formats"),
    ):
        with pytest.raises(TableError, match=says):
            read_table(too_much)
        assert sheet_names(too_much) == ()
    monkeypatch.setattr(unpacking, "MAX_BYTES", 3 * 2**20)
    with pytest.raises(TableError, match="a text of more than 3 MB"):
        read_table(with_rows(b"<row><c><v>" + b"a" * 5 * 2**20 + b"</v></c></row>"))
    monkeypatch.setattr(unpacking, "MAX_SHEET_CELLS", 90)
    with pytest.raises(TableError, match="more than 90 cells"):
        read_table(with_rows(b"<row><c/></row>" * 12))


def test_an_archive_of_very_many_files_is_no_workbook():
    file = io.BytesIO(GOOD)
    with zipfile.ZipFile(file, "a") as archive:
        for at in range(10_001):
            archive.writestr(f"xl/{at}", b"")
    assert not is_workbook(file.getvalue())
    with pytest.raises(TableError, match="zip archive"):
        read_table(file.getvalue())


BIG = {  # none of these ended
    "rows.xlsx": lambda: with_rows(b"<row><c><v>1</v></c></row>" * 1_100_000),
    "row_20_million.xlsx": lambda: with_rows(b'<row r="20000000"><c><v>1</v></c></row>'),
    "row_trillion.xlsx": lambda: with_rows(b'<row r="1000000000000"><c><v>1</v></c></row>'),
    "wide_row.xlsx": lambda: with_rows(b"<row>" + b"<c/>" * 2_000_000 + b"</row>"),
    "far_cells.xlsx": lambda: with_rows(b'<row><c r="XFD9"><v>1</v></c></row>' * 5_000),
    "styles.xlsx": lambda: with_part(
        STYLES, lambda part: part.replace(b"</cellXfs>", b"<xf/>" * 1_000_000 + b"</cellXfs>")
    ),
    "text.xlsx": lambda: with_rows(b"<row><c><v>" + b"a" * (280 * 2**20) + b"</v></c></row>"),
    "unpacked.xlsx": lambda: with_rows(b"<a>" + b" " * (301 * 2**20) + b"</a>"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read as Linux gives it")
def test_workbooks_that_would_eat_the_machine_are_refused_within_their_bounds(tmp_path):
    for name, make in BIG.items():
        (tmp_path / name).write_bytes(make())
    assert_refused_cheaply(*tmp_path.iterdir())
