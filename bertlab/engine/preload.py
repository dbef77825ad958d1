"""What a worker of a cluster does first: `dask worker --preload bertlab.engine.preload`."""

from __future__ import annotations

from typing import Any

from distributed import Client, fire_and_forget

from bertlab.engine import warm_up
from bertlab.engine.cluster import run_waiting


async def dask_setup(worker: Any) -> None:
    """Warm up, then ask the scheduler for a task for what waits on disk.

    Tasks are lost with their scheduler, and one whose workers died too often is given up.
    Whatever happened, somebody starts a worker afterwards: so the queue is looked at then.
    """
    warm_up.dask_setup(worker)
    async with Client(
        worker.scheduler.address, asynchronous=True, set_as_default=False, security=worker.security
    ) as client:
        fire_and_forget(client.submit(run_waiting, pure=False))
