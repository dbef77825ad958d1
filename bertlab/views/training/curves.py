"""A run in pictures while it trains: ECharts options, which keep their place in the page.

Curves travel with at most `MAX_POINTS` points each, so that an update costs the same at the end of
a long run as at its start.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bertlab.datasets import REGRESSION, SINGLE_LABEL
from bertlab.runs.events import (
    Event,
    MeasuredEvent,
    PinnedEvent,
    TrainEvent,
    ValidationEvent,
    newest,
    of_kind,
)
from bertlab.training.curves import Point, running_mean
from bertlab.views.fine_tuning.answers import say_answer
from bertlab.views.fine_tuning.results import short_label
from bertlab.views.shared.palette import Palette
from bertlab.views.training.measures import ACCURACY, Measure

MAX_POINTS = 500
PINNED_TITLE = "Probability of the newest answer (%)"


def loss_chart(
    events: Sequence[Event], palette: Palette, *, steps: int, checked: str = "validation"
) -> dict[str, Any]:
    """Training loss of each step, its running mean, and the loss of what is `checked`."""
    raw = _points(of_kind(events, TrainEvent), "loss")
    checks = _points(of_kind(events, ValidationEvent), "loss")
    series = [
        _line("training", thin(raw), palette.query, width=1, opacity=0.5),
        _line("its running mean", thin(running_mean(raw)), palette.query),
        _line(checked, checks, palette.key, symbol="circle"),
    ]
    return _chart(series, palette, steps, title="Loss", low=0)


def accuracy_chart(
    events: Sequence[Event],
    palette: Palette,
    *,
    steps: int,
    measure: Measure = ACCURACY,
) -> dict[str, Any]:
    """A measure on the training batches (their running mean) and on the validation part.

    A batch of 16 is right in sixteenths: only the mean over several can be read.

    Args:
        events: The run's history.
        palette: The page's colours.
        steps: Optimizer steps in all.
        measure: What is drawn; a share in per cent, an error in its own unit.
    """
    looks = ((palette.key, "circle", "solid"), (palette.segment_b, "rect", "dashed"))
    steps_taken = of_kind(events, TrainEvent)
    batches = [step for step in steps_taken if step.has(measure.train_key)]  # one of old: none
    mean = _scaled(thin(running_mean(_points(batches, measure.train_key))), measure)
    series = [_line(measure.train_curve, mean, palette.query)] if mean else []
    for (name, title), (colour, symbol, dash) in zip(measure.curves.items(), looks, strict=False):
        points = _scaled(_points(of_kind(events, ValidationEvent), name), measure)
        series.append(_line(title, points, colour, symbol=symbol, dash=dash))
    high = 100 if measure.is_share else None
    return _chart(series, palette, steps, title=measure.title, low=0, high=high)


def pinned_chart(
    events: Sequence[Event],
    palette: Palette,
    *,
    steps: int,
    problem_type: str = SINGLE_LABEL,
) -> dict[str, Any]:
    """How the model's view of each pinned sentence changed over the steps.

    Of two labels the second one's probability is drawn for all sentences, so that they can be
    compared; of more labels each sentence's newest answer; of a number the number.
    """
    scale = 1 if problem_type == REGRESSION else 100
    history = of_kind(events, PinnedEvent)
    watched = watched_labels(events)
    is_shared = len(set(watched)) == 1
    colours = (palette.query, palette.key, palette.value, palette.segment_b)
    series = []
    for number, label in enumerate(watched):
        points = [
            (event.step, _round(scale * event.predictions[number].probabilities[label]))
            for event in history
        ]
        name = f"sentence {number + 1}" if is_shared else f"{number + 1}: {short_label(label)}"
        colour = colours[number % len(colours)]
        series.append(_line(name, thin(points), colour, symbol="circle"))
    if problem_type == REGRESSION:
        title = f"Predicted {short_label(watched[0])}" if watched else ""
        return _chart(series, palette, steps, title=title, low=None)
    title = f"Probability of “{short_label(watched[0])}” (%)" if is_shared else PINNED_TITLE
    return _chart(series, palette, steps, title=title, low=0, high=100)


def watched_labels(events: Sequence[Event]) -> list[str]:
    """The label of each pinned sentence whose probability is drawn; none before the first answer.

    Of {"neg": 0.9, "pos": 0.1} it is "pos" (the second of two), of three labels the likeliest.
    """
    last = newest(events, PinnedEvent)
    answers = [one.probabilities for one in last.predictions] if last else []
    return [
        list(answer)[1] if len(answer) == 2 else max(answer, key=answer.__getitem__)
        for answer in answers
    ]


def latest_pinned(
    events: Sequence[Event], problem_type: str = SINGLE_LABEL
) -> list[tuple[str, str, str]]:
    """The newest answer to each pinned sentence: its text, and what `say_answer` says."""
    last = newest(events, PinnedEvent)
    answers = last.predictions if last else ()
    return [(one.text, *say_answer(one.probabilities, problem_type)) for one in answers]


def describe_run(events: Sequence[Event], measure: Measure = ACCURACY) -> str:
    """The curves in words, for a screen reader."""
    steps = of_kind(events, TrainEvent)
    if not steps:
        return "No training step has been taken yet."
    first, last = steps[0], steps[-1]
    words = f"Step {last.step:.0f}: training loss from {first.loss:.3f} to {last.loss:.3f}"
    if check := newest(events, ValidationEvent):
        name = measure.label.removeprefix("Validation ")
        words += f", validation loss {check.loss:.3f}, {name} {measure.say(check)}"
    return words + "."


def thin(points: Sequence[Point], limit: int = MAX_POINTS) -> list[Point]:
    """Keep evenly spaced points, the first and the last one always.

    >>> thin([(0, 1.0), (1, 2.0), (2, 3.0), (3, 4.0), (4, 5.0)], limit=3)
    [(0, 1.0), (2, 3.0), (4, 5.0)]
    """
    if len(points) <= limit:
        return list(points)
    last = len(points) - 1
    return [points[round(i * last / (limit - 1))] for i in range(limit)]


def _points(events: Sequence[MeasuredEvent], name: str) -> list[Point]:
    return [(event.step, _round(event.metric(name))) for event in events]


def _round(value: float) -> float:
    """Four digits are more than a curve can show, of shares in per cent as of prices."""
    return float(f"{value:.4g}")


def _scaled(points: Sequence[Point], measure: Measure) -> list[Point]:
    return [(x, round(100 * y, 1)) for x, y in points] if measure.is_share else list(points)


def _line(
    name: str,
    points: Sequence[Point],
    colour: str,
    *,
    width: float = 2.5,
    opacity: float = 1.0,
    symbol: str = "none",
    dash: str = "solid",
) -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "data": [list(point) for point in thin(points)],
        "symbol": symbol,
        "symbolSize": 7,
        "color": colour,
        "lineStyle": {"width": width, "opacity": opacity, "type": dash},
        "animation": False,
    }


def _legend_entry(line: Mapping[str, Any]) -> dict[str, str]:
    """A line without marks is shown by a bar of its own thickness, others by their marks."""
    entry = {"name": str(line["name"])}
    if line["symbol"] != "none" or line["lineStyle"]["type"] != "solid":
        return entry
    return entry | {"icon": f"path://M0,0H14V{1.6 * line['lineStyle']['width']:g}H0Z"}


def _chart(
    series: Sequence[Mapping[str, Any]],
    palette: Palette,
    steps: int,
    *,
    title: str,
    low: float | None,
    high: float | None = None,
) -> dict[str, Any]:
    ink = {"color": palette.text, "fontSize": 14}
    axis = {
        "axisLine": {"lineStyle": {"color": palette.muted}},
        "axisLabel": ink,
        "splitLine": {"lineStyle": {"color": palette.grid}},
        "nameTextStyle": ink,
    }
    return {
        "animation": False,
        "textStyle": {"fontFamily": "Source Sans, sans-serif"},
        "aria": {"enabled": True},
        "title": {"text": title, "left": 0, "top": 0, "textStyle": {**ink, "fontSize": 15}},
        "tooltip": {"trigger": "axis", "confine": True, "backgroundColor": palette.ground,
                    "borderColor": palette.grid, "textStyle": ink},
        # One line above the curves, with arrows where it is too long: below them it would
        # run into the axis on a phone.
        "legend": {"type": "scroll", "top": 26, "left": 0, "textStyle": ink,
                   "data": [_legend_entry(line) for line in series],
                   "itemWidth": 14, "itemGap": 8,
                   "pageTextStyle": ink, "pageIconColor": palette.text,
                   "pageIconInactiveColor": palette.muted},
        "grid": {"left": 8, "right": 18, "top": 64, "bottom": 30, "containLabel": True},
        "xAxis": {**axis, "type": "value", "name": "step", "nameLocation": "middle",
                  "nameGap": 28, "min": 0, "max": max(steps, 1), "splitLine": {"show": False}},
        "yAxis": {**axis, "type": "value", "min": low, "max": high, "scale": low is None},
        "dataZoom": [{"type": "inside", "filterMode": "none"}],
        "series": list(series),
    }  # fmt: skip
