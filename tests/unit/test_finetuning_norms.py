"""The lengths of gradients and weights, part by part."""

import pytest
import torch
from tiny_rows import ROWS
from torch import nn

from bertlab.datasets import Split
from bertlab.finetuning.execute import execute
from bertlab.finetuning.strategies.layer_groups import measure_norms
from bertlab.runs import create_run
from bertlab.runs.events import NormsEvent, TrainEvent
from bertlab.runs.settings import Settings
from bertlab.views.fine_tuning.layer_norms import (
    describe_gradients,
    gradient_heatmap,
    weight_heatmap,
)


class Toy(nn.Module):
    """Weights under the names of a BERT of one layer."""

    def __init__(self):
        super().__init__()
        for name, values in (("embeddings", [1.0, 0.0]), ("layer", [6.0, 8.0]), ("head", [2.0])):
            part = nn.ParameterDict({"weight": nn.Parameter(torch.tensor(values))})
            self.add_module(name, nn.ModuleDict({"0": part}) if name == "layer" else part)


def test_lengths_by_hand():
    model = Toy()
    names = [name for name, _ in model.named_parameters()]
    assert names == ["embeddings.weight", "layer.0.weight", "head.weight"]
    model.layer["0"]["weight"].grad = torch.tensor([3.0, 4.0])
    model.head["weight"].grad = torch.tensor([-0.5])
    norms = measure_norms(model, 1)
    assert norms.gradients == pytest.approx((0.0, 5.0, 0.5))
    assert norms.weights == pytest.approx((1.0, 10.0, 2.0))


@pytest.mark.parametrize(
    ("strategy", "still"), [("full", set()), ("top", {0, 1}), ("frozen", {0, 1, 2})]
)
def test_a_run_tells_where_it_learns(tiny_bert_name, strategy, still):
    settings = Settings(
        model=tiny_bert_name, strategy=strategy, trained_layers=1, epochs=2, batch_size=4,
        device="cpu",
    )  # fmt: skip
    run = create_run(settings, Split(ROWS, ROWS, ROWS))
    execute(run)
    history = [event for event in run.history() if event.kind == "layers"]
    assert [event.step for event in history] == list(range(1, 9))
    for event in history:
        silent = {depth for depth, norm in enumerate(event.gradients) if norm == 0}
        assert silent == still
        assert len(event.weights) == 4
        assert all(norm > 0 for norm in event.weights)


def test_the_picture_leaves_out_what_does_not_learn():
    events = [
        NormsEvent((0.0, 0.1, 10.0), (5.0, 4.0, 1.0), step=1),
        NormsEvent((0.0, 1.0, 0.01), (5.0, 4.0, 1.1), step=9),
    ]
    chart = gradient_heatmap(events, theme="light")
    assert chart["series"][0]["data"] == [[0, 1, -1.0], [0, 2, 1.0], [1, 1, 0.0], [1, 2, -2.0]]
    assert chart["yAxis"]["data"] == ["embeddings", "layer 0", "head"]
    words = describe_gradients(events)
    assert "longest in layer 0 (1) and shortest in head (0.01)" in words
    assert "most in head, by +10.00%" in words


def test_weights_are_drawn_by_how_much_they_have_grown():
    events = [
        NormsEvent((0, 1, 1), (2.0, 4.0, 0.0), step=1),
        TrainEvent({"loss": 0.5}, step=2),
        NormsEvent((0, 1, 1), (2.1, 3.9, 0.5), step=9),
    ]
    chart = weight_heatmap(events, theme="dark")
    # a part without weights at first has no per cent
    assert chart["series"][0]["data"] == [[0, 0, 0.0], [0, 1, 0.0], [1, 0, 5.0], [1, 1, -2.5]]
    assert chart["xAxis"]["data"] == [1, 9]
    assert chart["yAxis"]["data"] == ["embeddings", "layer 0", "head"]
    assert (chart["visualMap"]["min"], chart["visualMap"]["max"]) == (-2.5, 5.0)
