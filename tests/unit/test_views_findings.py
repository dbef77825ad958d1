"""The tables of what the checks found."""

import pytest

from bertlab.datasets import Examples
from bertlab.datasets.conflicts import Conflict
from bertlab.datasets.duplicates.near import NearPair
from bertlab.languages import LanguageShare
from bertlab.views.fine_tuning.findings import (
    SHOWN,
    conflicts_table,
    difference,
    languages_table,
    near_table,
)
from bertlab.views.shared.tables import to_csv


def rows(*texts, pairs=None, left_out=()):
    lines = tuple(range(2, len(texts) + 2))
    return Examples(texts, pairs, ("a", "b", "a")[: len(texts)], ("a", "b"), lines, left_out)


def test_conflicts_stand_one_row_below_the_other():
    found = [Conflict("good", "", ("a", "b"), (2, 9)), Conflict("x", "y", ("b", "a"), (3, 4))]
    assert conflicts_table(found).to_numpy().tolist() == [
        [1, 2, "a", "good"], [1, 9, "b", "good"], [2, 3, "b", "x / y"], [2, 4, "a", "x / y"],
    ]  # fmt: skip


def test_pairs_with_both_rows():
    examples = rows("one", "two", "three", pairs=("x", "y", ""))
    table = near_table(examples, [NearPair(0, 2, 0.875)])
    assert table.to_dict("records") == [
        {
            "row": 2, "other row": 4, "alike (%)": 87.5, "differs in": "one / x → three",
            "label": "a", "other label": "a", "text": "one / x", "other text": "three",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("a warm film", "a cold film", "warm → cold"),
        ("very good", "very very good", "nothing → very"),
        ("很好吃的菜", "很难吃的菜", "好 → 难"),
        ("aa", "aaa", "nothing → a"),
        ("x" * 50, "y", "x" * 39 + "… → y"),
        ("\ud800", "b", "? → b"),
    ],
)
def test_what_differs(one, other, shown):
    assert difference(one, other) == shown


def test_nothing_found_gives_tables_without_rows():
    nothing = rows()
    for table in (conflicts_table([]), near_table(nothing, []), languages_table([], "[UNK]")):
        assert len(table) == 0
        assert len(table.columns) > 3


def test_languages_in_per_cent():
    share = LanguageShare("zh", "Chinese", 3, 0.98765, "好" * (SHOWN + 1))
    assert languages_table([share], "<unk>").to_dict("records") == [
        {"language": "Chinese", "texts": 3, "<unk> (%)": 98.8,
         "first text": "好" * (SHOWN - 1) + "…"}
    ]  # fmt: skip


def test_a_download_runs_no_formula():
    found = [Conflict("=1+1", "", ("@a", "-b"), (2, 9))]
    assert to_csv(conflicts_table(found)).decode("utf-8-sig").splitlines() == [
        "text no.,row,label,text", "1,2,'@a,'=1+1", "1,9,'-b,'=1+1",
    ]  # fmt: skip
