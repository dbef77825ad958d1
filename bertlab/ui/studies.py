"""Results that take a while: computed once under a progress bar, and kept for all students."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import streamlit as st

T = TypeVar("T")
Progress = Callable[[float], None]

# A study of 200 sentences of a 12-layer model is 50 kB of points and p-values.
MOST = 64


def kept(key: Hashable, says: str, compute: Callable[[Progress], T]) -> T:
    """Give a result that was computed before, or compute it under a progress bar.

    (Streamlit's own caches replay what was drawn while they computed, the bar too.)

    `kept(("senses", model, words), "Reading 16 sentences …", lambda progress: ...)`

    Args:
        key: What the result depends on.
        says: What is being done, shown on the bar.
        compute: Called with a function that takes the share that is done, in 0..1.
    """
    store = _store()
    if key in store:
        return cast(T, store[key])
    bar = st.progress(0.0, says)

    def tell(share: float) -> None:
        bar.progress(min(1.0, share), says)

    try:
        result = compute(tell)
    finally:
        bar.empty()
    store[key] = result
    while len(store) > MOST:
        store.popitem(last=False)
    return result


@st.cache_resource(max_entries=1, show_spinner=False)  # one store for all sessions
def _store() -> OrderedDict[Hashable, Any]:
    return OrderedDict()
