"""Work of some seconds on a page: done once, with a bar that says what and how long still."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")
Tell = Callable[[str, int, int], None]  # what is being done, done, of how many

MOST_KEPT = 64  # results of all sessions together; the largest, a median of 200 x 144, is 230 kB


@st.cache_resource(max_entries=1, show_spinner=False)  # the one store of all sessions
def _store() -> OrderedDict[Hashable, Any]:
    return OrderedDict()


def kept(key: Hashable) -> Any | None:
    """What was computed under this key; None if nothing was, or it had to give way."""
    return _store().get(key)


def worked_out(key: Hashable, compute: Callable[[Tell], T], *, says: str, is_long: bool) -> T:
    """Compute something once for all sessions and show how far it is.

    (A function of Streamlit's caches may not draw into a bar that stands outside of it.)

    Args:
        key: What it is a result of.
        compute: Does it, and calls what it is given now and then.
        says: What is being done, for the bar.
        is_long: Show the bar at once, not only when 0.2 s have gone by.
    """
    store = _store()
    if key in store:
        return store[key]
    place, started = st.empty(), time.monotonic()
    if is_long:
        place.progress(0.0, f"{says} …")

    def tell(what: str, done: int, count: int) -> None:
        spent = time.monotonic() - started
        if spent > 0.2:
            left = spent / done * (count - done)
            place.progress(done / count, f"{what}: {done} of {count}, {about_seconds(left)} left")

    result = store[key] = compute(tell)
    while len(store) > MOST_KEPT:
        store.popitem(last=False)
    place.empty()
    return result


def about_seconds(seconds: float) -> str:
    """A length of time as it is told: `about_seconds(40.2)` is "about 40 s"."""
    return f"about {seconds / 60:.0f} min" if seconds > 90 else f"about {seconds:.0f} s"
