"""The engine for real: its own process, killed and restarted."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from bertlab.datasets import Examples, Split
from bertlab.engine import engine_status, ensure_engine, next_runs, reconcile, stop_engine, submit
from bertlab.finetuning.settings import Settings
from bertlab.runs import create_run, holder_of, open_run
from bertlab.runs.status import write_status

PATIENCE = 60.0
ROWS = Examples(
    texts=("a good film", "a bad film", "we loved it", "we hated it"),
    pairs=None,
    labels=("pos", "neg", "pos", "neg"),
    label_names=("neg", "pos"),
    rows=(2, 3, 4, 5),
)


def make_run(model="tiny-bert", *, owner=None, **options):
    settings = Settings(model=model, batch_size=4, device="cpu", **options)
    return create_run(settings, Split(ROWS, ROWS, ROWS), owner=owner)


def wait_for(is_so, what):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not happen in {PATIENCE} s"
        time.sleep(0.05)


@pytest.fixture
def engine(tiny_bert_name):
    yield tiny_bert_name
    family = [psutil.Process(engine_status().pid)] if engine_status().pid else []
    family += [child for parent in family for child in parent.children(recursive=True)]
    stop_engine()
    assert engine_status().state == "stopped"
    assert not [process for process in family if process.is_running()]


def long_run(model):
    """Make a run that lasts until it is stopped or killed."""
    rows = ROWS.subset([0, 1, 2, 3] * 500)
    settings = Settings(model=model, batch_size=1, epochs=100, device="cpu", learning_rate=1e-4)
    return create_run(settings, Split(rows, ROWS, ROWS))


def test_students_take_turns():
    names = {}
    for number, owner in enumerate(["ann", "ann", "ann", "ben"]):
        run = make_run(owner=owner)
        status = replace(run.status(), phase="queued", queued=100.0 + number)
        write_status(run.folder / "status.json", status)
        names[run.id] = f"{owner}{number}"
    assert [names[run.id] for run in next_runs()] == ["ann0", "ben3", "ann1", "ann2"]


def test_who_was_served_last_waits_longest():
    served, waiting, other = (make_run(owner=owner) for owner in ("ann", "ann", "ben"))
    for run, values in (
        (served, {"phase": "finished", "started": 50.0}),
        (waiting, {"phase": "queued", "queued": 100.0}),
        (other, {"phase": "queued", "queued": 101.0}),
    ):
        write_status(run.folder / "status.json", replace(run.status(), **values))
    assert [run.id for run in next_runs()] == [other.id, waiting.id]


def test_interrupted_runs_are_queued_again_but_not_for_ever():
    once, twice = make_run(), make_run()
    for run, attempts in ((once, 1), (twice, 2)):
        status = replace(run.status(), phase="training", attempts=attempts)
        write_status(run.folder / "status.json", status)
    reconcile()
    assert once.status().phase == "queued"
    assert twice.status().phase == "failed"
    assert "2 times" in twice.status().message


def test_the_engine_runs_what_was_queued_while_it_started(engine):
    run = make_run(engine)
    began = time.monotonic()
    assert submit(run).state == "starting"
    assert time.monotonic() - began < 2.0  # nothing waits for the engine
    wait_for(lambda: run.status().is_final, "the end of the run")
    assert run.status().phase == "finished"
    assert run.result()["test"]["examples"] == 4
    assert ensure_engine().pid == ensure_engine().pid != 0

    # The process that submits is killed; the run goes on, for it is the engine's.
    code = (
        "import sys, time; from bertlab.runs import open_run; from bertlab.engine import submit;"
        "submit(open_run(sys.argv[1])); print('submitted', flush=True); time.sleep(60)"
    )
    second = make_run(engine, epochs=20)
    command = [sys.executable, "-c", code, second.id]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as web:
        assert web.stdout.readline().strip() == b"submitted"
        os.killpg(web.pid, signal.SIGKILL) if os.getpgid(web.pid) == web.pid else web.kill()
    wait_for(lambda: open_run(second.id).status().is_final, "the end of the orphaned run")
    assert second.status().phase == "finished"


def test_a_killed_worker_and_a_killed_engine_lose_no_run(engine):
    run = long_run(engine)
    submit(run)
    wait_for(lambda: run.status().step > 20, "step 20")
    os.kill(int(holder_of(run.folder).split(":")[1]), signal.SIGKILL)  # the worker, in mid-step
    wait_for(lambda: run.status().attempts == 2 and run.status().step > 5, "a second attempt")
    assert any(event["kind"] == "resumed" for event in run.events()[0])

    worker = psutil.Process(int(holder_of(run.folder).split(":")[1]))
    os.kill(engine_status().pid, signal.SIGKILL)
    wait_for(lambda: not worker.is_running(), "the orphaned worker's end")
    assert engine_status().state == "stopped"
    assert run.is_interrupted()
    ensure_engine()
    wait_for(lambda: run.status().is_final, "a clear end")
    assert run.status().phase == "failed"
    assert "2 times" in run.status().message


def test_an_engine_whose_folder_is_deleted_ends(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("BERTLAB_RUNS", str(tmp_path / "gone"))
    process = psutil.Process(ensure_engine(wait_seconds=PATIENCE).pid)
    shutil.rmtree(tmp_path / "gone", ignore_errors=True)
    wait_for(lambda: not process.is_running(), "the end of the engine")


def test_stop_reaches_a_run_in_the_engine(engine):
    run = long_run(engine)
    submit(run)
    wait_for(lambda: run.status().step > 5, "step 5")
    run.request_stop()
    wait_for(lambda: run.status().is_final, "the stop")
    assert run.status().phase == "stopped"
    assert run.has_model
    assert run.result()["test"]["examples"] == 4
