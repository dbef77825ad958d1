"""Attributions against what can be worked out apart from them."""

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_model

from bertlab.inspection.ablation.attribution import (
    LARGEST_ERROR,
    Target,
    gradients_times_input,
    integrated_gradients,
    occlusion,
)
from bertlab.inspection.ablation.explanations import METHODS, explain
from bertlab.inspection.masked_lm import softmax
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


def target_of(loaded, text=TEXT, position=2):
    offset = position_offset_of(loaded.config)
    encoded = encode(loaded.tokenizer, text, position_offset=offset)
    trace = run_trace(loaded, encoded, masked=[position])
    return trace, Target(encoded, trace.token_ids, position, encoded.token_ids[position])


def log_probability(loaded, trace, target, masked):
    again = run_trace(loaded, trace.encoded, masked=sorted({target.position, *masked}))
    row = again.logits[again.masked.index(target.position)]
    return np.log(softmax(row)[target.word])


def test_occlusion_is_one_more_mask(loaded):
    trace, target = target_of(loaded)
    told = []
    values = occlusion(loaded, target, progress=lambda *done: told.append(done))
    whole = log_probability(loaded, trace, target, [])
    for i in range(len(values)):
        lost = whole - log_probability(loaded, trace, target, [i])
        assert values[i] == pytest.approx(lost, abs=1e-4)
    assert values[target.position] == 0.0
    assert told[-1] == (len(values) + 1, len(values) + 1)


def test_gradients_are_the_slope_of_the_word_table(loaded):
    """Scaling one token's embedding by 1 + e moves ln p by e times its value, to first order."""
    trace, target = target_of(loaded)
    values = gradients_times_input(loaded, target)
    words, epsilon = find_parts(loaded.model).embeddings.words, 1e-2
    for i in (0, 1, len(values) - 1):

        def scale(_, __, output, i=i, by=1.0):
            factors = torch.ones(output.shape[1], 1)
            factors[i] = by
            return output * factors

        found = []
        for by in (1 + epsilon, 1 - epsilon):
            handle = words.register_forward_hook(lambda *args, by=by: scale(*args, by=by))
            found.append(log_probability(loaded, trace, target, []))
            handle.remove()
        slope = (found[0] - found[1]) / (2 * epsilon)
        assert values[i] == pytest.approx(slope, abs=5e-3)


def test_integrated_gradients_are_complete(loaded):
    trace, target = target_of(loaded)
    found = integrated_gradients(loaded, target)
    every = range(len(target.token_ids))
    whole = log_probability(loaded, trace, target, []) - log_probability(
        loaded, trace, target, every
    )
    assert found.whole == pytest.approx(whole, abs=1e-4)
    assert found.values.sum() == pytest.approx(whole, abs=LARGEST_ERROR * max(0.1, abs(whole)))
    assert found.is_complete
    assert found.error < LARGEST_ERROR
    assert found.values[target.position] == 0.0  # a mask is its own baseline


def test_the_way_begins_where_special_tokens_are_masked_too(mini):
    """ln p of nothing but masks is another number than with [CLS] and [SEP] in sight."""
    trace, target = target_of(mini)
    count = len(target.token_ids)
    here = log_probability(mini, trace, target, [])
    all_masked = here - log_probability(mini, trace, target, range(count))
    words_masked = here - log_probability(mini, trace, target, range(1, count - 1))
    found = integrated_gradients(mini, target)
    assert found.whole == pytest.approx(all_masked, abs=1e-4)
    assert abs(all_masked - words_masked) > 0.1


def test_points_go_to_where_the_answer_jumps(mini):
    """The embedded model's way has a step in it, which even points miss by far."""
    text = "The sleepless elephant walked slowly towards the river."
    _, target = target_of(mini, text, 9)
    found = integrated_gradients(mini, target)
    assert found.is_complete
    assert 32 < found.points < 200


def test_gradients_leave_no_trace_on_the_model(loaded):
    _, target = target_of(loaded)
    integrated_gradients(loaded, target)
    assert not any(weight.requires_grad for weight in loaded.model.parameters())
    assert all(weight.grad is None for weight in loaded.model.parameters())
    words = find_parts(loaded.model).embeddings.words
    assert not words._forward_hooks


def test_four_methods_side_by_side(loaded):
    trace, target = target_of(loaded)
    told = set()
    found = explain(
        loaded, trace, target.position, target.word, told=lambda method, *_: told.add(method)
    )
    assert set(found.values) == set(METHODS)
    assert told == {"occlusion", "integrated"}
    assert found.values["rollout"].sum() == pytest.approx(1.0)
    assert target.position not in found.ranked
    assert len(found.ranked) == len(target.token_ids) - 1
    np.testing.assert_allclose(np.diag(found.correlation), 1.0)
    np.testing.assert_allclose(found.correlation, found.correlation.T)
    first, second = (
        np.argsort(np.argsort(np.abs(found.values[name][list(found.ranked)])))
        for name in ("occlusion", "gradients")
    )  # no ties here
    assert found.correlation[0, 1] == pytest.approx(np.corrcoef(first, second)[0, 1])


def test_too_few_tokens_have_no_order(tiny_bert):
    trace, target = target_of(tiny_bert, "cat", 1)
    found = explain(tiny_bert, trace, 1, target.word)
    assert np.isnan(found.correlation[0, 1])
    assert found.correlation[0, 0] == 1.0
