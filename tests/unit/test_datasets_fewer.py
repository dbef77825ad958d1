"""Fewer rows of a table than it has."""

import pytest
from tiny_tasks import label_sets, numbers

from bertlab.datasets import Examples
from bertlab.datasets.splitting.subsample import subsample


def examples(labels):
    texts = tuple(f"text {n}" for n in range(len(labels)))
    rows = tuple(range(2, 2 + len(labels)))
    return Examples(texts, None, tuple(labels), tuple(sorted(set(labels))), rows)


def test_few_rows_come_back_as_they_are():
    few = examples("ab" * 5)
    assert subsample(few, 10) is few


def test_so_many_are_drawn_in_order_and_always_the_same():
    many = examples("ab" * 500)
    drawn = subsample(many, 250)
    assert len(drawn) == 250
    assert list(drawn.rows) == sorted(drawn.rows)
    assert drawn == subsample(many, 250)


def test_a_regular_order_of_the_labels_loses_no_class():
    for period in (2, 4, 5):
        counts = subsample(examples("abcde"[:period] * 200), 20 * period).counts()
        assert len(counts) == period
        assert min(counts.values()) >= 8


def test_a_label_without_a_row_left_is_no_class():
    assert subsample(examples("a" * 500 + "b" * 500 + "c"), 10).label_names == ("a", "b")


@pytest.mark.parametrize(("whole", "names"), [(label_sets(), 3), (numbers(), 1)])
def test_label_sets_and_numbers_keep_what_they_are(whole, names):
    drawn = subsample(whole, 9)
    assert (len(drawn), len(drawn.label_names)) == (9, names)
    assert drawn.problem_type == whole.problem_type
