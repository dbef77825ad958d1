"""The label map: from the labels of a file to the classes of a model."""

from bertlab.datasets import (
    Columns,
    LabelRow,
    case_map,
    check_examples,
    label_map,
    label_rows,
    read_table,
)


def test_the_classes_are_numbered_in_the_order_of_their_names():
    table = read_table(b"text,label\ngood,pos\nfine,pos\nbad,neg\n")
    examples = check_examples(table, Columns("text", "label"))
    assert label_rows(examples) == [LabelRow(0, "neg", 1, "bad"), LabelRow(1, "pos", 2, "good")]


def test_only_what_was_changed_stands_in_the_map():
    labels = ["pos", "Pos", "neg", "?"]
    assert label_map(labels, labels, [True] * 4) == {}
    names = ["pos", " pos ", "", "?"]
    assert label_map(labels, names, [True, True, True, False]) == {"Pos": "pos", "?": ""}


def test_labels_can_change_places():
    assert label_map(["a", "b"], ["b", "a"], [True, True]) == {"a": "b", "b": "a"}


def test_the_commonest_spelling_wins():
    assert case_map({"Pos": 1, "pos": 3, "POS": 1, "neg": 2}) == {"Pos": "pos", "POS": "pos"}
    assert case_map({"B": 1, "b": 1}) == {"b": "B"}
