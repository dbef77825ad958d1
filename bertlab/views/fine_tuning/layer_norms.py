"""A run's layers over time: where the gradient is long, and where the weights grow."""

import math
from collections.abc import Sequence
from typing import Any

from bertlab.runs.events import Event, NormsEvent, of_kind
from bertlab.views.fine_tuning.strategies import part_name
from bertlab.views.shared.heatmap import attention_scale
from bertlab.views.shared.palette import Theme, palette_of

FLOOR = 1e-6  # a shorter gradient is drawn like this one; 0 has no logarithm


def gradient_heatmap(events: Sequence[Event], *, theme: Theme) -> dict[str, Any]:
    """Steps across, the head above, the embeddings below; the colour is log10 of the length.

    Args:
        events: the run's history; its `NormsEvent`s count.
        theme: of the page.
    """
    history = of_kind(events, NormsEvent)
    cells = [
        [x, depth, round(math.log10(max(norm, FLOOR)), 2)]
        for x, event in enumerate(history)
        for depth, norm in enumerate(event.gradients)
        if norm > 0  # what does not learn stays empty
    ]
    return _heatmap(history, cells, "Length of the gradient by part (log10)", theme)


def weight_heatmap(events: Sequence[Event], *, theme: Theme) -> dict[str, Any]:
    """The same of the weights: by how many per cent their length has changed since the first look.

    Weights of length 2.0, later 2.1: 5 %.

    Args:
        events: the run's history; its `NormsEvent`s count.
        theme: of the page.
    """
    history = of_kind(events, NormsEvent)
    cells = [
        [x, depth, round(100 * (norm / first - 1), 2)]
        for x, event in enumerate(history)
        for depth, (norm, first) in enumerate(zip(event.weights, history[0].weights, strict=True))
        if first > 0
    ]
    return _heatmap(history, cells, "Length of the weights since the first step (%)", theme)


def _heatmap(
    history: Sequence[NormsEvent], cells: Sequence[Sequence[float]], title: str, theme: Theme
) -> dict[str, Any]:
    layers = len(history[0].gradients) - 2
    values = [value for *_, value in cells] or [0.0]
    ink = {"color": palette_of(theme).text, "fontSize": 13}
    return {
        "animation": False,
        "textStyle": {"fontFamily": "Source Sans, sans-serif"},
        "title": {"text": title, "left": 0, "top": 0, "textStyle": {**ink, "fontSize": 15}},
        "tooltip": {"confine": True, "backgroundColor": palette_of(theme).ground,
                    "borderColor": palette_of(theme).grid, "textStyle": ink},
        "grid": {"left": 8, "right": 84, "top": 34, "bottom": 30, "containLabel": True},
        "xAxis": {"type": "category", "data": [event.step for event in history],
                  "name": "step", "nameLocation": "middle", "nameGap": 28, "axisLabel": ink,
                  "nameTextStyle": ink},
        "yAxis": {"type": "category", "axisLabel": ink,
                  "data": [part_name(depth, layers) for depth in range(layers + 2)]},
        "visualMap": {"min": min(values), "max": max(values), "calculable": True, "right": 10,
                      "top": "middle", "itemHeight": 90, "textStyle": ink, "precision": 1,
                      "inRange": {"color": [colour for _, colour in attention_scale(theme)]}},
        "series": [{"type": "heatmap", "data": list(cells), "animation": False, "name": title}],
    }  # fmt: skip


def describe_gradients(events: Sequence[Event]) -> str:
    """Say which part had the longest gradient at the newest look, and how the weights grew."""
    history = of_kind(events, NormsEvent)
    first, last = history[0], history[-1]
    lengths, layers = last.gradients, len(last.gradients) - 2
    learning = sorted(
        (depth for depth, norm in enumerate(lengths) if norm), key=lengths.__getitem__
    )
    if not learning:
        return f"At step {last.step:,} no part has a gradient."
    growth = {depth: last.weights[depth] / first.weights[depth] - 1 for depth in learning}
    most = max(learning, key=lambda depth: abs(growth[depth]))
    where = [f"{part_name(depth, layers)} ({lengths[depth]:.2g})" for depth in learning]
    shortest = f" and shortest in {where[0]}" if len(where) > 1 else ""
    return (
        f"At step {last.step:,} the gradient is longest in {where[-1]}{shortest}. Since step "
        f"{first.step:,} the weights' length has changed most in {part_name(most, layers)}, by "
        f"{growth[most]:+.2%}."
    )
