"""BERTLAB_SCHEDULER for real: somebody else's Dask scheduler and worker execute the runs."""

import json
import subprocess
import sys
import time

import pytest
from tiny_data import FOUR_ROWS

from bertlab import cli
from bertlab.datasets import Split
from bertlab.engine import engine_status, ensure_engine, submit
from bertlab.errors import RunError
from bertlab.runs import Settings, create_run, open_run, runs_root

PATIENCE = 60.0


def make_run(model):
    settings = Settings(model=model, batch_size=4, epochs=2, device="cpu")
    return create_run(settings, Split(FOUR_ROWS, FOUR_ROWS, FOUR_ROWS))


def wait_for(is_so, what):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"{what} did not happen in {PATIENCE} s"
        time.sleep(0.05)


def dask(*arguments, log):
    command = [sys.executable, "-m", "dask", *map(str, arguments)]
    return subprocess.Popen(command, stdout=log, stderr=log)


@pytest.fixture
def cluster(tiny_bert_name, tmp_path, monkeypatch):
    """A scheduler and a worker as an administrator would start them; gives the address."""
    place = tmp_path / "scheduler.json"
    with (tmp_path / "dask.log").open("wb") as log:
        scheduler = dask(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", place, log=log,
        )  # fmt: skip
        worker = dask(
            "worker", "--scheduler-file", place, "--host", "127.0.0.1", "--nthreads", "1",
            "--no-dashboard", "--local-directory", tmp_path, "--preload", "bertlab.engine.preload",
            log=log,
        )  # fmt: skip
        try:
            wait_for(place.exists, "the scheduler")
            yield json.loads(place.read_text())["address"]
        finally:
            for process in (worker, scheduler):
                process.terminate()
            for process in (worker, scheduler):
                process.wait(PATIENCE)


def test_a_run_finishes_on_a_cluster_of_others(cluster, tiny_bert_name, monkeypatch):
    monkeypatch.setenv("BERTLAB_SCHEDULER", cluster)
    run = make_run(tiny_bert_name)
    assert submit(run).state == "remote"
    wait_for(lambda: run.status().is_final, "the end of the run")
    assert (run.status().phase, run.result()["test"]["examples"]) == ("finished", 4)
    assert ensure_engine().address == cluster
    assert not list(runs_root().glob(".engine*"))  # none was started here


def test_what_a_cluster_missed_is_submitted_again(
    cluster, tiny_bert_name, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("BERTLAB_SCHEDULER", "tcp://127.0.0.1:9")  # nobody listens
    run = make_run(tiny_bert_name)
    with pytest.raises(RunError, match="stays in the queue"):
        submit(run)
    assert open_run(run.id).status().phase == "queued"
    assert cli.main(["runs", "resume", run.id]) == 2
    assert "cannot be reached" in capsys.readouterr().err

    monkeypatch.setenv("BERTLAB_SCHEDULER", cluster)  # it is back
    assert engine_status().state == "remote"
    assert cli.main(["runs", "resume", run.id]) == 0
    assert cluster in capsys.readouterr().out
    wait_for(lambda: run.status().is_final, "the end of the run")
    assert run.status().phase == "finished"
