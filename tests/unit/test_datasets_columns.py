"""Which columns hold texts and labels."""

import pytest

from bertlab.datasets import Columns, guess_columns, label_candidates, read_table
from bertlab.datasets.columns import check_columns
from bertlab.errors import TableError

LINES = ["the food was cold and late", "we liked every minute of it", "never again", "a fine book"]


def table(header: str, *rows: str):
    return read_table("\n".join([header, *rows]).encode())


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text,label", ("text", "label", None)),
        ("Label, Text", ("Text", "Label", None)),
        ("id,review,date,sentiment", ("review", "sentiment", None)),
        ("评论内容,情感标签", ("评论内容", "情感标签", None)),
        ("编号,评论时间,评论,类别", ("评论", "类别", None)),
        ("內容,標籤", ("內容", "標籤", None)),
        ("review_id,clean_review,class_name", ("clean_review", "class_name", None)),
        ("Review Text,Star Rating", ("Review Text", "Star Rating", None)),
        ("sentence1,sentence2,label", ("sentence1", "label", "sentence2")),
        ("gold,premise,hypothesis", ("premise", "gold", "hypothesis")),
        ("question1,question2,is_duplicate", ("question1", "is_duplicate", "question2")),
        ("title,review,label", ("review", "label", None)),
        ("情感（必填）,评论内容（必填）", ("评论内容（必填）", "情感（必填）", None)),
    ],
)
def test_by_name(header, expected):
    width = header.count(",") + 1
    rows = [",".join(f"cell {row} {at}" for at in range(width)) for row in range(4)]
    assert guess_columns(table(header, *rows)) == Columns(*expected)


def test_by_content_where_the_names_say_nothing():
    rows = [f"{7 + at},2024-01-0{at + 1},{line},{'ab'[at % 2]}" for at, line in enumerate(LINES)]
    assert guess_columns(table("k1,k2,k3,k4", *rows)) == Columns("k3", "k4")


def test_dates_and_numbers_in_order_are_no_labels():
    rows = [f"{at},2024-01-01,{line},{'ab'[at % 2]}" for at, line in enumerate(LINES)]
    assert label_candidates(table("k1,k2,k3,k4", *rows)) == ("k4",)


def test_two_texts_without_telling_names_are_no_pair():
    rows = [f"{line},{line[::-1]},{'ab'[at % 2]}" for at, line in enumerate(LINES)]
    assert guess_columns(table("k1,k2,k3", *rows)).pair is None


def test_a_missing_column_is_named_with_those_there_are():
    one = table("text,label", "a,b")
    with pytest.raises(TableError, match=r"no column “body”.*“text”, “label”"):
        check_columns(one, Columns("body", "label"))
    with pytest.raises(TableError, match="chosen twice"):
        check_columns(one, Columns("text", "text"))
