"""Where a run stands when the file that says so is damaged: told by what else is in its folder."""

from __future__ import annotations

from pathlib import Path

from bertlab.runs.files import read_json
from bertlab.runs.lease import holder_of
from bertlab.runs.status import Status

DAMAGED = (
    "Its status.json, which says where a run stands, was damaged (a power cut, perhaps). The data "
    "is here, so the run can go on: from its last checkpoint, where there is one."
)


def status_without_file(folder: Path) -> Status:
    """Tell where a run stands without its status file.

    Somebody executes it -> "starting": the executor writes the file again within moments;
    it has a result -> "finished" or "stopped", with its accuracy; else "failed", to go on.

    Args:
        folder: the run's.
    """
    try:
        created = (folder / "about.json").stat().st_mtime
    except OSError:
        created = 0.0
    if holder_of(folder):
        return Status("starting", created=created)
    result = read_json(folder / "result.json")
    if not result:
        return Status("failed", DAMAGED, created=created)
    test = result.get("test") or {}
    has_stopped = bool(result.get("was_stopped"))
    return Status(
        "stopped" if has_stopped else "finished",
        progress=0.0 if has_stopped else 1.0,
        step=int(result.get("steps") or 0),
        created=created,
        accuracy=test.get("accuracy"),
    )
