"""Texts are cut by their characters or by their width."""

import pytest

from bertlab.views.shared.shortening import columns_of, fit, fitting, shorten


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [("elephants", 6, "eleph…"), ("苹果公司", 3, "苹果…"), ("cat", 3, "cat")],
)
def test_a_text_is_cut_by_its_characters(text, most, shown):
    assert shorten(text, most) == shown


def test_a_token_keeps_sixteen_characters():
    assert shorten("a" * 16) == "a" * 16
    assert shorten("a" * 17) == "a" * 15 + "…"


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("abcdef", 4, "abc…"),
        ("abcd", 4, "abcd"),
        ("苹果公司", 6, "苹果…"),
        ("电影很好", 5, "电影…"),
        ("", 3, ""),
    ],
)
def test_a_line_is_cut_by_its_width(text, columns, shown):
    assert fit(text, columns) == shown
    assert columns_of(shown) <= columns


def test_widths():
    assert [columns_of(text) for text in ("", "a好", "…→", "😀", "\ud800")] == [0, 3, 2, 2, 1]
    assert fitting("苹果公司", 5) == 2
