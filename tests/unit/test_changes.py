"""What a suggestion changed is the first figure, in the page's order, that is another one."""

from bertlab.ui.figures.changes import first_changed


def test_the_first_figure_that_is_another_one():
    before = {"strip": b"1", "map": b"2", "grid": b"3"}
    assert first_changed(before, {"strip": b"1", "map": b"4", "grid": b"5"}) == "map"
    assert first_changed(before, {"strip": b"1", "new": b"9", "grid": b"5"}) == "new"
    assert first_changed(before, before) == ""
    assert first_changed(before, {"strip": b"1"}) == ""
