"""The estimate of a run's time: added up by hand, measured for real."""

from dataclasses import replace

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.engine.executors import execute
from bertlab.engine.queue import next_runs, reconcile
from bertlab.finetuning.planning import estimate as estimating
from bertlab.finetuning.planning.estimate import (
    Parts,
    Times,
    create_estimate,
    estimate_key,
    estimate_range,
    estimate_seconds,
    read_times,
    ways_to_halve,
)
from bertlab.runs import create_run, list_runs
from bertlab.runs.run import ESTIMATE
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status
from bertlab.ui.training.estimate import describe_time

PARTS = Parts(train=100, validation=10, test=10)
TIMES = Times(load=1.0, step=0.1, read=0.01)
BESIDE = 0.45 + 20 * 0.01  # around the run, and at each of 20 looks at validation


def test_what_a_run_takes_is_added_up():
    settings = Settings(batch_size=10, epochs=2)
    # 20 steps; validation after each, as 20 // 12 is 1: 20 * 10 * 0.01; 20 texts at the end:
    # 1 + 2 + 2 + 0.2
    assert estimate_seconds(TIMES, settings, PARTS) == pytest.approx(5.2 + BESIDE)
    frozen = replace(settings, strategy="frozen")
    # each of 110 texts read once, 20 steps of the head, 20 texts at the end: 1 + 2 + 1.1 + 0.2
    assert estimate_seconds(TIMES, frozen, PARTS) == pytest.approx(4.3 + BESIDE)


def test_the_range_follows_from_how_much_the_steps_differed():
    settings = Settings(batch_size=10, epochs=2)
    times = replace(TIMES, spread=0.2)
    # 1 s to load is a fifth less at best; 4.2 s of steps and reading are a fifth less or more
    low, high = 0.8 * 5.2 + BESIDE, 1 + 1.2 * 4.2 + BESIDE
    assert estimate_range(times, settings, PARTS) == pytest.approx((low, high))
    assert estimate_range(times, settings, PARTS)[0] < estimate_seconds(times, settings, PARTS)


def test_a_busy_machine_is_told_and_the_range_reaches_down_to_an_idle_one():
    settings = Settings(batch_size=10, epochs=2)
    assert not replace(TIMES, alone=0.08).is_slowed
    assert not TIMES.is_slowed
    slowed = replace(TIMES, alone=0.04, spread=0.2)  # 0.1 s a step, 0.04 s of them its own
    assert slowed.is_slowed
    low, high = estimate_range(slowed, settings, PARTS)
    # what is beside the steps takes three times as long where a step of 0.04 s takes 0.12 s
    assert (low, high) == pytest.approx((0.4 * 5.2 + BESIDE, 1 + 1.2 * 4.2 + 3 * BESIDE))
    assert "Other work slows this machine now" in describe_time(slowed, settings, PARTS)
    assert "about 6 s** (5 s to 6 s), by 9 steps" in describe_time(
        replace(TIMES, steps=9), settings, PARTS
    )


def test_a_slow_machine_is_asked_for_fewer_steps(tiny_bert_name, monkeypatch):
    settings = Settings(model=tiny_bert_name, batch_size=4, device="cpu")
    run = create_estimate(settings, ROWS)
    execute(run)
    assert read_times(run.result()).steps > 2
    monkeypatch.setattr(estimating, "STEP_SECONDS", 0.0)
    run = create_estimate(settings, ROWS)
    execute(run)
    times = read_times(run.result())
    assert times.steps == 2  # three were taken, the first of which does not count
    assert times.spread >= estimating.LEAST_SPREAD
    assert times.alone > 0


def test_only_what_halves_it_is_offered():
    settings = Settings(batch_size=1, epochs=4)
    ways = dict(ways_to_halve(Times(1.0, 1.0, 0.01), settings, PARTS))
    assert set(ways) == {"2 epochs instead of 4", "a frozen encoder"}
    assert ways["a frozen encoder"] < 5 < ways["2 epochs instead of 4"]
    assert ways_to_halve(Times(100.0, 0.01, 0.001), settings, PARTS) == []
    once = ways_to_halve(Times(0.0, 1.0, 0.01), replace(settings, epochs=1), PARTS)
    assert [text for text, _ in once] == ["a frozen encoder"]


def test_a_measurement_depends_on_what_costs_time_alone():
    settings = Settings()
    key = estimate_key(settings, ROWS)
    same = replace(settings, epochs=9, seed=1, learning_rate=1e-5, name="x", patience=2)
    assert estimate_key(same, ROWS) == key
    for changed in (replace(settings, batch_size=8), replace(settings, max_length=64)):
        assert estimate_key(changed, ROWS) != key
    assert estimate_key(settings, ROWS.subset(range(8))) != key


@pytest.mark.parametrize("strategy", ["full", "top", "gradual", "frozen", "random"])
def test_a_few_steps_are_measured_for_real(tiny_bert_name, strategy):
    settings = Settings(model=tiny_bert_name, strategy=strategy, batch_size=4, device="cpu")
    run = create_estimate(settings, ROWS)
    assert run.kind == ESTIMATE
    assert run.settings.pinned == ()
    assert execute(run).phase == "finished"
    times = read_times(run.result())
    assert 0 < times.read < 1
    assert 0 <= times.load < 30
    assert 0 < times.step < 5
    assert not run.has_model


def test_estimates_come_first_and_are_forgotten(tiny_bert_name):
    planned = create_run(Settings(), Split(ROWS, ROWS, ROWS), owner="ann")
    planned.queue()
    estimate = create_estimate(Settings(model=tiny_bert_name), ROWS)
    estimate.queue()
    assert [run.id for run in next_runs()] == [estimate.id, planned.id]
    status = replace(estimate.status(), phase="finished", created=1.0)
    write_status(estimate.folder / "status.json", status)
    reconcile()
    assert [run.id for run in list_runs()] == [planned.id]


def test_a_model_that_cannot_be_loaded_ends_the_estimate_with_its_reason():
    run = create_estimate(Settings(model="no-such-model"), ROWS)
    assert execute(run).phase == "failed"
    assert "no-such-model" in run.status().message
