"""A full disk, for real: a process that may write no more, and a file system of two megabytes."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import psutil
import pytest
from clusters import PATIENCE, wait_for
from tiny_data import FOUR_ROWS

from bertlab.datasets import Split
from bertlab.engine import ensure_engine, next_runs, reconcile, stop_engine, submit
from bertlab.engine.launch import launch_if_due
from bertlab.errors import RunError
from bertlab.runs import create_run, holder_of, runs_root
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status
from bertlab.training.checkpoints import load_state
from bertlab.training.lifecycle import explain

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="Linux only")

EXECUTE = """
import sys, time
from bertlab.engine.executors import execute
from bertlab.errors import RunError
from bertlab.finetuning import session
from bertlab.runs import Journal, journal, open_run

session.EPOCH_CHECKPOINT_SECONDS = float(sys.argv[2])
journal.INSIST_SECONDS = float(sys.argv[3])
insist = Journal._insist

def telling(self, **changes):
    print("ends", flush=True)
    insist(self, **changes)

Journal._insist = telling
try:
    execute(open_run(sys.argv[1]))
    print("over", flush=True)
except RunError as error:
    print(error, flush=True)
    time.sleep(60)
"""


def make_run(model="tiny-bert", *, epochs=10, rows=40):
    settings = Settings(model=model, batch_size=4, epochs=epochs, device="cpu", seed=1)
    examples = FOUR_ROWS.subset([0, 1, 2, 3] * rows)
    return create_run(settings, Split(examples, FOUR_ROWS, FOUR_ROWS))


@contextmanager
def executing(run, *, checkpoint_seconds=1000.0, insist_seconds=60.0):
    """Execute a run in a process of its own."""
    options = [run.id, str(checkpoint_seconds), str(insist_seconds)]
    command = [sys.executable, "-c", EXECUTE, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def fill_disk(pid, *, size=0):
    """Let no file of a process grow beyond a size; what is there stays."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def free_disk(pid):
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


@contextmanager
def full_disk():
    """The same for this process."""
    fill_disk(0)
    try:
        yield
    finally:
        free_disk(0)


def lines_of(run):
    """All events, each of which must be whole."""
    return [json.loads(line) for line in (run.folder / "events.jsonl").read_bytes().splitlines()]


def of_kind(run, kind):
    return [event for event in lines_of(run) if event["kind"] == kind]


def steps_of(run):
    return [event["step"] for event in of_kind(run, "train")]


def leftovers(run):
    """What no finished writer leaves behind."""
    return [path.name for path in run.folder.iterdir() if path.name.startswith(".")] + [
        path.name for path in run.folder.glob("*.draft")
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "where", [pytest.param("everything", marks=pytest.mark.exhaustive), "in the middle of a line"]
)
def test_a_full_disk_loses_no_event_and_stops_no_training(tiny_bert_name, where):
    run = make_run(tiny_bert_name)
    with executing(run) as process:
        wait_for(lambda: run.status().step > 20, "step 20")
        size = (run.folder / "events.jsonl").stat().st_size
        fill_disk(process.pid, size=0 if where == "everything" else size + 1000)
        time.sleep(1.0)
        before = (run.folder / "events.jsonl").read_bytes()
        for _ in range(50):
            status = run.status()  # always whole: the last one that could be written
            assert (status.phase, status.steps) == ("training", 400)
            run.events()
            time.sleep(0.02)
        assert (run.folder / "events.jsonl").read_bytes() == before
        assert where == "everything" or not before.endswith(b"\n")
        free_disk(process.pid)
        assert process.stdout.readline() == "ends\n"
        assert process.stdout.readline() == "over\n"
    assert run.status().phase == "finished"
    assert steps_of(run) == list(range(1, 401))
    assert leftovers(run) == []


@pytest.mark.exhaustive
def test_a_checkpoint_that_does_not_fit_leaves_the_one_before_it(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=100)
    path = run.folder / "checkpoint.pt"
    with executing(run, checkpoint_seconds=0.0) as process:
        wait_for(path.exists, "the first checkpoint")
        fill_disk(process.pid, size=path.stat().st_size // 2)
        wait_for(lambda: len(of_kind(run, "message")) > 2, "a checkpoint that fails")
        kept = load_state(path)
        assert "No checkpoint could be written" in of_kind(run, "message")[-1]["text"]
        wait_for(lambda: run.status().step > kept["place"][0] + 50, "the training going on")
        os.kill(process.pid, signal.SIGKILL)
    assert not (run.folder / "checkpoint.draft").exists()
    (run.folder / "checkpoint.draft").write_bytes(b"of one that was killed in the middle of it")

    reconcile()
    with executing(run) as process:
        wait_for(lambda: of_kind(run, "resumed"), "the run going on")
        assert of_kind(run, "resumed")[0]["step"] == kept["place"][0]
        run.request_stop()
        wait_for(lambda: run.status().is_final, "the stop")
    assert leftovers(run) == []


@pytest.mark.exhaustive
def test_a_disk_that_is_full_at_the_end_is_told_as_soon_as_it_can_be(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=3)
    with executing(run) as process:
        wait_for(lambda: run.status().step > 20, "step 20")
        fill_disk(process.pid)
        assert process.stdout.readline() == "ends\n"
        time.sleep(1.0)
        assert run.status().phase == "training"
        assert holder_of(run.folder)
        free_disk(process.pid)
        assert process.stdout.readline() == "over\n"
    status = run.status()
    assert status.phase == "failed"
    assert "File too large" in status.message
    assert "Free some space" in status.message
    assert steps_of(run) == list(range(1, 121))
    assert (leftovers(run), run.has_model) == ([], False)

    run.queue()  # somebody has freed some space
    with executing(run) as process:
        wait_for(lambda: run.status().is_final, "the end")
    assert run.status().phase == "finished"
    assert [event.step for event in run.history() if event.kind == "train"] == list(range(1, 121))


@pytest.mark.exhaustive
def test_a_disk_that_stays_full_gives_the_run_back(tiny_bert_name):
    """The process lives on, as a worker does: its lease must not hold the run for ever."""
    run = make_run(tiny_bert_name, epochs=3)
    with executing(run, insist_seconds=0.5) as process:
        wait_for(lambda: run.status().step > 20, "step 20")
        fill_disk(process.pid)
        assert process.stdout.readline() == "ends\n"
        assert "cannot tell how it ended" in process.stdout.readline()
        assert process.poll() is None
        wait_for(lambda: run.is_interrupted(), "the lease given back")
        assert [event.kind for event in run.events()[0][:1]] == ["phase"]
        reconcile()
        assert run.status().phase == "queued"
        with executing(run) as other:
            wait_for(lambda: run.status().is_final, "the end")
            assert other.pid != process.pid
    assert run.status().phase == "finished"


def test_nothing_fails_for_good_while_the_disk_is_full():
    waiting, dead = make_run(), make_run()
    waiting.queue()
    write_status(dead.folder / "status.json", replace(dead.status(), phase="training"))
    with full_disk():
        reconcile()
        for act in (waiting.queue, dead.queue):
            with pytest.raises(RunError, match="Free some space"):
                act()
        assert not launch_if_due()
    assert [run.id for run in next_runs()] == [waiting.id]
    assert dead.is_interrupted()
    assert not list(runs_root().glob(".engine.launch*"))
    reconcile()
    assert {run.id for run in next_runs()} == {waiting.id, dead.id}
    assert leftovers(waiting) == leftovers(dead) == []


BEGIN = """
import sys
from bertlab.engine import run_next
for line in sys.stdin:
    print(run_next(), flush=True)
"""


@pytest.mark.exhaustive
def test_a_run_that_cannot_be_begun_stays_in_the_queue(tiny_bert_name):
    run = make_run(tiny_bert_name, epochs=1, rows=1)
    run.queue()
    command = [sys.executable, "-c", BEGIN]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as worker:
        fill_disk(worker.pid)
        for answer in ("None", "None", run.id):
            if answer == run.id:
                assert not list(run.folder.glob("lease-*"))
                assert run.status().phase == "queued"
                free_disk(worker.pid)
            worker.stdin.write("\n")
            worker.stdin.flush()
            assert worker.stdout.readline().strip() == answer
        worker.stdin.close()
    assert run.status().phase == "finished"


@pytest.mark.exhaustive
def test_an_engine_whose_worker_dies_while_the_disk_is_full_comes_back(tiny_bert_name):
    """Dask's nanny tries once to start a worker anew, and on a full disk that fails."""
    engine = psutil.Process(ensure_engine(wait_seconds=PATIENCE).pid)
    try:
        run = make_run(tiny_bert_name, epochs=100)
        submit(run)
        wait_for(lambda: run.status().step > 20, "step 20")
        family = [engine, *engine.children(recursive=True)]
        for process in family:
            fill_disk(process.pid)
        os.kill(int(holder_of(run.folder).split(":")[1]), signal.SIGKILL)
        time.sleep(4.0)
        assert run.is_interrupted()
        if engine.is_running():
            free_disk(engine.pid)
        wait_for(lambda: ensure_engine().pid and of_kind(run, "resumed"), "the run going on")
        run.request_stop()
        wait_for(lambda: run.status().is_final, "the stop")
        assert run.status().phase == "stopped"
    finally:
        stop_engine()


SMALL_DISK = """
import json, os, sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from tiny_data import FOUR_ROWS
from bertlab.datasets import Split
from bertlab.engine.executors import execute
from bertlab.finetuning import session
from bertlab.runs import Journal, create_run, runs_root
from bertlab.runs.settings import Settings

session.EPOCH_CHECKPOINT_SECONDS = 0.0
rows = FOUR_ROWS.subset([0, 1, 2, 3] * 10)
settings = Settings(model="tiny-bert", batch_size=4, epochs=10, device="cpu")
run = create_run(settings, Split(rows, FOUR_ROWS, FOUR_ROWS))
filler = runs_root() / "filler"
seen = []
event = Journal.event

def watching(self, happened, **options):
    event(self, happened, **options)
    if happened.kind != "train":
        return
    if happened.step == 35:
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(512))
            except OSError as error:
                seen.append(error.errno)
    if happened.step == 75:
        filler.unlink()

Journal.event = watching
phase = execute(run).phase
lines = [json.loads(line) for line in (run.folder / "events.jsonl").read_bytes().splitlines()]
print(json.dumps({
    "phase": phase, "errno": seen,
    "steps": [one["step"] for one in lines if one["kind"] == "train"],
    "messages": [one["text"] for one in lines if one["kind"] == "message"],
    "files": sorted(path.name for path in run.folder.iterdir()),
}))
"""


@pytest.mark.exhaustive
def test_a_file_system_without_space(tiny_bert_name, tmp_path):
    """Two megabytes, full from step 35 to step 75: three checkpoints fall into that time."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    inner = 'mount -t tmpfs -o size=2m none "$BERTLAB_RUNS" && exec "$@"'
    environment = {**os.environ, "BERTLAB_RUNS": str(place)}
    possible = (
        shutil.which("unshare")
        and not subprocess.run(
            [*mount, inner, "sh", "true"], env=environment, capture_output=True
        ).returncode
    )
    if not possible:
        pytest.skip("no file system can be mounted here")
    tests = os.path.dirname(os.path.dirname(__file__))
    command = [*mount, inner, "sh", sys.executable, "-c", SMALL_DISK, tests]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["phase"], told["errno"]) == ("finished", [28])
    assert told["steps"] == list(range(1, 101))
    assert any("No checkpoint could be written" in text for text in told["messages"])
    assert not [name for name in told["files"] if "draft" in name or name.startswith(".")]


def test_what_libraries_say_of_a_disk_is_recognised(tmp_path):
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    with full_disk(), pytest.raises(SafetensorError) as raised:
        save_file({"weight": torch.ones(100)}, tmp_path / "model.safetensors")
    assert "Free some space" in explain(raised.value)
