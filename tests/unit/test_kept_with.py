"""Values kept with an object, and gone with it."""

import gc

import pytest

from bertlab.ui.state import object_cache as module
from bertlab.ui.state.object_cache import kept_with


class Table:
    """Anything."""


def test_a_value_is_computed_once_for_each_object_and_name():
    one, other, asked = Table(), Table(), []

    def work(what):
        return lambda: asked.append(what) or f"{what} {len(asked)}"

    assert kept_with(one, "lengths", work("a")) == "a 1"
    assert kept_with(one, "lengths", work("a")) == "a 1"
    assert kept_with(one, "languages", work("b")) == "b 2"
    assert kept_with(other, "lengths", work("c")) == "c 3"
    assert asked == ["a", "b", "c"]


def test_it_goes_with_the_object_so_that_the_next_one_at_its_address_gets_its_own():
    before = len(module._kept)
    table = Table()
    kept_with(table, "lengths", lambda: 1)
    assert len(module._kept) == before + 1
    del table
    gc.collect()
    assert len(module._kept) == before
    for number in range(50):  # CPython gives the same address again
        assert kept_with(Table(), "lengths", lambda number=number: number) == number


def test_a_work_that_fails_is_asked_again():
    table = Table()
    with pytest.raises(ZeroDivisionError):
        kept_with(table, "lengths", lambda: 1 / 0)
    assert kept_with(table, "lengths", lambda: 3) == 3
