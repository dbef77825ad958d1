"""How often a test part has been looked at: each look makes its figure a little less a test."""

from __future__ import annotations

import hashlib
import time

from bertlab.runs.files import read_json, replace_text
from bertlab.runs.run import Run, list_runs

LOOKED = "looked.json"


def reveal(run: Run) -> None:
    """Note that somebody looks at a run's test figures; the first look counts.

    Raises:
        OSError: the folder cannot be written.
    """
    if not is_revealed(run):
        replace_text(run.folder / LOOKED, f'{{"time": {time.time()!r}}}')


def is_revealed(run: Run) -> bool:
    """Whether its test figures have been looked at."""
    return (run.folder / LOOKED).is_file()


def looks_before(run: Run) -> int:
    """Count the other runs of the same owner whose figures on this very test part were seen.

    Of a run that is revealed only earlier looks count: the first one of three has 0, the third 2.
    Runs that were deleted are not known any more.
    """
    own, when = _test_part(run), _looked_at(run)
    others = (other for other in list_runs(owner=run.owner) if other.id != run.id)
    seen = [other for other in others if is_revealed(other) and _looked_at(other) < when]
    return sum(_test_part(other) == own for other in seen)


def _looked_at(run: Run) -> float:
    """When it was first looked at; never is later than any time."""
    return float(read_json(run.folder / LOOKED).get("time", float("inf")))


def _test_part(run: Run) -> str:
    """What tells one test part from another: a digest of its rows; "" where it is gone."""
    try:
        return hashlib.sha256((run.folder / "test.csv").read_bytes()).hexdigest()
    except OSError:
        return ""
