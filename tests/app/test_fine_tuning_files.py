"""Files that people bring to the fine-tuning lesson: used with every row named, or refused."""

import io
import json
import zipfile

import numpy as np
import openpyxl
import pytest
from fine_tuning_page import (
    PAGE,
    ROOT,
    can_start,
    sound,
    start,
    table,
    text_of,
    upload,
    widget,
)
from PIL import Image

pytestmark = pytest.mark.usefixtures("engine_elsewhere")


# Files that must be refused


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(file, "PNG")
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("table.csv", table())
    return file.getvalue()


def workbook(*sheets: str) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in sheets:
        sheet = book.create_sheet(name)
        sheet.append(["评论", "标签"])
        for n in range(20):
            sheet.append([f"{name} 很好 {n}", ("正面", "负面")[n % 2]])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def json_lines() -> bytes:
    lines = [json.dumps({"text": f"text {n}", "label": "ab"[n % 2]}) for n in range(20)]
    return "\n".join(lines).encode()


REFUSED = [
    (b"", "empty"),
    (b"text,label\n", "no rows"),
    (b"text\ngood\nbad\n", "column"),
    (b"text,label\na,x\nb,x\nc,x\n", "at least two classes"),
    (png(), "PNG image"),
    (zipped(), "zip archive"),
    (table([f"text {n},label {n}" for n in range(3000)]).encode(), "different labels"),
    (b"text,label\na,x\nb,y\n", "4"),  # two rows in all: three parts need four texts
]


def bring_next(app, data: bytes):
    """Take another file of the same name in place of the one that was brought."""
    return sound(app.file_uploader[0].set_value(("mine.csv", data, "text/csv")).run())


def test_files_that_cannot_be_used_are_refused_in_words_and_a_good_one_after_them_works():
    app = upload(table().encode())
    for data, says in REFUSED:
        bring_next(app, data)
        assert not can_start(app), says
        assert says in app.error[0].value.replace("\\", "")
    assert can_start(bring_next(app, table().encode()))


def test_a_file_that_is_taken_away_is_forgotten_but_not_by_a_change_of_page():
    app = upload(table().encode())
    sound(app.switch_page(str(ROOT / "pages" / "tokenization.py")).run())
    sound(app.switch_page(PAGE).run())
    assert "mine.csv" in text_of(app)
    assert can_start(app)
    app = upload(table().encode())
    sound(app.file_uploader[0].set_value(None).run())
    assert not can_start(app)
    assert "Choose a file" in text_of(app)


# Files that must simply work, or be used with every row that is left out named


def rows_of(number=10):
    return [(f"这部电影很好 {n}", "正面") for n in range(number)] + [
        (f"这部电影很坏 {n}", "负面") for n in range(number)
    ]


def chinese(delimiter=","):
    lines = ["评论内容" + delimiter + "情感标签", *(f"{t}{delimiter}{v}" for t, v in rows_of())]
    return "\r\n".join(lines)


def labels(*names):
    return table([f"some text number {n},{names[n % len(names)]}" for n in range(40)]).encode()


WORKING = {
    "BOM": ("\ufeff" + table()).encode(),
    "GB18030": chinese().encode("gb18030"),
    "GB18030 with semicolons": chinese(";").encode("gb18030"),
    "Big5": chinese().replace("这", "此").replace("电", "戲").replace("评论", "文字")
    .replace("内容", "").replace("标签", "").encode("big5", "ignore"),
    "UTF-16": chinese().encode("utf-16"),
    "Latin-1": table([f"un café agréable {n},{'bon' if n % 2 else 'mauvais'}"
                      for n in range(20)]).encode("latin-1"),
    "semicolons": table().replace(",", ";").encode(),
    "tabs": table().replace(",", "\t").encode(),
    "pipes": table().replace(",", "|").encode(),
    "quoted newlines": table([f'"line one {n}\nline two",{"ab"[n % 2]}'
                              for n in range(20)]).encode(),
    "CR": table().replace("\n", "\r").encode(),
    "CRLF": table().replace("\n", "\r\n").encode(),
    "spaces around headers": table(header=" text ,  label ").encode(),
    "NA and null as text": table([f"{('NA', 'null', 'nan', 'None')[n % 4]} {n},{'xy'[n % 2]}"
                                  for n in range(20)]).encode(),
    "NA as a label": labels("NA", "null"),
    "numeric labels": labels("0", "1"),
    "float labels": labels("1.0", "2.5"),
    "boolean labels": labels("True", "False"),
    "path labels": labels("../../etc/passwd", "C:\\temp\\x"),
    "formula labels": labels("=1+1", "@SUM(A1)"),
    "Chinese labels": labels("正面", "负面"),
    "long labels": labels("a" * 150 + "1", "a" * 150 + "2"),
    "duplicates": table([*["same text,pos"] * 9, *(f"t {n},{'ab'[n % 2]}" for n in range(9))])
    .encode(),
    "1:10": table([*(f"text {n},common" for n in range(100)),
                   *(f"rare {n},rare" for n in range(10))]).encode(),
    "HTML": table([f"<b>bold</b><img src=x onerror=alert(1)> {n},{'ab'[n % 2]}"
                   for n in range(20)]).encode(),
    "script": labels("</script><script>alert(1)</script>", "$x$ **b** :red[z]"),
    "ragged rows": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)), "a,b,c,d", "alone"])
    .encode(),
    "NUL bytes": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)), "no\0,a"]).encode(),
    "no header": table().split("\n", 1)[1].encode(),
    "duplicate header": table([f"t {n},{'ab'[n % 2]},x" for n in range(20)], "text,label,label")
    .encode(),
    "unclosed quote": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)), '"never closed,a',
                             "last,b"]).encode(),
    "50,000 words": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)),
                           "word " * 50_000 + ",a"]).encode(),
    "a workbook": workbook("评论"),
    "JSON lines": json_lines(),
    "a class with one row": table([*(f"text {n},{'ab'[n % 2]}" for n in range(20)), "c,single"])
    .encode(),
}  # fmt: skip
LEFT_OUT = {"duplicates": 8, "ragged rows": 2, "NUL bytes": 1, "50,000 words": 1}
LEFT_OUT["unclosed quote"] = 1
SAYS = {
    "GB18030": "read as gb18030",
    "UTF-16": "read as utf-16",
    "semicolons": "a semicolon between the cells",
    "tabs": "a tab between the cells",
    "pipes": "a pipe between the cells",
    "a workbook": "read from the sheet “评论”",
    "JSON lines": "read as JSON, utf-8",
    "1:10": "The classes are unequal",
    "no header": "looks like data",
    "duplicate header": "Two columns are called “label”",
    "a class with one row": "one row only",
}


def test_files_of_the_kinds_people_have_can_be_started():
    """One after the other in one session: each has its own columns, labels and words."""
    app = upload(b"")
    for name, data in WORKING.items():
        bring_next(app, data)
        assert can_start(app), name
        titles = [box.label for box in app.expander]
        if name in LEFT_OUT:
            rows = "1 row is" if LEFT_OUT[name] == 1 else f"{LEFT_OUT[name]} rows are"
            assert any(title.startswith(f"{rows} left out") for title in titles), name
        else:
            assert not any("left out" in title for title in titles), name
        assert SAYS.get(name, "") in text_of(app), name


def test_another_sheet_of_a_workbook_can_be_chosen():
    app = upload(workbook("One", "Two"))
    assert "read from the sheet “One”" in text_of(app)
    sound(widget(app.selectbox, "Sheet").set_value("Two").run())
    assert "read from the sheet “Two”" in text_of(app)
    assert can_start(app)


def test_what_the_file_says_is_never_markup():
    app = upload(labels("**bold** $x$", "<b>html</b>"))
    shown = [element.value for element in (*app.warning, *app.markdown) if "bold" in element.value]
    assert not any("**bold**" in value for value in shown)


def test_another_column_can_be_chosen():
    header = "id,comment,label,size"
    rows = [f"{n},comment number {n},{'ab'[n % 2]},{n % 3}" for n in range(30)]
    app = upload(table(rows, header).encode())
    assert "30 examples in 2 classes" in text_of(app)
    sound(widget(app.selectbox, "Label column").set_value("size").run())
    assert "30 examples in 3 classes" in text_of(app)
    sound(widget(app.selectbox, "Label column").set_value("comment").run())
    assert not can_start(app)
    assert "chosen twice" in app.error[0].value
    sound(widget(app.selectbox, "Label column").set_value("id").run())
    assert not can_start(app)
    assert "different labels" in app.error[0].value
    assert "Choose “label”" in text_of(app)
    sound(widget(app.selectbox, "Label column").set_value("label").run())
    assert can_start(app)


def test_two_files_of_one_name_have_their_own_columns():
    app = upload(table(header="first,second").encode())
    assert widget(app.selectbox, "Text column").value == "first"
    file = ("mine.csv", table(header="erste,zweite").encode(), "text/csv")
    sound(app.file_uploader[0].set_value(file).run())
    assert widget(app.selectbox, "Text column").value == "erste"
    assert can_start(app)


def test_a_wrong_encoding_can_be_taken_back():
    app = upload(chinese().encode())
    sound(widget(app.selectbox, "Encoding").set_value("utf-16").run())
    assert not can_start(app)
    sound(widget(app.selectbox, "Encoding").set_value("utf-8").run())
    assert can_start(app)


def test_the_delimiter_can_be_named():
    rows = [f"a; b; {n},{'xy'[n % 2]}" for n in range(20)]
    app = upload(table(rows).encode())
    sound(widget(app.selectbox, "Between the cells").set_value("pipe").run())
    assert not can_start(app)
    sound(widget(app.selectbox, "Between the cells").set_value("comma").run())
    assert "20 examples in 2 classes" in text_of(app)


def test_many_labels_are_counted_and_the_largest_shown():
    app = upload(labels(*(f"label {n}" for n in range(20))))
    assert "40 examples in 20 classes" in text_of(app).replace("*", "")
    assert "the 12 largest are shown" in text_of(app)


def test_labels_that_differ_in_case_can_be_merged():
    app = upload(labels("good", "Good", "bad", "bad"))
    assert "in 3 classes" in text_of(app)
    sound(widget(app.toggle, "Take labels that differ in case only as one").set_value(True).run())
    assert "in 2 classes" in text_of(app)


def test_a_pair_column_makes_pairs():
    rows = [f"first {n},second {n},{'ab'[n % 2]}" for n in range(30)]
    app = upload(table(rows, "sentence1,sentence2,label").encode())
    assert widget(app.selectbox, "Second text (pairs only)").value == "sentence2"
    run = start(app)
    assert run.split().train.pairs is not None
    assert run.settings.pinned == ()
