"""BERTLAB_SCHEDULER for real: somebody else's Dask scheduler and workers execute the runs."""

import json
import os
import signal
import time

import pytest
from clusters import Cluster, wait_for
from tiny_data import FOUR_ROWS

from bertlab import cli
from bertlab.datasets import Split
from bertlab.engine import engine_status, ensure_engine, submit
from bertlab.errors import RunError
from bertlab.runs import Settings, create_run, holder_of, open_run, runs_root


def make_run(model, *, owner=None, steps=2):
    """A run of so many steps, about 100 of them a second."""
    rows = FOUR_ROWS.subset([0, 1, 2, 3] * max(1, steps // 10))
    settings = Settings(model=model, batch_size=4, epochs=min(steps, 10), device="cpu")
    return create_run(settings, Split(rows, FOUR_ROWS, FOUR_ROWS), owner=owner)


def submit_all(runs):
    for run in runs:
        submit(run)


def holder(run) -> int:
    """The process that executes a run; 0 for none, and while a lease's name is being written."""
    number = holder_of(run.folder).rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def resumptions(run):
    return [event for event in run.events()[0] if event.kind == "resumed"]


def wait_for_end(*runs):
    wait_for(lambda: all(run.status().is_final for run in runs), "the end of the runs")
    assert [(run.status().phase, run.status().message) for run in runs] == [("finished", "")] * len(
        runs
    )


@pytest.fixture
def bare_cluster(tiny_bert_name, tmp_path, monkeypatch):
    """A scheduler without workers, which BERTLAB_SCHEDULER names."""
    cluster = Cluster(tmp_path)
    monkeypatch.setenv("BERTLAB_SCHEDULER", cluster.address)
    try:
        cluster.start_scheduler()
        yield cluster
    finally:
        cluster.stop()


@pytest.mark.exhaustive
def test_a_run_finishes_on_a_cluster_of_others(bare_cluster, tiny_bert_name, monkeypatch, capsys):
    """What waits when a worker is started; what is submitted; what was missed, submitted again."""
    waiting = make_run(tiny_bert_name)
    waiting.queue()  # whatever became of its task: nobody submits this one
    bare_cluster.start_worker()
    wait_for_end(waiting)

    run = make_run(tiny_bert_name)
    assert submit(run).state == "remote"
    wait_for_end(run)
    assert run.result()["test"]["examples"] == 4
    assert ensure_engine().address == bare_cluster.address
    assert not list(runs_root().glob(".engine*"))  # none was started here
    time.sleep(2.0)  # the worker has had its last look at the queue

    monkeypatch.setenv("BERTLAB_SCHEDULER", "tcp://127.0.0.1:9")  # nobody listens
    run = make_run(tiny_bert_name)
    with pytest.raises(RunError, match="stays in the queue"):
        submit(run)
    assert open_run(run.id).status().phase == "queued"
    assert cli.main(["runs", "resume", run.id]) == 2
    assert "cannot be reached" in capsys.readouterr().err

    monkeypatch.setenv("BERTLAB_SCHEDULER", bare_cluster.address)  # it is back
    assert engine_status().state == "remote"
    assert cli.main(["runs", "resume", run.id]) == 0
    assert bare_cluster.address in capsys.readouterr().out
    wait_for_end(run)


@pytest.mark.exhaustive
def test_runs_spread_over_two_workers_and_a_killed_one_loses_none(bare_cluster, tiny_bert_name):
    bare_cluster.start_worker("--no-nanny")  # what is killed stays dead
    bare_cluster.start_worker("--no-nanny")
    runs = [make_run(tiny_bert_name, owner=owner, steps=600) for owner in ("ann", "ben")]
    last = make_run(tiny_bert_name, owner="ann")
    submit_all([*runs, last])
    wait_for(lambda: all(run.status().step > 50 for run in runs), "both in mid-run")
    first, second = map(holder, runs)
    assert first
    assert second
    assert first != second

    os.kill(first, signal.SIGKILL)
    wait_for_end(*runs, last)
    assert len(resumptions(runs[0])) == 1
    assert not resumptions(runs[1])
    leases = [json.loads(path.read_text())["pid"] for path in runs[0].folder.glob("lease-*")]
    assert sorted(leases) == sorted([first, second])


ELSEWHERE = "import socket\nsocket.gethostname = lambda: 'elsewhere'\n"
IMPATIENT = "from bertlab.runs import lease\nlease.DEAD_AFTER_SECONDS = 6.0\n"


@pytest.mark.exhaustive
def test_a_worker_that_dies_on_another_machine_loses_nothing(bare_cluster, tiny_bert_name):
    """Its lease looks alive for long after Dask gave its task to somebody else."""
    (bare_cluster.folder / "elsewhere.py").write_text(ELSEWHERE)
    (bare_cluster.folder / "impatient.py").write_text(IMPATIENT)
    bare_cluster.start_worker("--no-nanny", "--preload", "elsewhere.py")
    run = make_run(tiny_bert_name, steps=20_000)
    submit(run)
    wait_for(lambda: run.status().step > 20, "step 20")
    name = holder_of(run.folder)
    assert name.startswith("elsewhere:")
    bare_cluster.start_worker("--no-nanny", "--preload", "impatient.py")
    wait_for(lambda: bare_cluster.said().count("Registered to:") == 2, "the other worker")
    time.sleep(5.0)  # its own first look is over: it saw the holder's heart beat

    os.kill(holder(run), signal.SIGKILL)
    wait_for(lambda: holder_of(run.folder) not in ("", name), "another executor")
    wait_for(lambda: resumptions(run), "a new beginning")
    run.request_stop()
    wait_for(lambda: run.status().is_final, "the stop")
    assert run.status().phase == "stopped"


@pytest.mark.exhaustive
def test_a_killed_scheduler_that_comes_back_finds_all_runs(
    bare_cluster, tiny_bert_name, monkeypatch
):
    """Its workers end half a minute after it; whoever keeps them up starts them anew."""
    bare_cluster.start_worker()
    runs = [make_run(tiny_bert_name, owner="ann", steps=steps) for steps in (100_000, 2)]
    submit_all(runs)
    wait_for(lambda: runs[0].status().step > 50, "step 50")
    orphan = holder(runs[0])
    bare_cluster.scheduler.kill()
    bare_cluster.scheduler.wait()
    missed = make_run(tiny_bert_name, owner="ben")
    with pytest.raises(RunError, match="cannot be reached"):
        submit(missed)
    step = runs[0].status().step
    wait_for(lambda: runs[0].status().step > step, "a further step")
    assert holder(runs[0]) == orphan  # it goes on as long as it can, alone

    bare_cluster.start_scheduler()
    bare_cluster.start_worker()
    wait_for_end(missed)  # which no task was ever sent for
    wait_for(lambda: holder(runs[0]) not in (0, orphan), "another executor")
    wait_for(lambda: resumptions(runs[0]), "a new beginning")
    runs[0].request_stop()
    wait_for_end(runs[1])
    assert runs[0].status().phase == "stopped"
