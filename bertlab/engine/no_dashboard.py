"""Dask's scheduler and worker without their web pages, which show anybody logs and tasks."""

from __future__ import annotations

from typing import Any

from distributed import Scheduler, Worker

# What would be imported for the pages: an engine is up a moment sooner without.
NO_PAGES: dict[str, list[str]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}


class PagelessScheduler(Scheduler):
    """A scheduler that listens for its own workers and clients alone."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Start none: Dask has no setting for it, and `dashboard=False` leaves a server."""


class PagelessWorker(Worker):
    """A worker that listens for its scheduler alone."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Start none."""
