"""JSON Lines and lists of objects."""

import pytest

from bertlab.datasets import check_examples, guess_columns, read_table
from bertlab.errors import TableError

LINES = '{"text": "很好", "label": "正面"}\n\n{"label": "负面", "text": "a \\"b\\",\\nc"}\n'


def test_json_lines_become_rows_under_the_names_of_all_objects():
    table = read_table(LINES.encode(), filename="reviews.jsonl")
    assert list(table.frame.columns) == ["text", "label"]
    assert table.frame.to_numpy().tolist() == [["很好", "正面"], ['a "b",\nc', "负面"]]
    assert table.row_numbers == (1, 3)
    assert (table.form, table.encoding, table.delimiter) == ("json", "utf-8", "")
    assert guess_columns(table).text == "text"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_json_in_other_encodings(encoding):
    assert read_table(LINES.encode(encoding)).frame["text"][0] == "很好"


def test_numbers_truth_values_and_what_is_missing():
    lines = '{"text": "a", "label": 1, "n": 0.5}\n{"text": null, "label": true}\n'
    lines += '{"text": "c", "label": [1, "好"], "m": {"k": 1}}\n'
    table = read_table(lines.encode())
    assert list(table.frame.columns) == ["text", "label", "n", "m"]
    assert table.frame.to_numpy().tolist() == [
        ["a", "1", "0.5", ""],
        ["", "true", "", ""],
        ["c", '[1, "好"]', "", '{"k": 1}'],
    ]


def test_a_name_that_is_also_a_value_stays_a_name():
    table = read_table(b'{"a": "a", "b": "b"}\n{"a": "x", "b": "b"}\n')
    assert table.has_header
    assert table.frame.to_numpy().tolist() == [["a", "b"], ["x", "b"]]


def test_a_broken_line_costs_no_other():
    lines = '{"text": "a", "label": "x"}\n{"text": "b", "lab\n[1, 2]\n{"text": "c", "label": "y"}\n'
    table = read_table(lines.encode())
    assert table.row_numbers == (1, 4)
    assert [(entry.row, entry.excerpt) for entry in table.left_out] == [
        (2, '{"text": "b", "lab'),
        (3, "[1, 2]"),
    ]
    assert table.left_out[0].reason.startswith("it is not valid JSON (")
    assert "no JSON object" in table.left_out[1].reason
    examples = check_examples(table, guess_columns(table))
    assert len(examples.left_out) == 2


def test_a_list_of_objects_keeps_the_line_of_each():
    text = '[\n {"text": "a",\n  "label": "x"},\n {"text": "b", "label": "y"}, 7\n]\n'
    table = read_table(text.encode())
    assert table.row_numbers == (2, 4)
    assert [(entry.row, entry.reason[:17]) for entry in table.left_out] == [
        (4, "it is no JSON obj")
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[{"text": "a", "label": "x"},\n {"text": ', "broken at line 2"),
        ('[{"text": "a"}', "broken at line 1|1 cell"),
        ('{"text": "a"}\n{"text": "b"}\n', "1 cell"),
        ('{"a": ' * 100_000, "No object with names"),
        ('[{"a": ' + "[" * 100_000, "broken at line 1 .too deeply nested"),
    ],
)
def test_json_that_is_no_table_is_refused_with_advice(text, says):
    with pytest.raises(TableError, match=f"^table.csv: .*({says})"):
        read_table(text.encode())


def test_a_delimiter_of_ones_own_overrules():
    table = read_table(b'{"a": 1|label\n{"b": 2|x\nc|y\n', delimiter="|")
    assert table.form == "csv"
    assert list(table.frame.columns) == ['{"a": 1', "label"]
