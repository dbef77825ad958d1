"""Padded batches give what each input alone would have, in every family; and the random twin."""

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_model

from bertlab.inspection.batched_attention import BATCH_AT_MOST, attend_all, plan_batches
from bertlab.inspection.heads.random_twin import random_twin
from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.tokenization.encoding import encode, position_offset_of

TEXTS = (("the cat sat on the mat.", None), ("a", None), ("a very good film", "and a bad movie"))


@pytest.fixture(params=ALLOWED_FAMILIES)
def loaded(request, models_root):
    save_tiny_model(request.param, models_root / request.param)
    return load_model(request.param, device="cpu")


@pytest.fixture
def inputs(loaded):
    offset = position_offset_of(loaded.config)
    return [encode(loaded.tokenizer, *text, position_offset=offset) for text in TEXTS]


def test_padding_changes_nothing(loaded, inputs):
    seen = dict(attend_all(loaded, inputs))
    assert sorted(seen) == [0, 1, 2]
    for number, weights in seen.items():
        alone = run_trace(loaded, inputs[number]).attention
        assert weights.shape == alone.shape
        np.testing.assert_allclose(weights, alone, atol=2e-6)


def test_every_input_stands_in_one_batch_beside_its_like():
    lengths = [9, 3, 9, 4, *[5] * 40, 500]
    batches = plan_batches(lengths)
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    assert max(map(len, batches)) == BATCH_AT_MOST
    assert batches[-1] == [44]  # alone: 250,000 cells
    assert [lengths[i] for batch in batches for i in batch] == sorted(lengths)


def test_the_twin_has_the_architecture_and_other_weights(loaded, inputs):
    before = {name: weight.clone() for name, weight in loaded.model.state_dict().items()}
    twin = random_twin(loaded)
    shapes = {name: weight.shape for name, weight in loaded.encoder.state_dict().items()}
    own = {name: weight.shape for name, weight in twin.model.state_dict().items()}
    assert {name: own.get(name) for name in shapes} == shapes
    assert twin.tokenizer is loaded.tokenizer
    assert twin.lock is not loaded.lock
    assert not twin.model.training
    assert not any(w.requires_grad for w in twin.model.parameters())
    (_, ours), (_, other) = next(attend_all(loaded, inputs)), next(attend_all(twin, inputs))
    assert ours.shape == other.shape
    assert np.abs(ours - other).max() > 1e-4
    for name, weight in loaded.model.state_dict().items():
        assert torch.equal(weight, before[name])


def test_the_twin_depends_on_its_seed_alone(tiny_bert):
    torch.manual_seed(7)
    state = torch.get_rng_state()
    first, again, other = (random_twin(tiny_bert, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), state)
    words = [twin.model.get_input_embeddings().weight for twin in (first, again, other)]
    assert torch.equal(words[0], words[1])
    assert not torch.equal(words[0], words[2])
    assert words[0].std().item() == pytest.approx(tiny_bert.config.initializer_range, rel=0.1)
