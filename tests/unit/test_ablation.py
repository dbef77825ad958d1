"""A head that a hook turns off is a head whose weights are zero, in every family."""

import copy
import gc
import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_model

from bertlab.errors import InputError
from bertlab.inspection.ablation.ablation import Ablation, run_ablated, skipping
from bertlab.inspection.ablation.cloze import last_words
from bertlab.inspection.ablation.head_means import HeadMeans, head_means
from bertlab.inspection.ablation.prediction_shift import moved_answers
from bertlab.inspection.bundled_sentences import Sentence
from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.models.modules import find_parts
from bertlab.tokenization.encoding import encode, position_offset_of

TEXT = "the cat sat on the mat."
WIDTH = 16  # of a head: hidden 32, two heads


@pytest.fixture(params=ALLOWED_FAMILIES)
def loaded(request, models_root):
    save_tiny_model(request.param, models_root / request.param)
    return load_model(request.param)


def read(loaded, text=TEXT):
    return encode(loaded.tokenizer, text, position_offset=position_offset_of(loaded.config))


def logits(loaded, *heads, skipped=(), **options):
    ablation = Ablation(frozenset(heads), frozenset(skipped), options.pop("kind", "zero"))
    return run_ablated(loaded, read(loaded), ablation, masked=[2], **options).logits


def with_zeroed_columns(loaded, *heads):
    """A copy of the model whose W^O does not read these heads: no hook in sight."""
    twin = replace(loaded, model=copy.deepcopy(loaded.model))
    for layer, head in heads:
        weight = find_parts(twin.model).layers[layer].attention_output.weight
        weight.data[:, head * WIDTH : (head + 1) * WIDTH] = 0.0
    return run_trace(twin, read(loaded), masked=[2]).logits


def test_the_model_is_held_for_as_long_as_its_heads_are_off(loaded, monkeypatch):
    """Without its lock another student's trace would run through the same hooks."""
    taken = []

    def take_it():
        taken.append(loaded.lock.acquire(blocking=False))
        if taken[-1]:
            loaded.lock.release()

    def watched(*given, **options):
        other = threading.Thread(target=take_it)
        other.start()
        other.join()
        return run_trace(*given, **options)

    monkeypatch.setattr("bertlab.inspection.ablation.ablation.run_trace", watched)
    logits(loaded, (0, 0))
    take_it()
    assert taken == [False, True]  # in the meantime, and afterwards


def test_a_hook_does_what_zeroed_weights_do(loaded):
    # One W^O for both layers: both lose the head.
    heads = [(0, 1), (1, 1)] if find_parts(loaded.model).shares_layers else [(1, 0)]
    found = logits(loaded, *heads)
    np.testing.assert_allclose(found, with_zeroed_columns(loaded, *heads), atol=1e-5)
    assert np.abs(found - logits(loaded)).max() > 1e-3


def test_a_shared_layer_loses_a_head_in_one_round_only(loaded):
    one, other, both = (
        logits(loaded, (0, 1)),
        logits(loaded, (1, 1)),
        logits(loaded, (0, 1), (1, 1)),
    )
    assert len({row.tobytes() for row in (one, other, both)}) == 3


def test_nothing_off_is_the_plain_pass(loaded):
    plain = run_trace(loaded, read(loaded), masked=[2])
    np.testing.assert_array_equal(logits(loaded), plain.logits)


def test_a_layer_of_silent_heads_adds_the_bias_alone(loaded):
    ablation = Ablation(frozenset({(0, 0), (0, 1)}))
    part = find_parts(loaded.model).layers[0]
    seen = []
    handle = part.attention_output.register_forward_hook(lambda *args: seen.append(args[2]))
    run_ablated(loaded, read(loaded), ablation)
    handle.remove()
    bias = part.attention_output.bias
    torch.testing.assert_close(seen[0][0], bias.expand_as(seen[0][0]))


def test_a_skipped_layer_gives_back_what_it_was_given(loaded):
    ablation = Ablation(skipped=frozenset({1}))
    trace = run_ablated(loaded, read(loaded), ablation, masked=[2])
    np.testing.assert_array_equal(trace.hidden_states[2], trace.hidden_states[1])
    plain = run_trace(loaded, read(loaded), masked=[2])
    np.testing.assert_array_equal(trace.hidden_states[1], plain.hidden_states[1])
    with torch.inference_mode():  # its answer is the head's on the layer before
        hidden = torch.tensor(plain.hidden_states[1][[2]])
        expected = find_parts(loaded.model).mlm_head(hidden).numpy()
    np.testing.assert_allclose(trace.logits, expected, atol=1e-5)


def test_the_mean_of_one_sentence_is_the_mean_of_its_contexts(loaded):
    (question,) = last_words(loaded, [Sentence(TEXT)])
    trace = run_trace(loaded, question.encoded, masked=question.masked, is_opened=True)
    means = head_means(loaded, [question])
    np.testing.assert_allclose(means.context, trace.blocks.context.mean(axis=1), atol=1e-6)
    assert (means.sentences, means.tokens) == (1, len(question.encoded.tokens))


def test_the_mean_counts_tokens_not_sentences(loaded):
    questions = last_words(loaded, [Sentence(TEXT), Sentence("the cat")])
    both = head_means(loaded, questions)
    alone = [head_means(loaded, [question]) for question in questions]
    weights = [one.tokens / both.tokens for one in alone]
    expected = sum(w * one.context for w, one in zip(weights, alone, strict=True))
    np.testing.assert_allclose(both.context, expected, atol=1e-6)


def test_a_mean_of_zero_is_zero_ablation(loaded):
    nothing = HeadMeans(np.zeros((2, 32), dtype=np.float32), 1, 1)
    found = logits(loaded, (0, 0), kind="mean", means=nothing)
    np.testing.assert_array_equal(found, logits(loaded, (0, 0)))


def test_a_head_at_its_mean_adds_what_its_columns_make_of_the_mean(loaded):
    """No hook in sight: W^O does not read the head, and its bias has W^O's columns times the mean.

    The means are drawn at random, other ones for each layer and each column.
    """
    mean = np.random.default_rng(3).normal(size=(2, 32)).astype(np.float32)
    if find_parts(loaded.model).shares_layers:  # one W^O for both rounds: both have the same mean
        mean[1], heads = mean[0], [(0, 1), (1, 1)]
    else:
        heads = [(1, 1)]
    twin = replace(loaded, model=copy.deepcopy(loaded.model))
    output = find_parts(twin.model).layers[heads[-1][0]].attention_output
    columns = output.weight.data[:, WIDTH:].clone()  # of head 1
    output.bias.data += columns @ torch.tensor(mean[1, WIDTH:])
    output.weight.data[:, WIDTH:] = 0.0
    expected = run_trace(twin, read(loaded), masked=[2]).logits
    found = logits(loaded, *heads, kind="mean", means=HeadMeans(mean, 1, 1))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.abs(found - logits(loaded, *heads)).max() > 1e-3


def test_a_pass_that_is_over_leaves_nothing_of_a_skipped_layer(tiny_bert):
    """The hidden states of a long input, one for each layer, were kept to the block's end."""
    parts = find_parts(tiny_bert.model)
    given = []
    watch = parts.layers[0].query.register_forward_pre_hook(
        lambda _, args: given.append(weakref.ref(args[0]))
    )
    words = torch.tensor([read(tiny_bert).token_ids])
    with torch.inference_mode(), skipping(parts, frozenset({0})):
        tiny_bert.model(input_ids=words)
        watch.remove()
        gc.collect()
        assert [one() for one in given] == [None]


@pytest.mark.parametrize(
    ("ablation", "complaint"),
    [
        (Ablation(frozenset({(2, 0)})), "no head 2.0: layers go from 0 to 1, heads from 0 to 1"),
        (Ablation(frozenset({(0, -1)})), "no head 0.-1"),
        (Ablation(skipped=frozenset({5})), "no layer 5"),
        (Ablation(frozenset({(0, 0)}), kind="mean"), "compute the means first"),
    ],
)
def test_what_is_not_there_is_refused(tiny_bert, ablation, complaint):
    with pytest.raises(InputError, match=complaint):
        run_ablated(tiny_bert, read(tiny_bert), ablation)


def test_no_hook_stays_and_the_weights_are_as_before(loaded):
    before = {name: weight.clone() for name, weight in loaded.model.state_dict().items()}
    with pytest.raises(InputError):
        run_ablated(loaded, read(loaded), Ablation(frozenset({(0, 0)})), masked=[99])
    logits(loaded, (0, 0), skipped=[1])
    assert not any(module._forward_pre_hooks for module in loaded.model.modules())
    for name, weight in loaded.model.state_dict().items():
        assert torch.equal(weight, before[name])
    assert not loaded.model.training


def test_moved_answers_hold_the_watched_word(tiny_bert):
    encoded = read(tiny_bert)
    before = run_trace(tiny_bert, encoded, masked=[2])
    after = run_ablated(tiny_bert, encoded, Ablation(frozenset({(0, 0)})), masked=[2])
    worst = int(before.logits[0].argmin())
    moved = moved_answers(tiny_bert, before, after, position=2, word=worst, top_k=2)
    assert moved.watched in moved.answers
    assert 3 <= len(moved.answers) <= 5
    p, q = (np.exp(trace.logits[0].astype(float)) for trace in (before, after))
    p, q = p / p.sum(), q / q.sum()
    assert moved.watched.first == pytest.approx(p[worst])
    assert moved.change == pytest.approx(np.log(q[worst] / p[worst]))
    assert moved.distance == pytest.approx(np.maximum(q - p, 0).sum())
    assert [answer.first for answer in moved.answers] == sorted(
        (answer.first for answer in moved.answers), reverse=True
    )
