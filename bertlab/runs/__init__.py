"""The run folder: where a fine-tuning run lives, from its first setting to its last figure."""

from bertlab.runs.events import Event
from bertlab.runs.journal import Journal
from bertlab.runs.lease import Lease, holder_of, take_lease
from bertlab.runs.run import (
    PredictedRow,
    Run,
    create_run,
    list_runs,
    new_run_id,
    open_run,
    runs_root,
)
from bertlab.runs.settings import Settings
from bertlab.runs.status import ACTIVE_PHASES, FINAL_PHASES, PHASES, Status

__all__ = [
    "ACTIVE_PHASES",
    "FINAL_PHASES",
    "PHASES",
    "Event",
    "Journal",
    "Lease",
    "Prediction",
    "Run",
    "Settings",
    "Status",
    "create_run",
    "holder_of",
    "list_runs",
    "new_run_id",
    "open_run",
    "runs_root",
    "take_lease",
]
