"""Where a run stands: one small file, replaced whole; told by the rest where it is damaged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from bertlab.runs.files import read_json, replace_text
from bertlab.runs.lease import holder_of

# "created" lasts from the making of the folder to the queue, or to a command line's own start.
# "paused" waits for somebody: it stands in no queue until it is told to go on.
WAITING_PHASES = ("created", "queued", "paused")
ACTIVE_PHASES = ("starting", "training", "testing")
FINAL_PHASES = ("finished", "stopped", "failed")
PHASES = (*WAITING_PHASES, *ACTIVE_PHASES, *FINAL_PHASES)


@dataclass(frozen=True)
class Status:
    """Where a run stands.

    Args:
        phase: one of PHASES.
        message: one sentence for the user; what went wrong, or what is being done.
        progress: 0 to 1.
        step: optimizer steps taken.
        steps: optimizer steps in all; 0 while unknown.
        created: when the run was made, in seconds since 1970.
        queued: when it was last put in the queue; 0 if never.
        started: when it was last begun; 0 if never.
        heartbeat: when its executor last gave a sign of life; 0 if never.
        holder: who executes it, as "host:process"; "" if nobody.
        attempts: how often it was begun since it was last put in the queue by hand.
        accuracy: on the test part; None before the end.
        memory: bytes that its executor's process holds, as of its last sign of life; 0 if never.
    """

    phase: str = "created"
    message: str = ""
    progress: float = 0.0
    step: int = 0
    steps: int = 0
    created: float = 0.0
    queued: float = 0.0
    started: float = 0.0
    heartbeat: float = 0.0
    holder: str = ""
    attempts: int = 0
    accuracy: float | None = None
    memory: int = 0

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen unless somebody asks for it."""
        return self.phase in FINAL_PHASES

    @property
    def is_paused(self) -> bool:
        """Whether it rests until somebody lets it go on."""
        return self.phase == "paused"

    @property
    def is_active(self) -> bool:
        """Whether somebody is, or was until a crash, executing the run."""
        return self.phase in ACTIVE_PHASES


def read_status(path: Path) -> Status | None:
    """Read a status; keys of a later version are ignored.

    Returns:
        None where the file is missing or damaged.
    """
    known = {field.name for field in fields(Status)}
    values = {key: value for key, value in read_json(path).items() if key in known}
    return Status(**values) if values.get("phase") in PHASES else None


def write_status(path: Path, status: Status) -> None:
    """Replace a status whole."""
    replace_text(path, json.dumps(asdict(status)), is_durable=status.phase not in ACTIVE_PHASES)


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
