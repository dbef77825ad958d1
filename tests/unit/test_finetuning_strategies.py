"""Which parts learn in which epoch, and how fast."""

import pytest
import torch
from tiny_models import save_tiny_model
from transformers import AutoConfig

from bertlab.errors import InputError
from bertlab.finetuning.defaults import resolve
from bertlab.finetuning.optimization import start_training
from bertlab.finetuning.strategies.layer_groups import by_depth, depth_of, learn_from
from bertlab.finetuning.strategies.strategies import lowest_depth, parts_in
from bertlab.models import load_classifier
from bertlab.runs.settings import Settings


@pytest.mark.parametrize(
    ("strategy", "epochs", "expected"),
    [
        ("full", 3, [0, 0, 0]),
        ("random", 2, [0, 0]),
        ("frozen", 2, [5, 5]),
        ("top", 2, [3, 3]),
        ("gradual", 1, [0]),
        ("gradual", 2, [5, 0]),
        ("gradual", 3, [5, 3, 0]),
        ("gradual", 5, [5, 4, 3, 2, 0]),
    ],
)
def test_the_lowest_part_that_learns_by_epoch(strategy, epochs, expected):
    settings = Settings(strategy=strategy, epochs=epochs, trained_layers=2)
    found = [lowest_depth(settings, layers=4, epoch=epoch) for epoch in range(epochs)]
    assert found == expected


def test_more_top_layers_than_there_are_leave_the_embeddings_still():
    assert lowest_depth(Settings(strategy="top", trained_layers=9), layers=4, epoch=0) == 1


def test_the_rate_falls_by_the_same_factor_from_layer_to_layer():
    parts = parts_in(Settings(layer_decay=0.5), layers=2, epoch=0)
    assert [part.share for part in parts] == [0.125, 0.25, 0.5, 1.0]
    still = parts_in(Settings(strategy="top", trained_layers=1), layers=2, epoch=0)
    assert [part.is_learning for part in still] == [False, False, True, True]


@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta", "xlm-roberta", "electra"])
def test_every_weight_of_every_family_has_its_depth(kind, models_root):
    save_tiny_model(kind, models_root / "tiny")
    _, model = load_classifier("tiny", labels=["a", "b"], seed=0, device="cpu")
    layers = model.config.num_hidden_layers
    found = by_depth(model, layers)
    sizes = {depth: sum(w.numel() for w in weights) for depth, weights in found.items()}
    assert len({sizes[depth] for depth in range(1, layers + 1)}) == 1  # equal layers
    assert sizes[0] >= model.config.vocab_size * 8
    assert sizes[layers + 1] >= 2 * model.config.hidden_size + 2  # the classifier at least
    assert sum(sizes.values()) == sum(w.numel() for w in model.parameters())


def test_names_that_could_mislead():
    assert depth_of("electra.embeddings_project.weight", 2) == 0
    assert depth_of("distilbert.transformer.layer.11.ffn.lin1.bias", 12) == 12
    assert depth_of("bert.encoder.layer.1.attention.self.query.weight", 12) == 2
    assert depth_of("pre_classifier.weight", 6) == 7


def test_weights_below_stay_exactly_as_they_are(tiny_bert_name):
    _, model = load_classifier(tiny_bert_name, labels=["a", "b"], seed=0, device="cpu")
    layers = model.config.num_hidden_layers
    learn_from(model, layers, layers)  # the last layer and the head
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    training = start_training(model, learning_rate=1e-2, steps=2, layers=layers)
    ids = torch.tensor([[2, 5, 6, 3]])
    model(input_ids=ids).logits[0, 0].backward()
    training.optimizer.step()
    changed = {
        depth_of(name, layers)
        for name, weight in model.named_parameters()
        if not torch.equal(weight, before[name])
    }
    assert changed == {layers, layers + 1}


def test_each_depth_has_its_learning_rate_and_the_first_group_the_peak(tiny_bert_name):
    _, model = load_classifier(tiny_bert_name, labels=["a", "b"], seed=0, device="cpu")
    layers = model.config.num_hidden_layers
    training = start_training(
        model, learning_rate=1e-3, steps=10, layers=layers, layer_decay=0.5, warm_up=0.0
    )
    groups = training.optimizer.param_groups
    assert groups[0]["lr"] == pytest.approx(1e-3)
    rates = {id(weight): group["lr"] for group in groups for weight in group["params"]}
    for depth, weights in by_depth(model, layers).items():
        for weight in weights:
            assert rates[id(weight)] == pytest.approx(1e-3 * 0.5 ** (layers + 1 - depth))


@pytest.mark.parametrize(
    "settings",
    [Settings(strategy="top"), Settings(strategy="gradual"), Settings(layer_decay=0.9)],
)
def test_layers_that_share_their_weights_are_refused(settings, tmp_path):
    folder = save_tiny_model("albert", tmp_path / "albert")
    with pytest.raises(InputError, match="share their weights"):
        resolve(settings, AutoConfig.from_pretrained(folder))
