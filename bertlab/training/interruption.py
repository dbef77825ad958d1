"""Reading a large corpus takes minutes: a stop or a pause is heeded on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bertlab.runs import Run
from bertlab.training.lifecycle import heed

LOOK_EVERY = 100  # documents between two looks


def until_stop(run: Run, documents: Iterable[list[str]]) -> Iterator[list[str]]:
    """Pass documents on until somebody asks for a stop or a pause.

    Raises:
        Stopped: somebody asked for a stop.
        Paused: somebody asked for a pause.
    """
    for number, document in enumerate(documents):
        if number % LOOK_EVERY == 0:
            heed(run)
        yield document
