"""The curves of a run: what is drawn, smoothed, thinned and said."""

import pytest

from bertlab.runs.events import (
    PhaseEvent,
    PinnedEvent,
    PinnedPrediction,
    TrainEvent,
    ValidationEvent,
)
from bertlab.training.curves import running_mean
from bertlab.views.shared.palette import LIGHT
from bertlab.views.training.curves import (
    MAX_POINTS,
    accuracy_chart,
    describe_run,
    latest_pinned,
    loss_chart,
    pinned_chart,
    thin,
    watched_labels,
)


def train(step, loss, **more):
    metrics = {"loss": loss, **more}
    return TrainEvent(metrics, step=step, seconds=0.1 * step, examples=step)


def check(step, loss, accuracy=0.5, macro_f1=0.4):
    metrics = {"loss": loss, "accuracy": accuracy, "macro_f1": macro_f1}
    return ValidationEvent(metrics, step=step, seconds=1.0, examples=step)


def pinned(step, *answers):
    predictions = [PinnedPrediction(f"text {n}", a) for n, a in enumerate(answers, 1)]
    return PinnedEvent(tuple(predictions), step=step)


def by_name(chart):
    return {series["name"]: series["data"] for series in chart["series"]}


def test_thinning_keeps_both_ends_and_even_steps():
    points = [(x, float(x)) for x in range(9)]
    assert thin(points, limit=3) == [(0, 0.0), (4, 4.0), (8, 8.0)]
    assert thin(points, limit=9) == points
    assert thin([], limit=3) == []


def test_the_running_mean_starts_at_the_first_value_and_forgets_a_tenth_a_step():
    # after two steps the weights are 0.9 * 0.1 = 0.09 and 0.1; (0.09 * 1 + 0.1 * 3) / 0.19
    assert running_mean([(1, 1.0), (2, 3.0)]) == [(1, 1.0), (2, pytest.approx(2.0526, abs=1e-4))]


def test_the_loss_chart_draws_each_step_the_mean_and_validation():
    events = [train(1, 0.8), train(2, 0.6), check(2, 0.7), PhaseEvent("testing", step=2)]
    lines = by_name(loss_chart(events, LIGHT, steps=40))
    assert lines["training"] == [[1, 0.8], [2, 0.6]]
    assert lines["validation"] == [[2, 0.7]]
    assert lines["its running mean"][0] == [1, 0.8]
    assert lines["its running mean"][1][1] == pytest.approx((0.09 * 0.8 + 0.06) / 0.19, 1e-3)


def test_the_axis_shows_the_whole_run_from_the_first_step():
    axis = loss_chart([train(1, 0.8)], LIGHT, steps=40)["xAxis"]
    assert (axis["min"], axis["max"]) == (0, 40)
    assert loss_chart([], LIGHT, steps=0)["xAxis"]["max"] == 1


def test_a_long_run_costs_no_more_than_a_short_one():
    chart = loss_chart([train(step, 0.5) for step in range(1, 20_001)], LIGHT, steps=20_000)
    line = by_name(chart)["training"]
    assert len(line) == MAX_POINTS
    assert (line[0][0], line[-1][0]) == (1, 20_000)


def test_of_no_curve_more_than_five_hundred_points_travel():
    """Whatever a run has most of: steps, validations, answers to the pinned sentences."""
    events = []
    for step in range(1, 3_001):
        answers = [{"neg": 0.4, "pos": 0.6}, {"neg": 0.1, "pos": 0.9}]
        events += [train(step, 0.5, accuracy=0.5), check(step, 0.7), pinned(step, *answers)]
    charts = [draw(events, LIGHT, steps=3_000) for draw in (loss_chart, accuracy_chart)]
    charts.append(pinned_chart(events, LIGHT, steps=3_000))
    lines = [line for chart in charts for line in by_name(chart).values()]
    assert len(lines) == 3 + 3 + 2
    assert {len(line) for line in lines} == {MAX_POINTS} == {500}
    assert all((line[0][0], line[-1][0]) == (1, 3_000) for line in lines)


def test_accuracy_and_macro_f1_are_in_per_cent():
    lines = by_name(accuracy_chart([check(5, 0.7, 0.8124, 0.7)], LIGHT, steps=9))
    assert lines == {"validation": [[5, 81.2]], "its macro-F1": [[5, 70.0]]}


def test_training_accuracy_is_drawn_as_its_running_mean():
    events = [train(1, 0.8, accuracy=0.5), train(2, 0.6, accuracy=1.0)]
    chart = accuracy_chart(events, LIGHT, steps=9)
    # (0.09 * 0.5 + 0.1 * 1.0) / 0.19
    assert by_name(chart)["training, running mean"] == [[1, 50.0], [2, 76.3]]
    colours = {series["name"]: series["color"] for series in chart["series"]}
    assert colours["training, running mean"] == LIGHT.query
    assert colours["validation"] == LIGHT.key


def test_of_two_labels_one_is_drawn_for_all_sentences():
    events = [
        pinned(0, {"neg": 0.6, "pos": 0.4}, {"neg": 0.5, "pos": 0.5}),
        pinned(9, {"neg": 0.1, "pos": 0.9}, {"neg": 0.8, "pos": 0.2}),
    ]
    chart = pinned_chart(events, LIGHT, steps=9)
    assert by_name(chart) == {"sentence 1": [[0, 40.0], [9, 90.0]],
                              "sentence 2": [[0, 50.0], [9, 20.0]]}  # fmt: skip
    assert "“pos”" in chart["title"]["text"]


def test_of_three_labels_the_newest_answers_are_drawn():
    events = [
        pinned(0, {"a": 0.5, "b": 0.3, "c": 0.2}, {"a": 0.5, "b": 0.3, "c": 0.2}),
        pinned(9, {"a": 0.1, "b": 0.7, "c": 0.2}, {"a": 0.6, "b": 0.3, "c": 0.1}),
    ]
    assert watched_labels(events) == ["b", "a"]
    lines = by_name(pinned_chart(events, LIGHT, steps=9))
    assert lines == {"1: b": [[0, 30.0], [9, 70.0]], "2: a": [[0, 50.0], [9, 60.0]]}
    assert latest_pinned(events) == [("text 1", "b", "70.0%"), ("text 2", "a", "60.0%")]
    assert latest_pinned([]) == watched_labels([]) == []


def test_the_run_in_words():
    assert describe_run([]) == "No training step has been taken yet."
    assert describe_run([train(1, 0.7)]) == "Step 1: training loss from 0.700 to 0.700."
    said = describe_run([train(1, 0.7), train(8, 0.25), check(8, 0.5, 0.75)])
    assert said == (
        "Step 8: training loss from 0.700 to 0.250, validation loss 0.500, accuracy 75.0%."
    )


def test_no_curve_is_drawn_in_ink_that_the_ground_swallows():
    for palette_series in loss_chart([train(1, 0.7)], LIGHT, steps=2)["series"]:
        assert palette_series["color"] not in (LIGHT.ground, LIGHT.grid)


def test_the_legend_tells_a_thin_line_from_a_thick_one():
    events = [TrainEvent({"loss": 2.0}, step=1), ValidationEvent({"loss": 1.0}, step=1)]
    entries = loss_chart(events, LIGHT, steps=5)["legend"]["data"]
    icons = {entry["name"]: entry.get("icon") for entry in entries}
    assert icons["training"] != icons["its running mean"]
    assert icons["validation"] is None  # its own mark
