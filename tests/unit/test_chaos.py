"""What happens to a run under way while real processes, files and the clock fail it.

One small engine for all of it. Killed workers, engines and launchers: test_engine; full disks:
test_full_disk; clusters of others: test_engine_remote; a killed web server: tests/browser.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time

import psutil
import pytest
from clusters import wait_for
from tiny_data import FOUR_ROWS

from bertlab.datasets import Split
from bertlab.engine import engine_status, ensure_engine, reconcile, resume, stop_engine, submit
from bertlab.runs import create_run, holder_of
from bertlab.runs.settings import Settings

pytestmark = pytest.mark.exhaustive

# A freeze of two minutes is shortened, and so is Dask's patience with a worker that says nothing
# (5 minutes, unless the engine switches it off): a frozen worker must not be ended.
FREEZE_SECONDS = 8.0
IMPATIENT = {"DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "5s"}


@pytest.fixture(scope="module")
def store(tmp_path_factory, tiny_bert_folder):
    """The folder of all runs of this module, and what its engine needs to know."""
    folder = tmp_path_factory.mktemp("chaos")
    environment = {"BERTLAB_RUNS": str(folder), "BERTLAB_MODELS": str(tiny_bert_folder.parent)}
    yield {**environment, **IMPATIENT}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BERTLAB_RUNS", str(folder))
        stop_engine()


@pytest.fixture(autouse=True)
def engine(sealed_environment, store, monkeypatch):
    for name, value in store.items():
        monkeypatch.setenv(name, value)
    return ensure_engine(wait_seconds=120.0)


def make_run(*, rows=2000, epochs=100):
    examples = FOUR_ROWS.subset([0, 1, 2, 3] * (rows // 4))
    settings = Settings(
        model="tiny-bert", batch_size=1, epochs=epochs, device="cpu", learning_rate=1e-4
    )
    return create_run(settings, Split(examples, FOUR_ROWS, FOUR_ROWS))


@pytest.fixture
def run(engine):
    """A run that lasts until it is stopped, at a step behind 20."""
    run = make_run()
    submit(run)
    wait_for(lambda: run.status().step > 20, "step 20")
    yield run
    with contextlib.suppress(OSError):
        if run.folder.is_dir():
            run.request_stop()
            wait_for(lambda: run.status().is_final, "the stop")


def goes_on(run):
    """See it take more steps, under the lease that it began with."""
    step = run.status().step
    wait_for(lambda: run.status().step > step + 20, "20 more steps")
    assert len(list(run.folder.glob("lease-*"))) == 1
    assert not resumptions(run)


def resumptions(run):
    return [event for event in run.events()[0] if event.kind == "resumed"]


def worker_of(run):
    return psutil.Process(int(holder_of(run.folder).rpartition(":")[2]))


def test_a_frozen_worker_goes_on_and_nobody_takes_its_run(run, engine):
    worker = worker_of(run)
    worker.suspend()
    try:
        step = run.status().step
        end = time.monotonic() + FREEZE_SECONDS
        while time.monotonic() < end:
            ensure_engine()  # as every open page does
            reconcile()
            assert holder_of(run.folder)
            assert not run.is_interrupted()
            time.sleep(0.2)
        assert run.status().step == step
    finally:
        worker.resume()
    goes_on(run)
    assert worker_of(run) == worker
    assert engine_status() == engine


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere a process's start is not counted so")
@pytest.mark.parametrize("hours", [1, pytest.param(-1, marks=pytest.mark.exhaustive)])
def test_a_clock_that_jumps_starts_no_second_engine_and_no_second_executor(
    run, engine, hours, monkeypatch
):
    """What a set clock changes: the time, and with it when Linux says the machine was started."""
    real_time, real_boot = time.time, psutil._pslinux.boot_time
    seconds = 3600.0 * hours
    monkeypatch.setattr(time, "time", lambda: real_time() + seconds)
    monkeypatch.setattr(psutil._pslinux, "boot_time", lambda: real_boot() + seconds)
    assert abs(psutil.boot_time() - real_boot()) == 3600.0
    assert ensure_engine() == engine
    assert holder_of(run.folder)
    assert reconcile() == []
    goes_on(run)


def test_a_damaged_status_of_a_run_under_way_is_mended_by_its_executor(run):
    for left in (b"", b'{"phase": "trai', b"\0" * 200):
        (run.folder / "status.json").write_bytes(left)
        assert not run.status().is_final
        goes_on(run)


def test_a_damaged_history_of_a_run_under_way_costs_a_line(run):
    with (run.folder / "events.jsonl").open("ab") as file:
        file.write(b'{"kind": "tra\n\xff\xfe\0garbage\n{"torn')
    goes_on(run)
    steps = [event.step for event in run.history() if event.kind == "train"]
    assert len(set(range(1, steps[-1] + 1)) - set(steps)) <= 1
    assert len(set(steps)) == len(steps)


def test_a_damaged_status_of_a_run_at_rest_leaves_a_state_with_a_button(run):
    run.request_pause()
    wait_for(lambda: run.status().is_paused and not holder_of(run.folder), "the pause")
    step = run.status().step
    (run.folder / "status.json").write_bytes(b"")
    assert run.status().phase == "failed"
    assert "checkpoint" in run.status().message
    resume(run)  # as the button does
    wait_for(lambda: run.status().step > step, "steps behind the pause")
    steps = [event.step for event in run.history() if event.kind == "train"]
    assert steps == list(range(1, len(steps) + 1))


def test_half_a_checkpoint_means_beginning_again_and_saying_so(run):
    run.request_pause()
    wait_for(lambda: run.status().is_paused and not holder_of(run.folder), "the pause")
    path = run.folder / "checkpoint.pt"
    os.truncate(path, path.stat().st_size // 2)
    resume(run)
    wait_for(lambda: resumptions(run), "a new beginning")
    (resumed,) = resumptions(run)
    assert resumed.step == 0
    assert "begins anew" in resumed.text
    wait_for(lambda: run.status().step > 5, "its first steps")


def test_a_second_engine_in_the_same_store_ends_by_itself(run, engine):
    second = subprocess.run([sys.executable, "-m", "bertlab.engine.main"], timeout=300)
    assert second.returncode == 0
    assert engine_status() == engine
    goes_on(run)


def test_a_folder_that_is_removed_under_its_run_frees_the_engine(run, engine):
    other = make_run(rows=4, epochs=1)
    grave = run.folder.with_name(".removed")
    run.folder.rename(grave)  # as `rm -r` would, but for the writer in between
    shutil.rmtree(grave)
    submit(other)
    wait_for(lambda: other.status().phase == "finished", "the next run")
    assert not run.folder.exists()
    assert engine_status() == engine
