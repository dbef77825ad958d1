"""An environment variable that holds for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    """Set a variable of this process and put it back as it was.

    with environment("BERTLAB_RUNS", "/tmp/x"): create_run(...)  # stored below /tmp/x
    """
    earlier = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if earlier is None:
            del os.environ[name]
        else:
            os.environ[name] = earlier
