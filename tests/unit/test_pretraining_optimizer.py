"""What changes the weights, and how fast at which step."""

import pytest
import torch

from bertlab.pretraining.model import Learner, new_bert
from bertlab.pretraining.optimizer import make_optimizers, rate_share_at, set_rate
from bertlab.pretraining.settings import Architecture, PretrainingSettings, Source

SETTINGS = PretrainingSettings((Source("x"),), architecture=Architecture(2, 16, 2, 64))


@pytest.fixture
def learner() -> Learner:
    return Learner(new_bert(SETTINGS, 50), teacher_size=8)


@pytest.mark.parametrize(
    ("step", "expected"),
    [(0, 0.1), (4, 0.5), (9, 1.0), (10, 1.0), (55, 0.5), (99, 1 / 90), (100, 0.0), (101, 0.0)],
)
def test_the_rate_rises_in_a_line_and_falls_in_a_line(step, expected):
    assert rate_share_at(step, 100, warm_up=0.1) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("steps", "warm_up", "expected"),
    [
        (1, 0.05, [1.0]),
        (4, 0.0, [1.0, 1.0, 2 / 3, 1 / 3]),  # the warm-up is at least one step
        (4, 1.0, [0.25, 0.5, 0.75, 1.0]),
    ],
)
def test_short_runs_and_odd_shares(steps, warm_up, expected):
    shares = [rate_share_at(step, steps, warm_up=warm_up) for step in range(steps)]
    assert shares == pytest.approx(expected)


def names_of(learner, optimizer) -> set[str]:
    found = {id(w) for group in optimizer.param_groups for w in group["params"]}
    return {name for name, weight in learner.named_parameters() if id(weight) in found}


def test_adamw_takes_every_weight_once(learner):
    (adamw,) = make_optimizers(learner, optimizer="adamw", learning_rate=1e-3, weight_decay=0.1)
    everything = {name for name, _ in learner.named_parameters()}
    assert names_of(learner, adamw) == everything
    assert sum(len(g["params"]) for g in adamw.param_groups) == len(everything)  # tied ones once
    decayed, others = adamw.param_groups
    assert (decayed["weight_decay"], others["weight_decay"]) == (0.1, 0.0)
    assert {w.ndim for w in decayed["params"]} == {2}
    assert {w.ndim for w in others["params"]} == {1}


def test_muon_takes_the_encoders_matrices_and_nothing_else(learner):
    adamw, muon = make_optimizers(learner, optimizer="muon", learning_rate=1e-3, weight_decay=0.1)
    matrices = (
        "attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense", "intermediate.dense", "output.dense",
    )  # fmt: skip
    expected = {f"bert.bert.encoder.layer.{n}.{m}.weight" for n in (0, 1) for m in matrices}
    assert names_of(learner, muon) == expected
    everything = {name for name, _ in learner.named_parameters()}
    assert names_of(learner, adamw) == everything - expected
    assert "projection.weight" in names_of(learner, adamw)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_the_rate_is_set_in_every_group(optimizer, learner):
    made = make_optimizers(learner, optimizer=optimizer, learning_rate=1.0, weight_decay=0.0)
    set_rate(made, 0.25)
    assert {group["lr"] for one in made for group in one.param_groups} == {0.25}


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_rate_of_zero_changes_nothing_and_another_one_does(optimizer, learner):
    made = make_optimizers(learner, optimizer=optimizer, learning_rate=1.0, weight_decay=0.1)
    before = {name: weight.clone() for name, weight in learner.named_parameters()}
    for rate, is_same in ((0.0, True), (1e-2, False)):
        set_rate(made, rate)
        torch.manual_seed(0)
        for weight in learner.parameters():
            weight.grad = torch.randn_like(weight)
        for one in made:
            one.step()
        for name, weight in learner.named_parameters():
            assert torch.equal(weight, before[name]) is is_same, name


def test_the_seed_fixes_the_first_weights():
    first, again = (new_bert(SETTINGS, 50).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert new_bert(SETTINGS, 50).config.intermediate_size == 64
