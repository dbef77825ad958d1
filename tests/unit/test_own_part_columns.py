"""Which columns of a validation or test file of one's own are read."""

from bertlab.datasets import Columns, columns_of_part, read_table

TRAINING = Columns("text", "label", group="who")


def table(header, rows=("good,pos,1", "bad,neg,2")):
    return read_table("\n".join([header, *rows]).encode(), filename="held.csv")


def test_the_training_tables_columns_are_taken_wherever_they_stand():
    moved = table("label,text,who", ("pos,good,1", "neg,bad,2"))
    assert columns_of_part(moved, TRAINING) == Columns("text", "label")


def test_other_names_are_guessed_and_nothing_is_kept_together():
    found = columns_of_part(table("评论,标签,日期"), TRAINING)
    assert (found.text, found.label, found.group) == ("评论", "标签", None)


def test_one_name_that_is_missing_is_enough_for_a_guess():
    found = columns_of_part(table("text,sentiment,who"), TRAINING)
    assert (found.text, found.label) == ("text", "sentiment")
