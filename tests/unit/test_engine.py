"""The engine for real: its own process, killed and restarted."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import psutil
import pytest
from tiny_data import FOUR_ROWS

from bertlab import doctor
from bertlab.datasets import Split
from bertlab.engine import (
    engine_status,
    ensure_engine,
    launch,
    main,
    next_runs,
    reconcile,
    resume,
    stop_engine,
    submit,
)
from bertlab.engine.cluster import run_waiting
from bertlab.engine.launch import newest_launch
from bertlab.engine.queue import eligible
from bertlab.runs import Journal, create_run, holder_of, open_run, runs_root
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status

PATIENCE = 180.0  # a busy machine takes a minute to load torch


def make_run(model="tiny-bert", *, owner=None, **options):
    settings = Settings(model=model, batch_size=4, device="cpu", **options)
    return create_run(settings, Split(FOUR_ROWS, FOUR_ROWS, FOUR_ROWS), owner=owner)


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


def listening(pid):
    """The addresses at which a process and its children can be reached."""
    parent = psutil.Process(pid)
    connections = [
        connection
        for process in [parent, *parent.children(recursive=True)]
        for connection in process.net_connections()
    ]
    return {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}


def long_run(model):
    """Make a run that lasts until it is stopped or killed."""
    rows = FOUR_ROWS.subset([0, 1, 2, 3] * 500)
    settings = Settings(model=model, batch_size=1, epochs=100, device="cpu", learning_rate=1e-4)
    return create_run(settings, Split(rows, FOUR_ROWS, FOUR_ROWS))


def engines():
    """The processes that are this folder's engine or are about to become it."""
    found = []
    for process in psutil.process_iter():
        try:
            is_engine = process.cmdline()[1:3] == ["-m", "bertlab.engine.main"]
            if is_engine and process.environ().get("BERTLAB_RUNS") == str(runs_root()):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_however_many_ask_one_engine_is_started(engine):
    barrier, seen = threading.Barrier(10), set()

    def ask():
        barrier.wait()
        ensure_engine()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deadline = time.monotonic() + PATIENCE
    while ensure_engine().state != "running":  # before it has its lock, and after
        assert engine_status().state in ("starting", "running")
        seen.update(engines())
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert {engine_status().pid} == seen | set(engines())
    wait_for(lambda: newest_launch().number == 0, "the end of the launch")


@pytest.fixture
def no_dask(tmp_path, monkeypatch):
    """An installation in which the engine cannot be started."""
    (tmp_path / "dask.py").write_text("raise ImportError('no dask today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(launch, "PAUSES", (0.0, 0.2, 0.2, 60.0))


def test_an_engine_that_cannot_start_is_given_up_and_says_why(engine, no_dask, monkeypatch):
    states = set()
    deadline = time.monotonic() + PATIENCE
    while (status := ensure_engine()).state != "failed":
        states.add(status.state)
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert states <= {"starting", "stopped"}
    assert "3 times" in status.message
    assert "no dask today" in status.message
    check = next(one for one in doctor.check() if one.name == "engine")
    assert check.state == "problem"
    assert "no dask today" in check.text
    for _ in range(20):
        assert ensure_engine().state == "failed"
        time.sleep(0.02)
    assert newest_launch().number == 3  # not one more

    monkeypatch.delenv("PYTHONPATH")  # it is mended, and a student presses Start
    submit(run := make_run(engine))
    wait_for(lambda: run.status().is_final, "the end of the run")
    assert newest_launch().number == 0


def test_a_failed_engine_is_tried_again_after_a_minute(engine, no_dask, monkeypatch):
    ensure_engine()
    wait_for(lambda: newest_launch().failures == 1, "the first failure")
    mark = runs_root() / ".engine.launch-1"
    mark.rename(mark.with_name(".engine.launch-3"))
    monkeypatch.delenv("PYTHONPATH")
    assert ensure_engine().state == "failed"
    assert engines() == []
    long_ago = time.time() - 61
    os.utime(mark.with_name(".engine.launch-3"), (long_ago, long_ago))
    ensure_engine()
    wait_for(lambda: engine_status().state == "running", "the engine")


def test_a_launcher_that_was_killed_blocks_nobody_for_long(monkeypatch):
    runs_root().mkdir(parents=True)
    mark = runs_root() / ".engine.launch-1"
    mark.touch()
    assert engine_status().state == "starting"
    assert not launch.launch_if_due()
    a_while_ago = time.time() - 16
    os.utime(mark, (a_while_ago, a_while_ago))
    assert engine_status().state == "stopped"
    assert (newest_launch().failures, newest_launch().is_next_due) == (1, True)


HOLD = """
import sys, time
from bertlab.runs import Journal, open_run
with Journal(open_run(sys.argv[1])) as journal:
    journal.update(phase="training")
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_run_of_the_command_line_is_no_work_of_the_engine():
    """Were it counted, the engine would hand out a task for it at every look, and never sleep."""
    own, other = make_run(), make_run()
    with Journal(other) as journal:
        journal.update(phase="training")
        assert main._count_own() == 0
        command = [sys.executable, "-c", HOLD, own.id]  # as a worker: a child of this process
        with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
            assert worker.stdout.readline().strip() == b"held"
            assert main._count_own() == 1
            worker.kill()
        assert main._count_own() == 0


def test_signals_end_the_engine_where_the_event_loop_knows_none():
    """As on Windows."""

    async def serve():
        over, loop = asyncio.Event(), asyncio.get_running_loop()

        def unknown(*_):
            raise NotImplementedError

        loop.add_signal_handler = unknown
        main._end_on_signals(over)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(over.wait(), 5)

    earlier = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        asyncio.run(serve())
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def test_who_waits_already_keeps_the_place_when_submitted_again():
    run = make_run()
    run.queue()
    since = run.status().queued
    run.queue()
    assert run.status().queued == since


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


def test_a_student_has_one_run_at_a_time_and_the_command_line_any_number():
    runs = {}
    for number, (owner, phase) in enumerate(
        [
            ("ann", "training"),
            ("ann", "queued"),
            ("ben", "queued"),
            ("", "training"),
            ("", "queued"),
        ]
    ):
        run = make_run(owner=owner)
        status = replace(run.status(), phase=phase, queued=100.0 + number)
        write_status(run.folder / "status.json", status)
        runs[run.id] = f"{owner}{number}"
    found = {runs[run.id] for run in eligible(next_runs())}
    assert found == {"ben2", "4"}


def test_all_that_waits_is_executed_one_student_after_the_other(monkeypatch):
    waiting = [make_run(owner=owner) for owner in ("ann", "ann", "ben")]
    for number, run in enumerate(waiting):
        status = replace(run.status(), phase="queued", queued=100.0 + number)
        write_status(run.folder / "status.json", status)
    done = []

    def execute(run):
        done.append(run.id)
        write_status(
            run.folder / "status.json",
            replace(run.status(), phase="finished", started=200.0 + len(done)),
        )

    monkeypatch.setattr("bertlab.engine.executors.execute", execute)
    first, second, other = (run.id for run in waiting)
    assert run_waiting() == done == [first, other, second]


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
    # Whoever reaches a scheduler or a worker can run programs: nobody from outside can.
    assert listening(engine_status().pid) == {"127.0.0.1"}

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


@pytest.mark.exhaustive
def test_a_killed_worker_and_a_killed_engine_lose_no_run(engine):
    run = long_run(engine)
    submit(run)
    wait_for(lambda: run.status().step > 20, "step 20")
    os.kill(int(holder_of(run.folder).split(":")[1]), signal.SIGKILL)  # the worker, in mid-step
    wait_for(lambda: run.status().attempts == 2 and run.status().step > 5, "a second attempt")
    assert any(event.kind == "resumed" for event in run.events()[0])

    worker = psutil.Process(int(holder_of(run.folder).split(":")[1]))
    os.kill(engine_status().pid, signal.SIGKILL)
    wait_for(lambda: not worker.is_running(), "the orphaned worker's end")
    assert engine_status().state == "stopped"
    assert run.is_interrupted()
    ensure_engine()
    wait_for(lambda: run.status().is_final, "a clear end")
    assert run.status().phase == "failed"
    assert "2 times" in run.status().message


@pytest.mark.exhaustive
def test_an_engine_whose_folder_is_deleted_ends(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("BERTLAB_RUNS", str(tmp_path / "gone"))
    process = psutil.Process(ensure_engine(wait_seconds=PATIENCE).pid)
    shutil.rmtree(tmp_path / "gone", ignore_errors=True)
    wait_for(lambda: not process.is_running(), "the end of the engine")


def test_a_pause_frees_the_worker_for_others_and_the_run_goes_on_until_it_is_stopped(engine):
    run, other = long_run(engine), make_run(engine, epochs=1)
    submit(run)
    wait_for(lambda: run.status().step > 5, "step 5")
    run.request_pause()
    wait_for(lambda: run.status().is_paused, "the pause")
    wait_for(lambda: not holder_of(run.folder), "the lease's release")
    assert not run.has_model
    step = run.status().step
    submit(other)
    wait_for(lambda: other.status().phase == "finished", "the run behind it")
    assert (run.status().phase, run.status().step) == ("paused", step)
    resume(run)
    wait_for(lambda: run.status().step > step + 5, "steps after the pause")
    steps = [event.step for event in run.history() if event.kind == "train"]
    assert steps == list(range(1, len(steps) + 1))
    run.request_stop()
    wait_for(lambda: run.status().is_final, "the stop")
    assert run.status().phase == "stopped"
    assert run.has_model
    assert run.result()["test"]["examples"] == 4


@pytest.mark.exhaustive
def test_a_killed_engine_leaves_a_paused_run_alone(engine):
    run = long_run(engine)
    submit(run)
    wait_for(lambda: run.status().step > 5, "step 5")
    run.request_pause()
    wait_for(lambda: run.status().is_paused, "the pause")
    before = run.status()
    psutil.Process(engine_status().pid).kill()
    wait_for(lambda: engine_status().state != "running", "the engine's end")
    other = make_run(engine, epochs=1)
    submit(other)
    wait_for(lambda: other.status().phase == "finished", "another run in a new engine")
    assert run.status() == before


def test_a_run_queued_while_another_ends_is_looked_for_at_once():
    assert main.until_next_sweep(waiting=1, active=0) == main.HURRY_SECONDS
    for waiting, active in ((0, 0), (1, 1), (0, 1)):
        assert main.until_next_sweep(waiting, active) == main.SWEEP_SECONDS
