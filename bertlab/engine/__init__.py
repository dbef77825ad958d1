"""Where runs are executed: a small Dask cluster of its own, which outlives the web server."""

from bertlab.engine.process import EngineStatus, engine_status, ensure_engine, stop_engine
from bertlab.engine.queue import next_runs, reconcile, run_next
from bertlab.engine.submission import resume, submit

__all__ = [
    "EngineStatus",
    "engine_status",
    "ensure_engine",
    "next_runs",
    "reconcile",
    "resume",
    "run_next",
    "stop_engine",
    "submit",
]
