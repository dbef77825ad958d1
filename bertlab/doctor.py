"""What this machine can do: the same check for the home page and for `bertlab doctor`."""

import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import torch
from huggingface_hub import constants

from bertlab.devices import describe_machine
from bertlab.engine import engine_status
from bertlab.models import DEFAULT_MODEL, known_models
from bertlab.models.catalog import model_roots
from bertlab.runs import runs_root

State = Literal["ok", "warning", "problem"]

OLDEST_PYTHON = (3, 11)
TIGHT_MEMORY_GIB = 1.0  # the default model, torch and the server together take about half of it
TIGHT_DISK_GB = 1.0  # a run of a BERT-base keeps weights and optimizer: 440 MB + 880 MB
FULL_DISK_GB = 0.1
REACH_SECONDS = 0.5
DASK_PORT = 8786


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: A word or two: "memory".
        state: "ok", "warning" (something works less well) or "problem" (something does not work).
        text: What was found.
        advice: What to do; "" where there is nothing to do.
        abroad: What is told instead of the text to somebody at another machine, whom folders,
            addresses and processes of this one do not concern; "" for the text itself.
    """

    name: str
    state: State
    text: str
    advice: str = ""
    abroad: str = ""


def check() -> tuple[Check, ...]:
    """Look at this machine; no host is asked but the cluster that BERTLAB_SCHEDULER names.

    `check()[0]` is `Check("Python", "ok", "3.11.7 on Linux")` on a machine with that Python.
    """
    looks = (_python, _torch, _device, _memory, _models, _own_folders, _runs, _engine, _hub_cache)
    return tuple(found for look in looks if (found := _safely(look)))


def _safely(look: Callable[[], Check | None]) -> Check | None:
    """A check that fails is a finding, not the end of all checks."""
    try:
        return look()
    except Exception as error:
        name = look.__name__.strip("_").replace("_", " ")
        text = f"could not be checked: {type(error).__name__}"
        return Check(name, "warning", f"{text}: {error}", abroad=text)


def _python() -> Check:
    text = f"{platform.python_version()} on {platform.system()}"
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        return Check("Python", "problem", text, f"BertLab needs Python {wanted} or newer.")
    return Check("Python", "ok", text)


def _torch() -> Check:
    """Torch's build decides whether a GPU can be used at all."""
    if torch.version.cuda:
        build = f"built for CUDA {torch.version.cuda}"
    elif torch.version.hip:
        build = f"built for ROCm {torch.version.hip}"
    else:
        build = "built for MPS and CPU" if torch.backends.mps.is_built() else "built for the CPU"
    text = f"{torch.__version__}, {build}, {torch.get_num_threads()} threads"
    if torch.version.cuda is None and shutil.which("nvidia-smi"):
        advice = (
            "This machine seems to have an NVIDIA GPU: bertlab/docs/installing.md says how to get "
            "the CUDA build."
        )
        return Check("torch", "warning", text, advice)
    return Check("torch", "ok", text)


def _device() -> Check:
    machine = describe_machine()
    bf16 = "faster in bfloat16" if machine.has_bf16 else "not faster in bfloat16"
    text = f"{machine.device_name}, {machine.cores} CPU cores, {bf16}"
    return Check("device", "ok", text)


def _memory() -> Check:
    machine = describe_machine()
    text = f"{machine.free_memory_gib:.1f} of {machine.memory_gib:.1f} GiB free"
    if machine.free_memory_gib < TIGHT_MEMORY_GIB:
        return Check("memory", "warning", text, "Close other programs, or choose small models.")
    return Check("memory", "ok", text)


def _models() -> Check:
    here = [model.name for model in known_models() if model.is_here]
    if DEFAULT_MODEL not in here:
        advice = "The installation is incomplete: install BertLab again."
        return Check("models", "problem", f"{DEFAULT_MODEL} is missing", advice)
    missing = [m for m in known_models() if m.source == "package" and not m.is_here]
    advice = "; ".join(f"{model.name}: {model.note}" for model in missing)
    return Check("models", "ok", "on this machine: " + ", ".join(here), advice)


def _own_folders() -> Check | None:
    """The folders of BERTLAB_MODELS; nothing is said where none is named."""
    roots = model_roots()
    missing = [str(root) for root in roots if not root.is_dir()]
    if not roots:
        return None
    if missing:
        advice = "Correct the environment variable BERTLAB_MODELS."
        text = f"not there: {', '.join(missing)}"
        return Check("model folders", "warning", text, advice, abroad="some are not there")
    return Check("model folders", "ok", ", ".join(map(str, roots)), abroad="all are there")


def _runs() -> Check:
    root = runs_root()
    reason = _why_not_writable(root)
    if reason:
        advice = "Set BERTLAB_RUNS to a folder that can be written to."
        text = f"{root} cannot be written to: {reason}"
        return Check("runs", "problem", text, advice, abroad="their folder cannot be written to")
    free = shutil.disk_usage(_existing(root)).free / 1e9
    space = f"{free:.1f} GB free"
    text = f"{root}, {space}"
    if free < TIGHT_DISK_GB:
        state: State = "problem" if free < FULL_DISK_GB else "warning"
        advice = "Delete old runs (bertlab runs), or set BERTLAB_RUNS."
        return Check("runs", state, text, advice, abroad=space)
    return Check("runs", "ok", text, abroad=space)


def _why_not_writable(folder: Path) -> str:
    """Try it: permission bits do not tell of read-only disks. Nothing is left behind."""
    place = _existing(folder)
    if not place.is_dir():
        return f"{place} is a file"
    try:
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    return next((place for place in (folder, *folder.parents) if place.exists()), Path(os.sep))


def _engine() -> Check:
    """Whether runs that a page starts would begin; without an engine the app starts one."""
    status = engine_status()
    if status.state == "failed":
        advice = "Run `python -m bertlab.engine.main` in a terminal to see why."
        return Check("engine", "problem", status.message, advice, abroad="cannot be started")
    texts = {
        "running": f"running at {status.address}, process {status.pid}",
        "starting": f"starting, process {status.pid}" if status.pid else "starting",
        "stopped": "not running; the app starts it when it is needed",
    }
    if status.state != "remote":
        return Check("engine", "ok", texts[status.state], abroad=status.state)
    if status.message:
        advice = "Change or unset BERTLAB_SCHEDULER."
        return Check("engine", "problem", status.message, advice, abroad="the cluster is not asked")
    if _answers(status.address):
        text = f"cluster at {status.address} answers"
        return Check("engine", "ok", text, abroad="the cluster answers")
    text = f"cluster at {status.address} does not answer"
    advice = "Start it, or unset BERTLAB_SCHEDULER."
    return Check("engine", "problem", text, advice, abroad="the cluster does not answer")


def _answers(address: str) -> bool:
    """Whether somebody listens at "tcp://host:port"; nothing is said to them."""
    parts = urlsplit(address)
    try:
        place = (parts.hostname or "", parts.port or DASK_PORT)
        socket.create_connection(place, timeout=REACH_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True


def _hub_cache() -> Check:
    folder = Path(constants.HF_HUB_CACHE)
    count = len(list(folder.glob("models--*")))
    offline = ", offline by HF_HUB_OFFLINE" if constants.HF_HUB_OFFLINE else ""
    models = f"{count} models, hub {constants.ENDPOINT}{offline}"
    return Check("hub cache", "ok", f"{folder}: {models}", abroad=models)
