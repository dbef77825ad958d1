"""What the hooks saw recombines to what the model computed, in every family."""

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_model

from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.models.modules import find_parts
from bertlab.tokenization.encoding import encode, position_offset_of

TEXT = "the cat sat on the mat."


@pytest.fixture(params=ALLOWED_FAMILIES)
def loaded(request, models_root):
    save_tiny_model(request.param, models_root / request.param)
    return load_model(request.param)


@pytest.fixture
def trace(loaded):
    offset = position_offset_of(loaded.config)
    encoded = encode(loaded.tokenizer, TEXT, position_offset=offset)
    return run_trace(loaded, encoded, masked=[2], is_opened=True)


def close(ours, expected):
    np.testing.assert_allclose(ours, expected, atol=2e-5)


def norm(module, vectors):
    with torch.no_grad():
        return module(torch.tensor(vectors)).numpy()


def test_attention_is_the_softmax_of_the_scaled_products(trace):
    blocks = trace.blocks
    scores = blocks.query @ blocks.key.swapaxes(-1, -2) / np.sqrt(blocks.head_size)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    close(weights / weights.sum(-1, keepdims=True), trace.attention)


def test_the_context_is_the_weighted_values_side_by_side(trace):
    heads = trace.attention @ trace.blocks.value  # (layers, heads, token, head size)
    side_by_side = heads.transpose(0, 2, 1, 3).reshape(trace.blocks.context.shape)
    close(side_by_side, trace.blocks.context)


def test_each_layer_is_put_together_from_its_blocks(loaded, trace):
    blocks = trace.blocks
    before = [blocks.projected, *trace.hidden_states[1:]]
    for layer, part in enumerate(find_parts(loaded.model).layers):
        middle = norm(part.attention_norm, before[layer] + blocks.attention_output[layer])
        close(middle, blocks.attention_norm[layer])
        after = norm(part.output_norm, middle + blocks.feed_forward[layer])
        close(after, trace.hidden_states[layer + 1])


def test_the_embedding_is_the_sum_of_its_tables(loaded, trace):
    blocks, tables = trace.blocks, find_parts(loaded.model).embeddings
    types = 0 if blocks.token_types is None else blocks.token_types
    close(blocks.words + blocks.positions + types, blocks.embedding_sum)
    close(norm(tables.norm, blocks.embedding_sum), blocks.embedding_norm)
    assert (blocks.token_types is None) == (loaded.config.model_type == "distilbert")
    table = tables.words.weight.detach().numpy()
    close(blocks.words, table[list(trace.token_ids)])


def test_the_head_on_the_last_layer_gives_the_logits(loaded, trace):
    head = find_parts(loaded.model).mlm_head
    with torch.no_grad():
        logits = head(torch.tensor(trace.hidden_states[-1][[2]])).numpy()
    close(logits, trace.logits)


def test_an_opened_trace_is_the_same_trace(loaded, trace):
    plain = run_trace(loaded, trace.encoded, masked=[2])
    assert plain.blocks is None
    for name in ("hidden_states", "attention", "logits"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(trace, name))


def test_only_albert_shares_its_layers(loaded):
    assert find_parts(loaded.model).shares_layers == (loaded.config.model_type == "albert")


def test_no_hook_stays_on_the_model(loaded, trace):
    def count():
        modules = list(loaded.model.modules())
        return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in modules)

    before = count()  # transformers leaves its own
    with loaded.lock:
        run_trace(loaded, trace.encoded, is_opened=True)
    assert count() == before
    assert not any(len(m._forward_pre_hooks) for m in loaded.model.modules())
