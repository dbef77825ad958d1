"""The last layer for the first token alone: the same logits and gradients, and less to do."""

import pytest
import torch
from tiny_models import save_tiny_model

from bertlab.finetuning.strategies.first_token import read_first_token_alone
from bertlab.finetuning.strategies.lora import add_adapters
from bertlab.models import load_classifier

IDS = torch.tensor([[2, 5, 6, 7, 8, 3], [2, 9, 3, 0, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]])
LIKE_BERT = ["bert", "roberta", "xlm-roberta", "electra"]


def classifier(family, folder, attention="sdpa"):
    save_tiny_model(family, folder / "tiny")
    _, model = load_classifier("tiny", labels=["a", "b"], seed=0, device="cpu")
    model.set_attn_implementation(attention)
    return model.eval()  # no dropout: two passes give the same numbers


def logits_and_gradients(model):
    model.zero_grad()
    logits = model(input_ids=IDS, attention_mask=MASK).logits
    (logits[:, 0] * torch.tensor([1.0, -2.0])).sum().backward()
    return logits, {n: w.grad for n, w in model.named_parameters() if w.grad is not None}


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("family", LIKE_BERT)
def test_logits_and_gradients_stay(family, attention, models_root):
    model = classifier(family, models_root, attention)
    before, wanted = logits_and_gradients(model)
    assert read_first_token_alone(model)
    after, gradients = logits_and_gradients(model)
    assert torch.allclose(after, before, atol=1e-5)
    assert set(gradients) == set(wanted)
    for name, gradient in gradients.items():
        assert torch.allclose(gradient, wanted[name], atol=1e-4), name


@pytest.mark.parametrize("family", LIKE_BERT)
def test_one_token_leaves_the_last_layer_and_the_weights_keep_their_names(family, models_root):
    model = classifier(family, models_root)
    names = list(model.state_dict())
    seen = []
    last, below = model.base_model.encoder.layer[-1], model.base_model.encoder.layer[-2]
    below.register_forward_hook(lambda module, given, states: seen.append(states.shape))
    last.intermediate.register_forward_hook(lambda module, given, _: seen.append(given[0].shape))
    read_first_token_alone(model)
    model(input_ids=IDS, attention_mask=MASK)
    assert seen == [(2, 6, 32), (2, 1, 32)]
    assert list(model.state_dict()) == names


@pytest.mark.parametrize("family", ["distilbert", "albert"])
def test_other_families_stay_as_they_are(family, models_root):
    model = classifier(family, models_root)
    before, _ = logits_and_gradients(model)
    assert not read_first_token_alone(model)
    assert torch.equal(logits_and_gradients(model)[0], before)


def test_dropout_is_on_while_the_model_learns(models_root):
    model = classifier("bert", models_root)
    read_first_token_alone(model)
    layer = model.base_model.encoder.layer[-1]
    torch.manual_seed(0)  # of so few weights two draws may be alike
    layer.attention.self.dropout.p = 0.5  # of the attention weights alone
    states = torch.randn(1, 6, 32)
    assert torch.equal(layer(states), layer(states))
    layer.attention.self.train()
    assert not torch.allclose(layer(states), layer(states))


def test_adapters_in_the_last_layer_take_part(models_root):
    model = classifier("bert", models_root)
    read_first_token_alone(model)
    before = model(input_ids=IDS, attention_mask=MASK).logits
    adapted = add_adapters(model, rank=2).eval()
    for name, weight in adapted.named_parameters():
        if "layer.1" in name and "lora_B" in name:
            torch.nn.init.ones_(weight)
    assert not torch.allclose(adapted(input_ids=IDS, attention_mask=MASK).logits, before)


def test_a_model_in_bfloat16_takes_the_mask(models_root):
    for attention in ("sdpa", "eager"):
        model = classifier("bert", models_root, attention)
        whole = model(input_ids=IDS, attention_mask=MASK).logits
        read_first_token_alone(model)
        with torch.autocast("cpu", torch.bfloat16):
            half = model(input_ids=IDS, attention_mask=MASK).logits
        assert torch.allclose(half.float(), whole, atol=0.05)
