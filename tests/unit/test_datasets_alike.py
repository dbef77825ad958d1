"""Texts that are nearly the same, rows that belong together: never on two sides."""

import pytest

from bertlab.datasets import (
    Columns,
    Examples,
    check_examples,
    read_table,
    split_examples,
)
from bertlab.datasets.duplicates.exact import exact_duplicates, joined, text_key
from bertlab.errors import TableError


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("Good film!", "good  film", True),
        ("ＧＯＯＤ ﬁlm...", "good film", True),  # full width and a ligature
        ("很好，下次再来！", "很好 下次再来", True),
        ("well-made", "well made", True),
        ("10/10", "1/10", False),
        ("good film", "good films", False),
        (":-)", ":-(", False),
        (":-)", " :-)  ", True),
        ("", "!", False),
    ],
)
def test_what_counts_as_nearly_the_same(one, other, is_same):
    assert (text_key(one) == text_key(other)) == is_same


def test_groups_of_near_duplicates():
    texts = ("Good!", "good", "bad", "good", "worse", "worse")
    examples = Examples(texts, None, ("a",) * 6, ("a",), tuple(range(6)))
    assert exact_duplicates(examples) == [(0, 1, 3)]  # "worse" is only repeated


def test_what_shares_any_key_is_joined():
    assert joined(["a", "b", "b", "c"], [1, 1, 2, 3]) == [0, 0, 0, 3]
    assert joined(["a", "b", "c"], [None, None, 1]) == [0, 1, 2]
    assert joined(["a", "b", "c", "d"], ["x", "y", "y", "x"], [1, 2, 1, 3]) == [0, 0, 0, 0]


def table(rows: list[str]) -> bytes:
    return "\n".join(["text,label,customer", *rows]).encode()


def test_the_rows_of_a_customer_stay_on_one_side():
    rows = [f"text number {n},{'ab'[n % 2]},customer {n // 5}" for n in range(200)]
    columns = Columns("text", "label", group="customer")
    examples = check_examples(read_table(table(rows)), columns)
    split = split_examples(examples, validation=0.2, test=0.2)
    sides = [
        {int(text.split()[-1]) // 5 for text in part.texts}
        for part in (split.train, split.validation, split.test)
    ]
    assert sum(map(len, sides)) == 40
    assert len(set.union(*sides)) == 40
    assert [len(side) for side in sides] == [24, 8, 8]


def test_rows_without_a_group_go_where_they_like():
    rows = [f"text {n},{'ab'[n % 2]}," for n in range(40)]
    examples = check_examples(read_table(table(rows)), Columns("text", "label", group="customer"))
    assert len(split_examples(examples).test) == 4


def test_near_duplicates_are_told_and_kept_together():
    rows = [f"{'T' if n % 2 else 't'}ext number {n // 2}{'!' * (n % 2)},a,x" for n in range(40)]
    rows += [f"other {n},b,x" for n in range(40)]
    examples = check_examples(read_table(table(rows)), Columns("text", "label"))
    assert any("40 texts differ from another one in case" in text for text in examples.warnings)
    split = split_examples(examples, validation=0.25, test=0.25)
    parts = (split.train, split.validation, split.test)
    sides = [{text_key(text) for text in part.texts} for part in parts]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]


def test_a_group_column_that_is_also_the_text_is_refused():
    data = read_table(table(["a,x,1", "b,y,2"]))
    with pytest.raises(TableError, match="“text” is chosen twice"):
        check_examples(data, Columns("text", "label", group="text"))
    with pytest.raises(TableError, match="no column “shop”"):
        check_examples(data, Columns("text", "label", group="shop"))
