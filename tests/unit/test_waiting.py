"""A run's place in the queue, and how long it may take: by hand."""

import json
from dataclasses import replace

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.engine.waiting import Place, places
from bertlab.runs import create_run
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status
from bertlab.ui.run_view import describe_place


def make_run(owner, *, strategy="full", epochs=3, **status):
    run = create_run(
        Settings(strategy=strategy, epochs=epochs), Split(ROWS, ROWS, ROWS), owner=owner
    )
    write_status(run.folder / "status.json", replace(run.status(), **status))
    return run


def finished(owner, *, seconds):
    run = make_run(owner, phase="finished")
    result = {"train_examples": 16, "training_seconds": seconds}
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


def test_what_was_never_measured_is_not_guessed():
    finished("zoe", seconds=4.8)
    make_run("ann", strategy="frozen", phase="training", progress=0.5)
    waiting = make_run("ben", phase="queued", queued=1.0)
    assert places()[waiting.id] == Place(1, None)


def test_what_is_said_of_it():
    assert describe_place(None) == ""
    assert describe_place(Place(0, 0.0)) == ": it is next"
    assert describe_place(Place(1, None)) == ": 1 run before it"
    assert describe_place(Place(3, 40.2)) == ": 3 runs before it, about 40 s"
