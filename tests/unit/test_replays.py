"""Replays: the same seed, the same curve; and what is said where it is not."""

from dataclasses import replace

import pytest
from tiny_rows import ROWS

from bertlab.datasets import Split
from bertlab.finetuning.compare import (
    CurveComparison,
    compare_curves,
    create_replay,
    original_of,
)
from bertlab.finetuning.execute import execute
from bertlab.observations.fine_tuning import replay_notice
from bertlab.runs import create_run
from bertlab.runs.events import TrainEvent
from bertlab.runs.settings import Settings


def curve(*losses):
    return [TrainEvent({"loss": loss}, step=n) for n, loss in enumerate(losses, 1)]


def test_curves_are_compared_where_both_have_a_step():
    found = compare_curves(curve(0.7, 0.6, 0.5), curve(0.7, 0.6, 0.4, 0.3))
    assert (found.steps, found.differing) == (3, 3)
    assert found.largest == pytest.approx(0.1)
    assert not found.is_same
    assert compare_curves(curve(0.7), curve(0.70001)).is_same
    assert compare_curves(curve(), curve(0.7)) is None


def test_what_is_said_of_it():
    assert "At all 300 steps" in replay_notice(CurveComparison(300, 0.0, None))
    assert "From step 12 on" in replay_notice(CurveComparison(300, 0.05, 12))


@pytest.mark.parametrize("strategy", ["full", "gradual", "frozen", "random"])
def test_a_replay_takes_the_same_way(tiny_bert_name, strategy):
    settings = Settings(
        model=tiny_bert_name, strategy=strategy, epochs=2, batch_size=4, device="cpu", name="One"
    )
    run = create_run(settings, Split(ROWS, ROWS, ROWS), source_name="rows.csv")
    again = create_replay(run)
    assert again.settings == replace(settings, name="One, replayed")
    assert create_replay(again).name == "One, replayed"
    assert original_of(again) == run
    assert original_of(run) is None
    assert again.split() == run.split()
    for one in (run, again):
        assert execute(one).phase == "finished"
    found = compare_curves(run.history(), again.history())
    assert (found.steps, found.largest) == (8, 0.0)
    run.delete()
    assert original_of(again) is None
