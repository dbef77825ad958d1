"""Files made to mislead or to eat the machine: each is read, or refused in a sentence, at once.

What is small is built here and read in this process; what would fill the memory is refused in a
process of its own that may take no more than 500 MB.
"""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from bertlab.datasets import check_examples, guess_columns, read_table
from bertlab.datasets.limits import MAX_COLUMNS, MAX_LINE_CELLS
from bertlab.errors import TableError


def csv(text="a film called {} is fine", labels=("good", "bad"), *, rows=40, header="text,label"):
    """A table of two columns; `{}` in the text is the row's number."""
    lines = [f"{text.format(at)},{labels[at % len(labels)]}" for at in range(rows)]
    return "\n".join([header, *lines]) + "\n"


def objects(label, *, rows=40):
    """JSON Lines; the label is JSON and may depend on the row."""
    return "".join(f'{{"text": "film {at}", "label": {label(at)}}}\n' for at in range(rows))


def examples_of(data):
    """Read and check as a page does; text is written as UTF-8."""
    table = read_table(data.encode() if isinstance(data, str) else data)
    return check_examples(table, guess_columns(table))


ODD_BUT_READ = {
    "a NUL in one cell": (csv() + "so\0so,good\n", 40),
    "three encodings in one file": (
        csv().encode() + "café fine,good\n".encode("latin-1") + "电影,bad\n".encode("gb18030"),
        42,
    ),
    "cells that are formulas": (csv("\"=cmd|' /C calc'!A{}\"", ('"@SUM(1)"', '"+1"')), 40),
    "labels that are HTML": (csv(labels=("<script>alert(1)</script>", "<img src=x>")), 40),
    "labels that are paths": (csv(labels=("../../etc/passwd", r"C:\Windows")), 40),
    "labels written from right to left": (csv(labels=("\u202egpj.exe", "\u05e9\u05dc")), 40),
    "column names that are HTML": (
        csv(header='<img src=x onerror=x()>,"<script>x()</script>"'),
        40,
    ),
    "column names with line breaks": (csv(header='"the\ntext","the\r\nlabel"'), 40),
    "names that occur twice": (
        "text,text,label,label\n" + "".join(f"a {n},b {n},{n % 2},{n % 3}\n" for n in range(40)),
        40,
    ),
    "a quote that is never closed": ('text,label\n"open,good\n' + csv().partition("\n")[2], 40),
    "line ends CR CR LF": (csv().replace("\n", "\r\r\n"), 40),
    "line ends CR": (csv().replace("\n", "\r"), 40),
    "line separators of Unicode within": (csv("a\u2028b {}\x85c"), 40),
    "UTF-32": (csv().encode("utf-32"), 40),
    "UTF-7, which is plain ASCII": (b"text,label\n+ADw-x+AD4-,good\n" + csv().encode()[11:], 41),
    "five thousand accents on a letter": (csv("e" + "\u0301" * 5_000 + " {}"), 40),
    "backslashes before quotes": (csv(r'"he said \"hi\" {}"'), 40),
    "rows of one to four cells": (csv() + "a,b,c,d\nonly\n,,\n", 40),
    "white space around labels": (csv(labels=(" good", "good ", "bad\u00a0", "bad")), 40),
    "the separator on the first line": ("sep=;\n" + csv().replace(",", ";"), 40),
    "line breaks in quotes": (csv('"one {}\ntwo\n"'), 40),
    "thirty thousand equal letters": (csv("a" * 30_000 + "!{}"), 40),
    "fifty thousand blanks": (csv(" " * 50_000 + "x{}"), 40),
    "HTML, Markdown and formulas": (csv(r"<img src=x> [x](javascript:x) $\frac{{1}}{{2}}$ {}"), 40),
    "a column name as long as a text, so taken for one": (
        csv(header=f'"{"<b>" * 3_000}",label'),
        41,
    ),
    "half a surrogate": (objects(lambda at: f'"\\ud800{at % 2}"'), 40),
    "numbers that are none": (objects(lambda at: ("NaN", "Infinity", "1e999")[at % 3]), 40),
    "a list in a hundred thousand lists": (
        '{"text": "a", "label": ' + "[" * 100_000 + "\n" + objects(lambda at: at % 2),
        40,
    ),
    "a number of a hundred thousand digits": (
        f'{{"text": "a", "label": {"9" * 100_000}}}\n' + objects(lambda at: at % 2),
        40,
    ),
    "a name that an object has twice": (
        objects(lambda at: at % 2).replace('{"text"', '{"text": "x", "text"'),
        40,
    ),
}


@pytest.mark.parametrize("name", ODD_BUT_READ)
def test_what_is_odd_costs_its_own_row_at_most(name):
    data, rows = ODD_BUT_READ[name]
    assert len(examples_of(data)) == rows


REFUSED = {
    "nothing": (b"", "is empty"),
    "a byte order mark": (b"\xef\xbb\xbf", "is empty"),
    "NUL bytes": (bytes(5_000), "is empty"),
    "column names alone": (b"text,label\n", "no rows"),
    "noise": (random.Random(1).randbytes(200_000), "binary file"),
    "the first bytes of a zip archive": (b"PK\x03\x04" + bytes(range(256)), "zip archive"),
    "the first bytes of a picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG image"),
    "XML": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>', "web page"),
    "a list that breaks off": (b'[{"text": "a", "label": "b"}', "broken at line 1"),
    "a label for each row": (csv(labels=[f"L{n}" for n in range(500)], rows=500), "500 different"),
    "one label": (csv(labels=("good",)), "have the label “good”"),
    "labels of which one is too long": (csv(labels=("A" * 199, "B" * 5_000)), "have the label"),
    "labels that look alike": (csv(labels=("good", "good\u200b")), "have the label “good”"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused_in_a_sentence(name):
    data, says = REFUSED[name]
    with pytest.raises(TableError, match=says) as refused:
        examples_of(data)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("form", ["{}", "[{}]"])
def test_objects_with_ever_new_names_are_refused_as_soon_as_there_are_too_many(form):
    many = [f'{{"k{number}": 1}}' for number in range(MAX_COLUMNS + 1)]
    between = "\n" if form == "{}" else ",\n"
    with pytest.raises(TableError, match="Up to line 1,001 the objects have 1,001 different names"):
        read_table(form.format(between.join([*many, *many])).encode())
    few = [json.dumps(dict.fromkeys(map(str, range(MAX_COLUMNS)), "x"))] * 2
    assert len(read_table(form.format(between.join(few)).encode()).frame.columns) == MAX_COLUMNS


def test_objects_that_would_make_a_table_of_empty_cells_are_refused(monkeypatch):
    monkeypatch.setattr("bertlab.datasets.reading.json_lines.MAX_JSON_CELLS", 5)
    two = b'{"text": "a", "label": "b"}\n{"text": "c", "label": "d"}\n'
    assert len(read_table(two).frame) == 2  # of four cells
    with pytest.raises(TableError, match=r"3 objects with 2 names .* 6 cells; at most 5"):
        read_table(two + b'{"text": "e", "label": "f"}\n')


@pytest.mark.parametrize("cell", ["x", '"x"'])
def test_a_line_is_not_cut_into_more_cells_than_any_program_writes(cell):
    line = ",".join([cell] * (MAX_LINE_CELLS + 2))
    with pytest.raises(TableError, match="Line 1 has more than 16,384 cells; a table needs 2 to"):
        read_table(f"{line}\n{line}\n".encode())
    [entry] = read_table(f"text,label\na,b\n{line}\nc,d\n".encode()).left_out
    assert (entry.row, entry.reason[:25]) == (3, "it has more than 16,384 c")


def test_empty_columns_at_the_end_of_a_spreadsheet_are_no_columns():
    """A spreadsheet program whose last column was touched writes all 16,384."""
    tail = "," * (MAX_LINE_CELLS - 2)
    table = read_table(csv().replace("\n", f"{tail}\n").encode())
    assert (list(table.frame.columns), len(table.frame)) == (["text", "label"], 40)


BIG = {  # each took a minute, or gigabytes, or both
    "objects.jsonl": lambda: "".join(f'{{"k{n}": {n}}}\n' for n in range(400_000)),
    "list.json": lambda: "[" + ",".join(f'{{"k{n}": 1}}' for n in range(400_000)) + "]",
    "object.json": lambda: "{" + ",".join(f'"k{n}":1' for n in range(800_000)) + "}",
    "sparse.jsonl": lambda: json.dumps(dict.fromkeys(map(str, range(999)))) + '\n{"1":1}' * 99_999,
    "columns.csv": lambda: f"{','.join(map(str, range(1_000_000)))}\n" * 2,
    "quoted.csv": lambda: (",".join(['"c"'] * 1_000_000) + "\n") * 2,
    "semicolons.csv": lambda: (";" * 200_000 + "\n") * 20,
    "one_line.csv": lambda: " ;" * 10_000_000,
    "lines.csv": lambda: "a\n" * 9_000_000,
}

READER = """
import resource, sys, time
from bertlab.datasets import read_table
from bertlab.errors import TableError
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    with open(path, "rb") as file: data = file.read()
    began = time.process_time()
    try:
        print("READ", path, read_table(data, filename=path).frame.shape)
    except TableError as error:
        pass
    seconds = time.process_time() - began
    if seconds > 10: print("SLOW", path, seconds)  # some 3 on a quiet machine at most
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024
    if megabytes > 500: print("LARGE", path, megabytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read as Linux gives it")
def test_what_would_eat_the_machine_is_refused_within_its_bounds(tmp_path):
    for name, make in BIG.items():
        (tmp_path / name).write_text(make())
    assert all(path.stat().st_size <= 20 * 2**20 for path in tmp_path.iterdir())
    assert_refused_cheaply(*tmp_path.iterdir())


def assert_refused_cheaply(*paths: Path) -> None:
    """Read files in a process of their own: none gives a table, takes long or takes 500 MB."""
    names = [str(path) for path in paths]
    done = subprocess.run([sys.executable, "-c", READER, *names], capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
