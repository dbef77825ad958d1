"""What is learned from, what is left out, what is warned of."""

import pytest

from bertlab.datasets import Columns, check_examples, read_table
from bertlab.errors import TableError

TEXT_LABEL = Columns("text", "label")


def check(*rows: str, header: str = "text,label", columns: Columns = TEXT_LABEL, **options):
    return check_examples(read_table("\n".join([header, *rows]).encode()), columns, **options)


def test_every_row_is_an_example_or_left_out():
    found = check(
        "good,pos", ",pos", "bad,neg", "good,pos", "fine,", " \u3000\u200b,neg", "x", "y,neg"
    )
    assert found.texts == ("good", "bad", "y")
    assert found.labels == ("pos", "neg", "neg")
    assert found.label_names == ("neg", "pos")
    assert found.rows == (2, 4, 9)
    assert found.counts() == {"neg": 2, "pos": 1}
    assert {entry.row: entry.reason for entry in found.left_out} == {
        8: "it has 1 cell where the first row has 2",
        3: "the text is empty",
        5: "it has the same text and label as line 2",
        6: "the label is empty",
        7: "the text is empty",
    }


def test_texts_are_kept_as_they_are():
    assert check(" a  b ,x", "c,y").texts[0] == " a  b "


@pytest.mark.parametrize(
    "labels", [("0", "1"), ("True", "False"), ("/a/b.txt", "=A1"), ("正面", "负面")]
)
def test_labels_are_kept_as_they_are(labels):
    assert check(f"a,{labels[0]}", f"b,{labels[1]}").labels == labels


def test_labels_that_differ_in_white_space_are_merged_and_said():
    found = check("a,pos", "b,pos ", "c, pos", "d,very  bad", "e,very bad")
    assert found.label_names == ("pos", "very bad")
    assert any("white space only were merged: “pos”, “very bad”" in w for w in found.warnings)


def test_labels_that_differ_in_case_are_kept_and_said():
    found = check("a,Pos", "b,pos", "c,neg")
    assert found.label_names == ("Pos", "neg", "pos")
    assert any("“Pos”, “pos” differ in case" in warning for warning in found.warnings)


def test_labels_that_differ_in_case_can_be_merged():
    found = check(
        "a,Pos", "b,pos ", "c,POS", "d,pos", "e,neg", label_map={"Pos": "pos", "POS": "pos"}
    )
    assert found.counts() == {"neg": 1, "pos": 4}
    assert [w for w in found.warnings if "merged" in w or "case" in w] == [
        "Labels that differ in white space only were merged: “pos”."
    ]


def test_labels_can_be_renamed_merged_and_taken_out():
    rows = ["a,好评", "b,差评", "a,很好", "c,?", "d,很好"]
    found = check(*rows, label_map={"好评": "正面", "很好": "正面", "差评": "负面", "?": ""})
    assert found.texts == ("a", "b", "d")
    assert found.counts() == {"正面": 2, "负面": 1}
    assert [(entry.row, entry.reason) for entry in found.left_out] == [
        (4, "it has the same text and label as line 2"),  # since the two labels are one
        (5, "the label “?” was taken out"),
    ]
    assert not any("more than one label" in warning for warning in found.warnings)


def test_labels_that_leave_one_class_are_refused():
    with pytest.raises(TableError, match="at least two classes"):
        check("a,x", "b,y", "c,z", label_map={"y": "x", "z": ""})


def test_a_text_with_two_labels_is_kept_and_said():
    found = check("a,pos", "b,neg", "a,neg", "c,pos")
    assert len(found) == 4
    assert any("more than one label (lines 2 and 4)" in warning for warning in found.warnings)


def test_imbalance_and_single_rows_are_said():
    ten_to_one = check(*[f"t{at},pos" for at in range(20)], "b,neg", "c,neg")
    assert len([w for w in ten_to_one.warnings if "(1:10)" in w and "91%" in w]) == 1
    assert not any("unequal" in w for w in check("a,x", "b,x", "c,x", "d,x", "e,y").warnings)
    assert any("one row only: “y”" in w for w in check("a,x", "b,x", "c,y").warnings)


def test_long_texts_are_said_and_far_too_long_ones_left_out():
    long, far_too_long = "word " * 10_000, "word " * 50_000
    found = check(f"{long},a", f"{far_too_long},a", "b,b", "好" * 511 + ",a", "x " * 400 + ",b")
    assert found.rows == (2, 4, 5, 6)
    assert [(entry.row, entry.reason) for entry in found.left_out] == [
        (3, "the text has 250,000 characters; at most 100,000 fit")
    ]
    assert any(
        "2 texts are longer than BERT's 512 tokens (lines 2 and 5)" in w for w in found.warnings
    )


def test_pairs():
    columns = Columns("one", "kind", "two")
    found = check("1,2,x", "1,,x", "1,3,y", "1,2,x", header="one,two,kind", columns=columns)
    assert (found.texts, found.pairs) == (("1", "1"), ("2", "3"))
    assert [entry.reason for entry in found.left_out] == [
        "the second text is empty",
        "it has the same text and label as line 2",
    ]


def test_warnings_and_rows_of_the_reading_are_carried_on():
    found = check("a,x,1", "b,x,2", "c,y,3,4", "d,y,4", header="text,label,text")
    assert [entry.row for entry in found.left_out] == [4]
    assert "Two columns are called" in found.warnings[0]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["a,x", "b,x", "c,x"], "All 3 rows have the label “x”.*at least two classes"),
        ([f"t{at},l{at}" for at in range(3000)], "3,000 different labels in 3,000 rows"),
        ([f"t{at},l{at % 201}" for at in range(3000)], "201 different labels"),
        ([f"t{at},l{at}" for at in range(10)], "10 different labels in 10 rows"),
        ([",x", ",y", "a,"], "No row can be used.*In 2 of 3 rows the text is empty.*line 2"),
    ],
)
def test_what_nothing_can_be_learned_from_is_refused(rows, says):
    with pytest.raises(TableError, match=says):
        check(*rows)


def test_a_better_label_column_is_suggested():
    rows = [f"t{at},id{at},{'pn'[at % 2]}" for at in range(3000)]
    with pytest.raises(TableError, match="Choose “kind”"):
        check(*rows, header="text,label,kind")


def test_two_hundred_labels_are_allowed():
    assert len(check(*[f"t{at},l{at % 200}" for at in range(400)]).label_names) == 200


def test_an_own_test_file_may_hold_one_class_or_many():
    assert check("a,x", "b,x", for_training=False).label_names == ("x",)
    assert len(check(*[f"t{at},l{at}" for at in range(10)], for_training=False)) == 10
