"""The learning-rate finder: its curve by hand, its search for real."""

import pytest
from tiny_rows import ROWS

from bertlab.engine.executors import execute
from bertlab.finetuning.planning.lr_finder import (
    HIGHEST,
    LOWEST,
    create_rate_search,
    suggest_rate,
)
from bertlab.runs.run import PROBES
from bertlab.runs.settings import Settings
from bertlab.views.fine_tuning.lr_finder import describe_rates, rate_curve, rates_table
from bertlab.views.shared.palette import LIGHT


def test_a_tenth_of_where_the_loss_was_lowest():
    flat = [(10 ** (-6 + n / 20), 0.7) for n in range(40)]  # up to 1e-4
    falling = [(10 ** (-4 + n / 20), 0.4) for n in range(20)]  # up to 9e-4
    rising = [(10 ** (-3 + n / 20), 3.0) for n in range(10)]
    assert suggest_rate(flat + falling + rising) == pytest.approx(10 ** (-4 + 19 / 20) / 10)
    assert suggest_rate(flat) is None
    assert suggest_rate([]) is None


def test_the_steps_can_be_taken_along():
    assert rates_table([(1e-6, 1.0), (1e-5, 1.0)]).to_dict("records") == [
        {"learning rate": 1e-6, "loss": 1.0, "running mean": 1.0},
        {"learning rate": 1e-5, "loss": 1.0, "running mean": 1.0},
    ]


def test_the_search_runs_for_real_and_finds_a_rate_that_learns(tiny_bert_name):
    settings = Settings(model=tiny_bert_name, batch_size=4, device="cpu", seed=3)
    run = create_rate_search(settings, ROWS)
    assert run.kind in PROBES
    assert execute(run).phase == "finished"
    found = run.result()
    rates = [rate for rate, _ in found["points"]]
    assert rates == sorted(rates)
    assert rates[0] == pytest.approx(LOWEST)
    assert rates[-1] <= HIGHEST * 1.0001
    assert 1e-5 < found["suggestion"] < 1e-2
    assert not run.has_model


def test_what_is_said_and_drawn():
    points = [(1e-6, 0.7), (1e-5, 0.6), (1e-4, 0.1)]
    figure = rate_curve(points, LIGHT, suggestion=1e-5)
    assert list(figure.data[0].y) == [0.7, 0.6, 0.1]
    assert "a tenth of that, 1e-5" in describe_rates(points, 1e-5)
    assert "hardly fell" in describe_rates([(1e-6, 0.7), (1e-5, 0.7)], None)
