"""Work of some seconds on a page: done once, with a bar that says what and how long still."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

T = TypeVar("T")
Tell = Callable[[str, int, int], None]  # what is being done, done, of how many

# Results of all sessions together; the largest, a median of 200 x 144, is 230 kB. All bundled
# words of four models are 64 more.
MOST_KEPT = 128
SILENT = 0.2  # seconds of short work without a bar
LOOK_AGAIN = 0.3  # seconds after which whoever waits draws the other's bar anew


@dataclass
class Turn:
    """Somebody computes one result, and others may wait for it.

    Attributes:
        lock: Held by whoever computes.
        askers: How many compute or wait.
        share, says: What the bar of the one who computes shows.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    askers: int = 0
    share: float = 0.0
    says: str = "Waiting …"


class Store:
    """The results that were asked for last, and the turns of those that are being computed.

    `store.put("a", 1)`, then `store.get("a")` is 1 until `most` others have been asked for.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._guard = threading.Lock()  # of both dicts
        self._results: OrderedDict[Hashable, Any] = OrderedDict()  # the last one asked for last
        self._turns: dict[Hashable, Turn] = {}

    def get(self, key: Hashable) -> Any | None:
        """What was put under this key; None if nothing was, or it had to give way."""
        with self._guard:
            if key in self._results:
                self._results.move_to_end(key)
            return self._results.get(key)

    def put(self, key: Hashable, result: object) -> None:
        """Keep a result; what nobody has asked for the longest gives way."""
        with self._guard:
            self._results[key] = result
            self._results.move_to_end(key)
            while len(self._results) > self._most:
                self._results.popitem(last=False)

    @contextmanager
    def turn(self, key: Hashable) -> Iterator[Turn]:
        """The one turn of all who want this result now; it is gone with the last of them."""
        with self._guard:
            turn = self._turns.setdefault(key, Turn())
            turn.askers += 1
        try:
            yield turn
        finally:
            with self._guard:
                turn.askers -= 1
                if not turn.askers:
                    del self._turns[key]


@st.cache_resource(max_entries=1, show_spinner=False)  # the one store of all sessions
def _store() -> Store:
    return Store(MOST_KEPT)


def kept(key: Hashable) -> Any | None:
    """What was computed under this key; None if nothing was, or it had to give way."""
    return _store().get(key)


def compute_once(
    key: Hashable, compute: Callable[[Tell], T], *, says: str, is_long: bool = True
) -> T:
    """Compute something once for all sessions and show how far it is.

    Who asks for what somebody else is computing waits for it, and sees that bar. Where the other
    one fails or goes away, the next one who waits computes.

    (A function of Streamlit's caches may not draw into a bar that stands outside of it.)

    Args:
        key: What it is a result of.
        compute: Does it, and calls what it is given now and then. Its result is not None.
        says: What is being done, for the bar.
        is_long: Show the bar at once, not only when 0.2 s have gone by.
    """
    # Its place is there in every run: what stands below keeps its own, and is not built anew.
    place = st.empty()
    store = _store()
    if (found := store.get(key)) is not None:
        return found
    try:
        with store.turn(key) as turn, _held(turn, place):
            if (found := store.get(key)) is None:
                found = compute(_teller(turn, place, says, is_long))
                store.put(key, found)
            return found
    finally:
        place.empty()


@contextmanager
def _held(turn: Turn, place: DeltaGenerator) -> Iterator[None]:
    """Wait for one's turn. Drawing meanwhile lets Streamlit end a page that was left."""
    while not turn.lock.acquire(timeout=LOOK_AGAIN):
        place.progress(turn.share, turn.says)
    try:
        yield
    finally:
        turn.lock.release()


def _teller(turn: Turn, place: DeltaGenerator, says: str, is_long: bool) -> Tell:
    started = time.monotonic()
    turn.share, turn.says = 0.0, f"{says} …"
    if is_long:
        place.progress(turn.share, turn.says)

    def tell(what: str, done: int, count: int) -> None:
        spent = time.monotonic() - started
        left = f", {about_seconds(spent / done * (count - done))} left" if done else ""
        counted = f": {done} of {count}{left}" if count > 1 else " …"
        turn.share, turn.says = min(done / count, 1.0), what + counted
        if spent > SILENT:
            place.progress(turn.share, turn.says)

    return tell


def about_seconds(seconds: float) -> str:
    """A length of time as it is told: `about_seconds(40.2)` is "about 40 s"."""
    return f"about {seconds / 60:.0f} min" if seconds > 90 else f"about {seconds:.0f} s"
