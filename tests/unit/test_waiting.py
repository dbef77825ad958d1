"""A run's place in the queue, and how long it may take: by hand."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.engine import next_runs
from bertlab.engine.waiting import QueuePosition, places
from bertlab.runs import create_run, list_runs
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status
from bertlab.ui.runs.run_view import describe_place


def make_run(owner, *, strategy="full", epochs=3, truncation="head", **status):
    settings = Settings(strategy=strategy, epochs=epochs, truncation=truncation)
    run = create_run(settings, Split(ROWS, ROWS, ROWS), owner=owner)
    write_status(run.folder / "status.json", replace(run.status(), **status))
    return run


def finished(owner, *, seconds, steps=12, **options):
    """16 rows in 3 epochs of 4 batches, or less of them."""
    run = make_run(owner, phase="finished", steps=12, **options)
    result = {"train_examples": 16, "training_seconds": seconds, "steps": steps}
    (run.folder / "result.json").write_text(json.dumps(result))
    return run


def test_nothing_waits():
    finished("ann", seconds=2.0)
    assert places() == {}


def test_places_follow_the_fair_order_and_the_speed_of_earlier_runs():
    finished("zoe", seconds=4.8)  # 16 examples * 3 epochs in 4.8 s: 10 a second
    make_run("ann", phase="training", progress=0.5)  # 2.4 s left
    second = make_run("ann", phase="queued", queued=1.0, epochs=10)  # 16 s
    other = make_run("ben", phase="queued", queued=2.0)  # 4.8 s
    last = make_run("ann", phase="queued", queued=3.0)
    found = places()
    order = sorted(found, key=lambda run_id: found[run_id].ahead)
    assert set(order) == {second.id, other.id, last.id}
    assert [found[run_id].ahead for run_id in order] == [1, 2, 3]
    assert found[order[0]].seconds == pytest.approx(2.4)
    assert found[last.id].seconds == pytest.approx(2.4 + 16 + 4.8)


def test_the_newest_finished_run_says_how_fast_this_machine_is():
    finished("zoe", seconds=48.0, created=1.0)  # 1 a second, long ago
    finished("zoe", seconds=4.8, created=2.0)  # 10 a second
    make_run("ann", phase="training", progress=0.0)
    waiting = make_run("ben", phase="queued", queued=1.0)
    assert places()[waiting.id].seconds == pytest.approx(4.8)


def test_a_run_that_ended_early_was_no_faster_for_it():
    finished("zoe", seconds=2.4, steps=6)  # half of its steps: 10 a second all the same
    make_run("ann", phase="training", progress=0.0)
    waiting = make_run("ben", phase="queued", queued=1.0)
    assert places()[waiting.id].seconds == pytest.approx(4.8)


def test_windows_are_another_kind_of_run():
    finished("zoe", seconds=4.8)
    make_run("ann", phase="training", progress=0.0, truncation="windows")
    waiting = make_run("ben", phase="queued", queued=1.0)
    assert places()[waiting.id].seconds is None


def test_a_time_limit_bounds_the_wait(monkeypatch, tmp_path):
    limits = tmp_path / "limits.toml"
    limits.write_text("minutes = 0.05")  # 3 s
    monkeypatch.setenv("BERTLAB_LIMITS", str(limits))
    finished("zoe", seconds=4.8)
    make_run("ann", phase="training", progress=0.0)
    waiting = make_run("ben", phase="queued", queued=1.0)
    assert places()[waiting.id].seconds == pytest.approx(3.0)


def test_what_was_never_measured_is_not_guessed():
    finished("zoe", seconds=4.8)
    make_run("ann", strategy="frozen", phase="training", progress=0.5)
    waiting = make_run("ben", phase="queued", queued=1.0)
    assert places()[waiting.id] == QueuePosition(1, None)


def test_what_is_said_of_it():
    assert describe_place(None) == ""
    assert describe_place(QueuePosition(0, 0.0)) == ": it is next"
    assert describe_place(QueuePosition(1, None)) == ": 1 run before it"
    assert describe_place(QueuePosition(3, 40.2)) == ": 3 runs before it, about 40 s"


def test_a_folder_of_many_runs_is_not_read_over_and_over(monkeypatch):
    """Pages and the engine look at the queue all the time, and most runs are over."""
    for _ in range(20):
        finished("ann", seconds=1.0)
    read, reader = [], Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda path, **how: (read.append(path.name), reader(path, **how))[1]
    )
    list_runs(owner="nobody")
    assert sorted(read) == ["about.json"] * 20  # no status of anybody else's run
    read.clear()
    assert next_runs() == []
    assert set(read) == {"status.json"}
    assert len(read) <= 2 * 20
