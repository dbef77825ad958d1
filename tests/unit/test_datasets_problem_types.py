"""Several labels per text, and numbers: guessed, read, refused, split and stored."""

from dataclasses import replace

import pandas as pd
import pytest
from tiny_tasks import NUMBERS, SETS, label_sets, numbers

from bertlab.datasets import (
    MULTI_LABEL,
    REGRESSION,
    SINGLE_LABEL,
    Columns,
    check_examples,
    columns_of_part,
    guess_columns,
    load_examples,
    mark_columns,
    read_table,
    save_examples,
    split_examples,
    with_own_parts,
    with_sign,
)
from bertlab.datasets.labels.label_sets import find_separator, read_label_set
from bertlab.datasets.labels.numbers import decimal_sign, read_number, write_number
from bertlab.datasets.labels.problem_types import guess_problem_type
from bertlab.datasets.splitting.strata import strata
from bertlab.errors import TableError


def table(text):
    return read_table(text.encode(), filename="t.csv")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["pos", "neg", "pos"], SINGLE_LABEL),
        (["1", "5", "3", "1", "4", "2"], SINGLE_LABEL),  # stars are classes until somebody says no
        (["0.25", "1.5", "0.75", "3.1", "2.2", "0.1"], REGRESSION),
        ([str(price) for price in range(100, 125)], REGRESSION),
        (["art|film", "film", "art", "art|film"], MULTI_LABEL),
        (["体育、娱乐", "体育", "娱乐", "娱乐、体育"], MULTI_LABEL),
        (["arts, film", "sport", "arts, film", "sport"], SINGLE_LABEL),  # a comma in a name
        (["", " "], SINGLE_LABEL),
        ([], SINGLE_LABEL),
    ],
)
def test_what_a_column_holds_is_guessed(cells, expected):
    assert guess_problem_type(cells) == expected


@pytest.mark.parametrize(
    ("cell", "number"),
    [("4.5", 4.5), (" 4,5 ", 4.5), ("1,234.5", 1234.5), ("1,234", 1234.0), ("-3", -3.0),
     ("1e3", 1000.0), ("４", 4.0), ("4 stars", None), ("nan", None), ("", None), ("1e999", None)],
)  # fmt: skip
def test_numbers_are_read_as_spreadsheets_write_them(cell, number):
    assert read_number(cell) == number


@pytest.mark.parametrize("number", [4.0, 0.1, -1e-9, 1e300, 123456789.125])
def test_a_number_comes_back_as_it_was(number):
    assert float(write_number(number)) == number
    assert write_number(4.0) == "4"


@pytest.mark.parametrize(
    ("cell", "separator", "labels"),
    [("film| art|film", "|", ("art", "film")), ('["b", "a"]', "", ("a", "b")),
     ("['b', 'a']", "", ("a", "b")), ("[broken", "", ("[broken",)), ("", "|", ()),
     ("a|b;c", ";", ("a/b", "c"))],
)  # fmt: skip
def test_the_labels_of_a_cell_are_read(cell, separator, labels):
    assert read_label_set(cell, separator) == labels


def test_the_separator_is_found_by_labels_that_repeat():
    assert find_separator(["a;b", "a", "b", "c;a", "c"]) == ";"
    assert find_separator(["one, two", "three, four"]) == ""  # nothing repeats


def test_a_column_of_numbers_called_id_is_no_number_to_predict():
    cells = [str(number) for number in range(100)]
    assert guess_problem_type(cells, "price") == REGRESSION
    assert guess_problem_type(cells, "id") == SINGLE_LABEL


def test_guessing_takes_the_label_column_for_what_it_is():
    assert guess_columns(table(SETS)).problem_type == MULTI_LABEL
    assert guess_columns(table(NUMBERS)) == Columns("text", "stars", problem_type=REGRESSION)


def test_a_text_may_have_several_labels_or_none():
    examples = label_sets()
    assert examples.label_names == ("art", "food", "praise")
    assert examples.label_sets()[0] == ("art", "praise")
    assert examples.labels[5] == ""  # kept: none is an answer
    assert examples.counts() == {"art": 4, "food": 4, "praise": 5}
    assert any("1 row has no label at all" in warning for warning in examples.warnings)


def test_labels_of_a_set_are_renamed_merged_and_taken_out():
    columns = Columns("text", "tags", problem_type=MULTI_LABEL)
    examples = check_examples(table(SETS), columns, label_map={"art": "praise", "food": ""})
    assert examples.label_names == ("praise",)
    assert examples.labels[:3] == ("praise", "praise", "praise")


def test_a_row_whose_labels_are_all_taken_out_is_left_out():
    columns = Columns("text", "tags", problem_type=MULTI_LABEL)
    examples = check_examples(table(SETS), columns, label_map={"food": ""})
    assert examples.label_names == ("art", "praise")
    assert [entry.row for entry in examples.left_out] == [5, 10]
    assert examples.left_out[0].reason == "every label of it was taken out (“food”)"


MARKS = "comment,toxic,insult\nyou fool,1,1\nhello,0,0\nbad,1,0\nidiot,0,1\nnice,0,0\n"


def test_columns_of_0_and_1_are_labels():
    found = table(MARKS)
    assert mark_columns(found) == ("toxic", "insult")
    columns = Columns("comment", "toxic", problem_type=MULTI_LABEL, marks=("toxic", "insult"))
    examples = check_examples(found, columns)
    assert examples.labels == ("insult|toxic", "", "toxic", "insult", "")


def test_a_column_of_marks_with_something_else_is_refused():
    columns = Columns("comment", "toxic", problem_type=MULTI_LABEL, marks=("toxic", "insult"))
    with pytest.raises(TableError, match="Line 3 of the column “insult” has “perhaps”"):
        check_examples(table(MARKS.replace("hello,0,0", "hello,0,perhaps")), columns)


def test_what_is_no_number_is_left_out_with_its_reason():
    examples = check_examples(
        table(NUMBERS + "\nodd,many\nempty,\n"), Columns("text", "stars", problem_type=REGRESSION)
    )
    assert examples.label_names == ("stars",)
    assert examples.numbers()[:3] == [4.5, 1.5, 4.0]
    reasons = [entry.reason for entry in examples.left_out]
    assert reasons == ["the label “many” is no number", "the label is empty"]


@pytest.mark.parametrize(
    ("rows", "problem_type", "says"),
    [
        ("a,3\nb,3\nc,3\n", REGRESSION, "All 3 rows have the number 3"),
        ("a,x|y\nb,x|y\nc,x|y\n", MULTI_LABEL, "All 3 rows have the same labels"),
        ("a,x\nb,\nc,x\n", MULTI_LABEL, None),  # one label, there or not: that can be learned
        ("\n".join(f"t{i},l{i}|m{i}" for i in range(20)), MULTI_LABEL, "40 different labels"),
    ],
)
def test_what_cannot_be_learned_is_refused(rows, problem_type, says):
    columns = Columns("text", "label", problem_type=problem_type)
    if says is None:
        assert check_examples(table(f"text,label\n{rows}"), columns).label_names == ("x",)
        return
    with pytest.raises(TableError, match=says):
        check_examples(table(f"text,label\n{rows}"), columns)


def test_the_rarest_label_and_ranges_of_numbers_are_split_alike():
    assert strata(label_sets())[:6] == ["art", "art", "food", "food", "praise", ""]
    assert len(set(strata(numbers()))) == 3  # ten numbers make three ranges of three or four
    many = [f"text {i},{'art|rare' if i % 10 == 0 else 'art' if i % 2 else 'food'}"
            for i in range(200)]  # fmt: skip
    examples = check_examples(
        table("text,tags\n" + "\n".join(many)), Columns("text", "tags", problem_type=MULTI_LABEL)
    )
    split = split_examples(examples, validation=0.1, test=0.1)
    assert (split.test.counts()["rare"], split.validation.counts()["rare"]) == (2, 2)


def test_numbers_are_spread_over_all_parts():
    rows = "\n".join(f"text {i},{i}" for i in range(100))
    columns = Columns("text", "n", problem_type=REGRESSION)
    split = split_examples(check_examples(table("text,n\n" + rows), columns), test=0.2)
    values = sorted(split.test.numbers())
    assert len(values) == 20
    assert [int(value // 10) for value in values] == [n for n in range(10) for _ in range(2)]


@pytest.mark.parametrize("examples", [label_sets(), numbers()])
def test_examples_come_back_from_disk_as_they_were(examples, tmp_path):
    save_examples(examples, tmp_path / "part.csv")
    loaded = load_examples(
        tmp_path / "part.csv",
        label_names=examples.label_names,
        problem_type=examples.problem_type,
    )
    assert (loaded.labels, loaded.problem_type) == (examples.labels, examples.problem_type)
    assert loaded.label_sets() == examples.label_sets()


def test_an_own_test_part_keeps_rows_whose_labels_are_all_known():
    columns = Columns("text", "tags", problem_type=MULTI_LABEL)
    own = check_examples(table("text,tags\nx,art\ny,art|music\nz,\n"), columns, for_training=False)
    split = split_examples(label_sets(), validation=0.0, test=0.0)
    parts = with_own_parts(split, test=own)
    assert parts.test.texts == ("x", "z")
    assert [entry.reason for entry in parts.test.left_out] == ["training has no label “music”"]
    assert parts.test.problem_type == MULTI_LABEL


def test_an_own_test_part_of_numbers_keeps_every_number():
    columns = Columns("text", "stars", problem_type=REGRESSION)
    own = check_examples(table("text,stars\nx,9.5\ny,-3\n"), columns, for_training=False)
    split = split_examples(numbers(), validation=0.0, test=0.0)
    assert with_own_parts(split, test=own).test.numbers() == [9.5, -3.0]


def test_lists_in_cells_are_read_whatever_stands_in_them():
    cells = [
        '["don\'t know", "art"]', "[]", '["art"]', "['food', 'art']", '["food"]',
        '["don\'t know"]',
    ]  # fmt: skip
    frame = pd.DataFrame({"text": list("abcdef"), "tags": cells})
    found = replace(table(SETS), frame=frame, row_numbers=tuple(range(2, 8)))
    examples = check_examples(found, Columns("text", "tags", problem_type=MULTI_LABEL))
    assert examples.label_names == ("art", "don't know", "food")
    assert examples.label_sets()[:2] == [("art", "don't know"), ()]


def test_a_cell_of_brackets_is_no_list_and_no_crash():
    assert read_label_set("[" * 60_000, "|") == ("[" * 60_000,)


def test_names_of_mark_columns_are_never_split():
    text = "t,Sci-Fi/Fantasy,Drama\n" + "\n".join(f"x{n},{n % 2},{1 - n % 2}" for n in range(10))
    columns = Columns("t", "Drama", problem_type=MULTI_LABEL, marks=("Sci-Fi/Fantasy", "Drama"))
    assert check_examples(table(text), columns).label_names == ("Drama", "Sci-Fi/Fantasy")


def test_an_own_part_is_read_with_the_sign_of_training():
    columns = with_sign(
        table("text,tags\na,art|sci-fi/fantasy\nb,art\nc,sci-fi/fantasy\nd,art\n"),
        Columns("text", "tags", problem_type=MULTI_LABEL),
    )
    own = table("text,tags\nx,sci-fi/fantasy\ny,art\nz,sci-fi/fantasy\n")
    examples = check_examples(own, columns_of_part(own, columns), for_training=False)
    assert examples.label_names == ("art", "sci-fi/fantasy")


def test_a_part_without_one_of_the_label_columns_is_refused():
    columns = Columns("text", "art", problem_type=MULTI_LABEL, marks=("art", "food"))
    with pytest.raises(TableError, match="lacks “food”"):
        columns_of_part(table("text,art\nx,1\n"), columns)


@pytest.mark.parametrize(
    ("cells", "numbers_read"),
    [
        (["0,5", "1,250", "2,75", "0,125"], [0.5, 1.25, 2.75, 0.125]),
        (["1,250", "3", "2,000"], [1250.0, 3.0, 2000.0]),
        (["1,234.5", "0.5", "7"], [1234.5, 0.5, 7.0]),
    ],
)
def test_a_column_has_one_decimal_sign(cells, numbers_read):
    sign = decimal_sign(cells)
    assert [read_number(cell, sign) for cell in cells] == numbers_read


def test_numbers_that_no_model_can_learn_are_none():
    assert read_number("1e16") is None
    assert read_number("-1e16") is None


@pytest.mark.parametrize("first", [0, 1])
def test_ids_of_classes_are_classes(first):
    assert guess_problem_type([str(n % 77 + first) for n in range(400)]) == SINGLE_LABEL
    assert guess_problem_type([str(n % 77 + 5) for n in range(400)]) == REGRESSION


def test_a_new_name_is_one_name():
    columns = Columns("text", "tags", problem_type=MULTI_LABEL)
    examples = check_examples(table(SETS), columns, label_map={"art": "x|y"})
    assert examples.label_names == ("food", "praise", "x/y")
