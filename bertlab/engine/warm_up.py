"""What a worker does before its first task, so that the first loss comes within a second or two.

Named as `preload` of the engine's own worker; that of a cluster of others is in `preload`.
"""

from __future__ import annotations

import os
from typing import Any

import psutil
import torch
from dask.system import CPU_COUNT

NICE = 5  # pages are answered first; training takes what is left


def dask_setup(worker: Any) -> None:
    """Set the threads (Dask's nanny has set them to one) and import what a run needs."""
    torch.set_num_threads(training_threads())
    if hasattr(os, "nice"):
        os.nice(NICE)
    import transformers.models.bert.modeling_bert  # noqa: F401  loaded lazily otherwise

    import bertlab.finetuning.execute  # noqa: F401

    _warm_up()


def training_threads() -> int:
    """Tell how many threads training may take: BERTLAB_THREADS, else one for each core."""
    chosen = os.environ.get("BERTLAB_THREADS", "")
    if chosen.isdigit() and int(chosen):
        return int(chosen)
    cores = psutil.cpu_count(logical=False) or CPU_COUNT
    return max(1, min(cores, int(CPU_COUNT)))  # Dask's count respects a container's limit


def _warm_up() -> None:
    """Take one optimizer step on nothing: a process's first one loads code for half a second."""
    layer = torch.nn.Linear(8, 8)
    optimizer = torch.optim.AdamW(layer.parameters(), fused=True)
    layer(torch.ones(2, 8)).sum().backward()
    optimizer.step()
