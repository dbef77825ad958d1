"""A run that asks for more memory than there is: it ends with advice, and the worker lives on."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import save_tiny_bert

from bertlab.training.lifecycle import explain

pytest.importorskip("resource")

TOO_LARGE = """
import json, resource, sys
sys.path[:0] = [sys.argv[1]]
import psutil, torch
from tiny_data import FOUR_ROWS
from bertlab.datasets import Split
from bertlab.engine import warm_up
from bertlab.engine.executors import execute
from bertlab.runs import create_run, holder_of
from bertlab.runs.settings import Settings

def make_run(model, batch_size):
    rows = FOUR_ROWS.subset([0, 1, 2, 3] * 64)
    settings = Settings(model=model, batch_size=batch_size, epochs=1, device="cpu")
    return create_run(settings, Split(rows, FOUR_ROWS, FOUR_ROWS))

torch.set_num_threads(1)
first = execute(make_run("small", 16)).phase  # all code is loaded now
room = int(sys.argv[2])
used = psutil.Process().memory_info().vms
resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.RLIM_INFINITY))
large = make_run("wide", 256)
status = execute(large)
after = execute(make_run("small", 16)).phase
log = large.folder / "error.log"
print(json.dumps({
    "phases": [first, status.phase, after], "message": status.message,
    "log": log.read_text() if log.exists() else "", "holder": holder_of(large.folder),
    "events": [json.loads(line)["kind"] for line in (large.folder / "events.jsonl").open()],
    "files": [path.name for path in large.folder.iterdir()],
}))
"""


@pytest.mark.exhaustive
@pytest.mark.parametrize(  # not enough for the model, or for a step
    "room", [pytest.param(100, marks=pytest.mark.exhaustive), 300]
)
def test_a_run_that_takes_too_much_memory_ends_with_advice_and_harms_no_other(models_root, room):
    """In a process that may take so many more MB: the wide model's steps need over a gigabyte."""
    save_tiny_bert(models_root / "small")
    save_tiny_bert(models_root / "wide", hidden_size=128, intermediate_size=32_768)
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", TOO_LARGE, tests, str(room * 2**20)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["phases"] == ["finished", "failed", "finished"], told
    assert "Choose a smaller batch size" in told["message"]
    assert "Traceback" in told["log"]
    assert (told["holder"], told["events"][-1]) == ("", "phase")
    assert not [name for name in told["files"] if "draft" in name or name.startswith(".")]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate "
            "memory: you tried to allocate 1073741824 bytes. Error code 12 (Cannot allocate memory)"
        ),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
        RuntimeError("std::bad_alloc"),
        RuntimeError("could not create a primitive"),
        RuntimeError("unable to mmap 8 bytes from file <model>: Cannot allocate memory (12)"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
    ],
    ids=str,
)
def test_what_torch_and_the_system_say_of_memory_is_recognised(error):
    assert "The memory was not enough" in explain(error)


def test_other_errors_are_no_lack_of_memory():
    assert "unexpected error" in explain(RuntimeError("shapes cannot be multiplied"))
    assert "Free some space" in explain(OSError(errno.ENOSPC, "No space left on device"))
