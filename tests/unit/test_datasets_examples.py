"""Examples on disk, and cells for spreadsheet programs."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.datasets import Examples, escape_for_spreadsheet, load_examples, save_examples
from bertlab.errors import TableError

ANY_TEXT = st.text(st.characters() | st.sampled_from('"\r\n\t,=\0\u2028\ud800'), max_size=20)
ROW = st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.integers(1, 10**9))


@settings(max_examples=200, deadline=None)
@given(st.lists(ROW, max_size=8), st.booleans())
def test_any_text_comes_back_exactly(rows, has_pairs):
    texts, pairs, labels, numbers = zip(*rows, strict=True) if rows else ((), (), (), ())
    names = tuple(sorted(set(labels)))
    whole = Examples(texts, pairs if has_pairs else None, labels, names, numbers)
    with tempfile.TemporaryDirectory() as folder:
        save_examples(whole, Path(folder) / "part.csv")
        assert load_examples(Path(folder) / "part.csv") == whole


def test_a_part_keeps_the_label_names_of_the_whole(tmp_path):
    part = Examples(("a" * 300_000,), None, ("x",), ("x", "y"), (2,))
    save_examples(part, tmp_path / "part.csv")
    assert load_examples(tmp_path / "part.csv", label_names=("x", "y")) == part
    assert part.counts() == {"x": 1, "y": 0}


@pytest.mark.parametrize(
    "content", ["", "a,b\n1,2\n", "text,label,row\na,b,c\n", '"text', "\udcff"]
)
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content.encode("utf-8", errors="surrogateescape"))
    with pytest.raises(TableError, match="cannot be read as examples"):
        load_examples(tmp_path / "x.csv")
    with pytest.raises(TableError, match="cannot be read as examples"):
        load_examples(tmp_path / "missing.csv")


def test_a_subset_in_the_order_asked_for():
    whole = Examples(("a", "b", "c"), ("1", "2", "3"), ("x", "y", "x"), ("x", "y"), (2, 3, 4))
    assert whole.subset([2, 0]) == Examples(("c", "a"), ("3", "1"), ("x", "x"), ("x", "y"), (4, 2))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formulas_are_disarmed(start):
    assert escape_for_spreadsheet(start + "1") == "'" + start + "1"


@pytest.mark.parametrize("cell", ["", "good", "'quoted'", "1+1", " =1", "好"])
def test_other_cells_stay(cell):
    assert escape_for_spreadsheet(cell) == cell
