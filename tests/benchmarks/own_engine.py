"""An engine of the benchmark's own, in a folder that is deleted with it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bertlab.datasets import Examples, Split, split_examples
from bertlab.engine import ensure_engine, stop_engine, submit
from bertlab.runs import Run, create_run
from bertlab.runs.settings import Settings

READY_SECONDS, RUN_SECONDS = 120.0, 600.0
LOOK_SECONDS = 0.01


@contextmanager
def own_engine() -> Iterator[None]:
    """Start an engine and end it with all its runs."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BERTLAB_RUNS"] = folder
        try:
            ensure_engine(wait_seconds=READY_SECONDS)
            yield
        finally:
            stop_engine()


def split(examples: Examples) -> Split:
    """The three parts as the page makes them."""
    return split_examples(examples, validation=0.1, test=0.1)


def start(settings: Settings, parts: Split) -> Run:
    """Store and queue a run, as the page's Start does."""
    run = create_run(settings, parts)
    submit(run)
    return run


def wait_for_first_loss(run: Run, *, since: float) -> float:
    """Seconds from `since` (time.perf_counter) until the first step's loss can be read."""
    return _wait(run, lambda: run.was_begun(), since)


def wait_for_end(run: Run, *, since: float) -> float:
    """Seconds from `since` until the run is over.

    Raises:
        RuntimeError: it failed.
    """
    seconds = _wait(run, lambda: run.status().is_final, since)
    if run.status().phase != "finished":
        raise RuntimeError(f"The run {run.status().phase}: {run.status().message}")
    return seconds


def _wait(run: Run, is_so, since: float) -> float:
    while not is_so():
        if time.perf_counter() - since > RUN_SECONDS:
            raise RuntimeError(f"The run is {run.status().phase}: {Path(run.folder)}")
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - since
