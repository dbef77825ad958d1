"""One forward pass with everything seen on the way, held against transformers itself."""

import threading

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_bert
from transformers import AutoModelForMaskedLM

from bertlab.errors import InputError
from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.tokenization.encoding import encode

TEXT = "The cat sat on the mat."


def independent_pass(loaded, token_ids, token_type_ids):
    model = AutoModelForMaskedLM.from_pretrained(
        str(loaded.info.folder), dtype=torch.float32, attn_implementation="eager"
    ).eval()
    with torch.no_grad():
        return model(
            input_ids=torch.tensor([token_ids]),
            token_type_ids=torch.tensor([token_type_ids]),
            output_attentions=True,
            output_hidden_states=True,
        )


@pytest.mark.parametrize("which", ["mini", "tiny_bert"])
@pytest.mark.parametrize("pair", [None, "we loved it"])
def test_a_trace_equals_an_independent_pass(which, pair, request):
    loaded = request.getfixturevalue(which)
    encoded = encode(loaded.tokenizer, TEXT, pair)
    trace = run_trace(loaded, encoded, masked=[2])
    expected = independent_pass(loaded, trace.token_ids, encoded.token_type_ids)
    for layer in range(trace.layers):
        torch.testing.assert_close(
            torch.tensor(trace.attention[layer]), expected.attentions[layer][0]
        )
    for layer in range(trace.layers + 1):
        torch.testing.assert_close(
            torch.tensor(trace.hidden_states[layer]), expected.hidden_states[layer][0]
        )
    torch.testing.assert_close(torch.tensor(trace.logits), expected.logits[0, [2]])


def test_the_shapes_are_those_of_the_model(mini):
    encoded = encode(mini.tokenizer, TEXT)
    trace = run_trace(mini, encoded)
    tokens, config = len(encoded.tokens), mini.config
    assert (trace.layers, trace.heads) == (config.num_hidden_layers, config.num_attention_heads)
    assert trace.attention.shape == (trace.layers, trace.heads, tokens, tokens)
    assert trace.hidden_states.shape == (trace.layers + 1, tokens, config.hidden_size)
    assert trace.logits.shape == (0, config.vocab_size)
    assert trace.attention.dtype == trace.hidden_states.dtype == trace.logits.dtype == np.float32


def test_attention_rows_sum_to_one(mini):
    trace = run_trace(mini, encode(mini.tokenizer, TEXT, "A second one!"))
    np.testing.assert_allclose(trace.attention.sum(axis=-1), 1, atol=1e-5)
    assert trace.attention.min() >= 0


def test_masks_in_the_text_and_masks_put_there_are_both_masked(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the [MASK] sat on")  # [CLS] the [MASK] sat on [SEP]
    trace = run_trace(tiny_bert, encoded, masked=[4])
    assert trace.masked == (2, 4)
    assert trace.encoded.token_ids == encoded.token_ids
    mask = tiny_bert.tokenizer.mask_token_id
    assert trace.token_ids == (*encoded.token_ids[:4], mask, encoded.token_ids[5])


def test_a_filling_goes_over_a_mask(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the [MASK] sat")
    cat = tiny_bert.tokenizer.convert_tokens_to_ids("cat")
    trace = run_trace(tiny_bert, encoded, masked=[3], filled={2: cat})
    assert trace.masked == (3,)
    plain = run_trace(tiny_bert, encode(tiny_bert.tokenizer, "the cat sat"), masked=[3])
    assert trace.token_ids == plain.token_ids
    np.testing.assert_array_equal(trace.logits, plain.logits)


@pytest.mark.parametrize("position", [-1, 5, 400])
def test_a_position_outside_the_input_is_refused(position, tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the cat sat")  # positions 0 to 4
    with pytest.raises(InputError, match=f"no token {position}: positions go from 0 to 4"):
        run_trace(tiny_bert, encoded, masked=[position])


@pytest.mark.parametrize("token_id", [-1, 10**6])
def test_an_id_outside_the_vocabulary_is_refused(token_id, tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the cat sat")
    with pytest.raises(InputError, match=f"no token with the id {token_id}"):
        run_trace(tiny_bert, encoded, filled={1: token_id})


def test_all_positions_can_be_used_and_no_more(tiny_bert):
    most = tiny_bert.config.max_position_embeddings
    longest = encode(tiny_bert.tokenizer, "cat " * (most - 2))
    assert run_trace(tiny_bert, longest).attention.shape[-1] == most == tiny_bert.max_tokens
    too_long = encode(tiny_bert.tokenizer, "cat " * (most - 1))
    with pytest.raises(InputError, match=f"{most + 1} tokens.*at most {most}"):
        run_trace(tiny_bert, too_long)


def test_a_very_long_text_is_refused_by_a_model_with_many_positions(models_root):
    save_tiny_bert(models_root / "long", max_position_embeddings=2_000)
    loaded = load_model("long")
    with pytest.raises(InputError, match=r"1,002 tokens.*at most 512"):
        run_trace(loaded, encode(loaded.tokenizer, "cat " * 1_000))


def test_a_trace_leaves_the_model_as_it_was(tiny_bert):
    before = {name: weight.clone() for name, weight in tiny_bert.model.state_dict().items()}
    run_trace(tiny_bert, encode(tiny_bert.tokenizer, TEXT), masked=[1])
    after = tiny_bert.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not tiny_bert.model.training


def test_a_trace_waits_while_another_has_hooks_on_the_model(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, TEXT)
    undisturbed = run_trace(tiny_bert, encoded)
    traces = []
    thread = threading.Thread(target=lambda: traces.append(run_trace(tiny_bert, encoded)))
    with tiny_bert.lock:
        embeddings = tiny_bert.encoder.embeddings
        hook = embeddings.register_forward_hook(lambda module, args, output: output * 0)
        thread.start()
        thread.join(timeout=0.3)
        assert not traces
        hook.remove()
    thread.join()
    np.testing.assert_array_equal(traces[0].hidden_states, undisturbed.hidden_states)
