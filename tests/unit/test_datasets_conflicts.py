"""Texts with more than one label: found whatever their case, with all their lines."""

from bertlab.datasets import Columns, check_examples, read_table
from bertlab.datasets.conflicts import Conflict, conflicts

DATA = b"""text,pair,label
Good film!,x,pos
bad film,x,neg
good film,x,neg
good film,y,neg
good  film,x,neg
bad film,x,pos
"""


def test_a_text_with_two_labels_is_found_with_all_its_rows():
    examples = check_examples(read_table(DATA), Columns("text", "label", pair="pair"))
    assert conflicts(examples) == (
        Conflict("Good film!", "x", ("pos", "neg", "neg"), (2, 4, 6)),
        Conflict("bad film", "x", ("neg", "pos"), (3, 7)),
    )
    assert any(
        "2 texts have more than one label (lines 2, 3, 4, 6 and 7)" in text
        for text in examples.warnings
    )


def test_where_labels_agree_there_is_none():
    examples = check_examples(read_table(b"text,label\na,x\nA!,x\nb,y\n"), Columns("text", "label"))
    assert conflicts(examples) == ()
