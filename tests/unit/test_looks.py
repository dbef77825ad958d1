"""Looks at a test part are counted over the runs of one owner that have the same one."""

import time

from bertlab.datasets import Examples, Split
from bertlab.runs import create_run
from bertlab.runs.looks import is_revealed, looks_before, reveal
from bertlab.runs.settings import Settings

ROWS = Examples(("a", "b", "c"), None, ("x", "y", "x"), ("x", "y"), (2, 3, 4))


def make(test=(0, 1), owner="me", **options):
    split = Split(ROWS, ROWS, ROWS.subset(test))
    return create_run(Settings(device="cpu", **options), split, owner=owner)


def look(run):
    reveal(run)
    time.sleep(0.01)  # looks are told apart by their times


def test_a_run_is_hidden_until_it_is_revealed():
    run = make()
    assert not is_revealed(run)
    reveal(run)
    assert is_revealed(run)


def test_only_looks_at_the_same_part_by_the_same_owner_count():
    first, second = make(seed=1), make(seed=2)
    other_part, somebody = make((0, 2)), make(owner="you")
    assert looks_before(second) == 0
    for run in (first, other_part, somebody):
        look(run)
    assert looks_before(second) == 1
    look(second)
    assert (looks_before(first), looks_before(second)) == (0, 1)
    assert looks_before(make(seed=3)) == 2
    first.delete()
    assert looks_before(make(seed=4)) == 1


def test_a_second_look_at_the_same_run_is_none():
    first, second = make(seed=1), make(seed=2)
    look(first), look(second), look(first)
    assert (looks_before(first), looks_before(second)) == (0, 1)
