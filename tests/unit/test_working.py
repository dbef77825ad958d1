"""Work that is done once for all sessions: who waits, who computes, what gives way."""

import threading
import time

import pytest
import streamlit as st

from bertlab.ui.widgets import computation
from bertlab.ui.widgets.computation import Store, about_seconds, compute_once, kept


@pytest.fixture(autouse=True)
def empty_store():
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def ask(compute, key="key"):
    return compute_once(key, compute, says="Counting")


def all_at_once(count, act):
    """Run `act` in threads that begin together, and give what each returned or raised."""
    barrier, found = threading.Barrier(count), []

    def run():
        barrier.wait()
        try:
            found.append(act())
        except ZeroDivisionError as error:
            found.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    return found


def test_eight_who_ask_at_once_share_one_result():
    calls = []

    def compute(tell):
        calls.append(1)
        time.sleep(0.5)
        return object()

    found = all_at_once(8, lambda: ask(compute))
    assert len(calls) == 1
    assert len(set(map(id, found))) == 1


def test_where_the_first_fails_the_second_computes():
    calls = []

    def compute(tell):
        calls.append(1)
        time.sleep(0.1)
        return 1 / (len(calls) - 1)

    found = all_at_once(4, lambda: ask(compute))
    assert len(calls) == 2
    assert sorted(isinstance(one, ZeroDivisionError) for one in found) == [False] * 3 + [True]
    assert kept("key") == 1.0


def test_two_keys_do_not_wait_for_each_other():
    barrier = threading.Barrier(2)
    names = iter("ab")
    found = all_at_once(2, lambda: ask(lambda tell: barrier.wait(5) + 1, key=next(names)))
    assert sorted(found) == [1, 2]


def test_many_keys_in_a_small_store_lose_nobody_a_result(monkeypatch):
    monkeypatch.setattr(computation, "MOST_KEPT", 1)
    found = all_at_once(8, lambda: [ask(lambda tell, n=n: n, key=n) for n in (1, 2, 3) * 5])
    assert found == [[1, 2, 3] * 5] * 8


def test_what_was_asked_for_last_stays():
    store = Store(2)
    store.put("a", 1)
    store.put("b", 2)
    assert store.get("a") == 1
    store.put("c", 3)
    assert [store.get(key) for key in "abc"] == [1, None, 3]


def test_whoever_leaves_leaves_no_lock_behind():
    store = Store(2)
    with store.turn("a") as first, store.turn("a") as second:
        assert first is second
    assert not store._turns


def test_a_bar_is_taken_away_where_the_work_fails(monkeypatch):
    drawn = []

    class Place:
        def progress(self, share, says):
            drawn.append((share, says))

        def empty(self):
            drawn.append("empty")

    monkeypatch.setattr(st, "empty", Place)
    with pytest.raises(ZeroDivisionError):
        ask(lambda tell: 1 // 0)
    assert drawn == [(0.0, "Counting …"), "empty"]


def test_what_the_bar_says(monkeypatch):
    drawn = []

    class Place:
        def progress(self, share, says):
            drawn.append((share, says))

        def empty(self):
            pass

    monkeypatch.setattr(st, "empty", Place)
    monkeypatch.setattr(computation, "SILENT", -1.0)

    def compute(tell):
        tell("Reading", 0, 4)
        tell("Reading", 1, 4)
        tell("Sorting", 0, 1)
        return 1

    compute_once("key", compute, says="Counting", is_long=False)
    assert drawn == [
        (0.0, "Reading: 0 of 4"),
        (0.25, "Reading: 1 of 4, about 0 s left"),
        (0.0, "Sorting …"),
    ]


def test_about_so_long():
    assert about_seconds(40.2) == "about 40 s"
    assert about_seconds(150) == "about 2 min"
