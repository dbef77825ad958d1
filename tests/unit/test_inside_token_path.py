"""Every block of a token's path recombines in every family; a number that is changed is found."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_model

from bertlab.errors import InputError, ModelError
from bertlab.inspection.masked_lm import predict_blanks
from bertlab.inspection.token_path.mixing import Attend, FeedForward
from bertlab.inspection.token_path.mlm_head import open_head
from bertlab.inspection.token_path.path import check_block, follow_token, path_answers
from bertlab.inspection.trace import logits_at, run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.observations.token_path import block_words, path_notices, place_name
from bertlab.tokenization.encoding import encode, position_offset_of

TEXT = "the cat sat on the mat."


@pytest.fixture(params=ALLOWED_FAMILIES)
def loaded(request, models_root):
    save_tiny_model(request.param, models_root / request.param)
    return load_model(request.param)


def opened(loaded, *, masked=(2,)):
    encoded = encode(loaded.tokenizer, TEXT, position_offset=position_offset_of(loaded.config))
    return run_trace(loaded, encoded, masked=masked, is_opened=True)


@pytest.mark.parametrize("position", [0, 2, 4])
def test_every_block_recombines(loaded, position):
    path = follow_token(loaded, opened(loaded), position)
    for block in path.blocks:
        check = check_block(block)
        assert check.is_met, (block.name, check)
        assert check.deviation <= 5e-5 or block.kind == "feed_forward"


def test_the_blocks_stand_in_the_order_of_the_model(loaded):
    path = follow_token(loaded, opened(loaded), 2)
    family = loaded.config.model_type
    tables = ["words", "positions"] + (["segments"] if family != "distilbert" else [])
    projection = ["projection"] if family in ("albert", "electra") else []
    layers = [
        f"l{layer}.{kind}"
        for layer in range(2)
        for kind in ("attention", "attention_norm", "feed_forward", "output")
    ]
    head = ["head.transform", "head.norm", "head.logits", "head.probabilities"]
    expected = ["piece", *tables, "sum", "norm", *projection, *layers, *head]
    assert list(path.names) == expected
    assert path.shares_layers == (family == "albert")
    assert path.is_masked
    assert path.has_head


def test_each_block_hands_on_what_the_next_one_takes(loaded):
    """The path is a chain: what leaves a block comes into the next."""
    trace = opened(loaded)
    path = follow_token(loaded, trace, 4)
    for layer in range(2):
        attention, norm, feed, output = (
            path[f"l{layer}.{kind}"]
            for kind in ("attention", "attention_norm", "feed_forward", "output")
        )
        came_in, found = norm.operation.inputs
        np.testing.assert_array_equal(came_in.values, attention.operation.inputs[0].values)
        np.testing.assert_array_equal(found.values, attention.values)
        np.testing.assert_array_equal(feed.operation.inputs[0].values, norm.values)
        np.testing.assert_array_equal(output.operation.inputs[0].values, norm.values)
        np.testing.assert_array_equal(output.values, trace.hidden_states[layer + 1, 4])
    np.testing.assert_allclose(
        path["l0.attention"].operation.inputs[0].values, trace.hidden_states[0, 4], atol=1e-6
    )


def test_the_answer_is_the_one_of_the_lesson_on_masked_words(loaded):
    trace = opened(loaded)
    answers = path_answers(loaded, follow_token(loaded, trace, 2))
    (blank,) = predict_blanks(loaded, trace)
    assert [a.token_id for a in answers] == [p.token_id for p in blank.predictions]
    for ours, theirs in zip(answers, blank.predictions, strict=True):
        assert ours.probability == pytest.approx(theirs.probability, rel=1e-6)


def test_the_answer_of_a_token_that_is_not_masked_is_the_models(loaded):
    trace = opened(loaded, masked=())
    path = follow_token(loaded, trace, 3)
    expected = logits_at(loaded, trace.encoded, [3])[0]
    np.testing.assert_allclose(path["head.logits"].values, expected, atol=2e-5)
    assert not path.is_masked


def test_the_head_is_taken_apart_as_it_is(loaded):
    hidden = opened(loaded).hidden_states[-1, 2]
    head = open_head(loaded, hidden)
    with torch.inference_mode():
        normed = head.norm(torch.tensor(head.activated))
        logits = head.decoder(normed)
    np.testing.assert_allclose(normed.numpy(), head.normed, atol=1e-6)
    np.testing.assert_allclose(logits.numpy(), head.logits, atol=1e-5)
    modules = list(loaded.model.modules())
    assert not any(len(module._forward_pre_hooks) for module in modules)  # none stays


@pytest.mark.parametrize("name", ["words", "sum", "norm", "l0.attention", "l1.attention_norm",
                                  "l0.feed_forward", "l1.output", "head.transform", "head.logits",
                                  "head.probabilities"])  # fmt: skip
def test_a_number_that_is_changed_is_found(tiny_bert, name):
    block = follow_token(tiny_bert, opened(tiny_bert), 2)[name]
    assert check_block(block).is_met
    wrong = block.values.copy()
    wrong[7] += 0.01
    changed = replace(block, operation=replace(block.operation, shown=wrong))
    check = check_block(changed)
    assert not check.is_met
    assert check.deviation == pytest.approx(0.01, rel=0.05)


def test_a_changed_number_on_the_way_is_found(tiny_bert):
    """Not the result alone: queries, weights, context and neurons are checked as well."""
    path = follow_token(tiny_bert, opened(tiny_bert), 2)
    for name, kind in (("l0.attention", Attend), ("l1.feed_forward", FeedForward)):
        block = path[name]
        assert isinstance(block.operation, kind)
        inner = {"query", "keys", "values", "weights", "context", "intermediate"}
        for field in fields(block.operation):
            if field.name in inner:
                wrong = np.array(getattr(block.operation, field.name))
                wrong += 0.01
                operation = replace(block.operation, **{field.name: wrong})
                if field.name == "keys":  # all scores shifted alike leave a softmax as it is
                    wrong[:, 0] += 0.5
                assert not check_block(replace(block, operation=operation)).is_met, field.name


def test_what_is_not_a_number_does_not_recombine(tiny_bert):
    block = follow_token(tiny_bert, opened(tiny_bert), 2)["sum"]
    wrong = block.values.copy()
    wrong[3] = np.nan
    changed = replace(block, operation=replace(block.operation, shown=wrong))
    assert not check_block(changed).is_met


def test_a_piece_of_another_id_is_found(tiny_bert):
    block = follow_token(tiny_bert, opened(tiny_bert), 3)["piece"]
    assert check_block(block).is_met
    assert block.operation.piece == "sat"
    wrong = replace(block, operation=replace(block.operation, token_id=7))
    assert not check_block(wrong).is_met


def test_the_formula_with_numbers_ends_in_the_number(loaded):
    path = follow_token(loaded, opened(loaded), 2)
    for block in path.blocks:
        for number in (0, len(block.values) - 1):
            last = block.operation.worked(number)[-1][-1]
            assert last.is_result
            assert block.operation.formula


def test_a_trace_without_blocks_and_a_wrong_position_are_refused(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, TEXT)
    with pytest.raises(InputError, match="is_opened"):
        follow_token(tiny_bert, run_trace(tiny_bert, encoded), 0)
    with pytest.raises(InputError, match="no token 99"):
        follow_token(tiny_bert, opened(tiny_bert), 99)
    with pytest.raises(ModelError, match="no masked-LM head"):
        open_head(replace(tiny_bert, has_mlm_head=False), opened(tiny_bert).hidden_states[-1, 0])


def test_without_a_head_the_path_ends_at_the_last_hidden_state(tiny_bert):
    path = follow_token(replace(tiny_bert, has_mlm_head=False), opened(tiny_bert), 2)
    assert path.names[-1] == "l1.output"
    assert not path.has_head
    assert path_answers(tiny_bert, path) == ()


def test_the_longest_input_is_followed(mini):
    encoded = encode(mini.tokenizer, "word " * 600, max_length=512)
    path = follow_token(mini, run_trace(mini, encoded, is_opened=True), 300)
    assert all(check_block(block).is_met for block in path.blocks)


# --- what is said --------------------------------------------------------------------------------


def test_the_words_know_the_family(loaded):
    path = follow_token(loaded, opened(loaded), 2)
    said = {block.name: block_words(path, block) for block in path.blocks}
    family = loaded.config.model_type
    assert ("share their weights" in said["l1.attention"]) == (family == "albert")
    assert ("no segment embeddings" in said["sum"]) == (family == "distilbert")
    if "segments" in said:
        assert ("a single row" in said["segments"]) == ("roberta" in family)
    if "projection" in said:
        assert "Here 16 numbers become 32." in said["projection"]
    assert "32 numbers become 64, then GELU" in said["l0.feed_forward"]
    assert "word embeddings themselves" in said["head.logits"]  # all these families tie them


def test_the_notices_count_and_name(mini):
    encoded = encode(mini.tokenizer, "Once upon a [MASK], there was a little girl.")
    trace = run_trace(mini, encoded, is_opened=True)
    (position,) = trace.masked
    path = follow_token(mini, trace, position)
    checks = [check_block(block) for block in path.blocks]
    answers = path_answers(mini, path)
    notices = path_notices(path, checks, answers)
    assert notices[0].startswith("26 of 26 blocks recombine")
    assert notices[-1].startswith(f"The path ends in “{answers[0].token}” with")
    lengths = [
        np.linalg.norm(b.operation.inputs[1].values) / np.linalg.norm(b.operation.inputs[0].values)
        for b in path.blocks
        if b.kind in ("attention_norm", "output")
    ]
    assert f"{max(lengths):.2f} times as long" in notices[1]
    unsure = [replace(answers[0], probability=0.49)]
    assert len(path_notices(path, checks, unsure)) == len(notices) - 1
    assert place_name(path["l2.attention"]) == "Layer 2 · Attention"


def test_a_token_that_is_looked_at_is_named_only_when_it_stands_out(tiny_bert):
    """Even weights name nobody; half of all weight among nine tokens does."""
    path = follow_token(tiny_bert, opened(tiny_bert), 2)
    checks = [check_block(block) for block in path.blocks]

    def said(share):
        weights = np.full((2, len(path.tokens)), (1 - share) / (len(path.tokens) - 1))
        weights[:, 5] = share
        blocks = tuple(
            replace(block, operation=replace(block.operation, weights=weights))
            if block.kind == "attention"
            else block
            for block in path.blocks
        )
        return path_notices(replace(path, blocks=blocks), checks, ())

    assert not any("attention goes to" in notice for notice in said(1 / len(path.tokens)))
    assert not any("attention goes to" in notice for notice in said(0.29))
    (notice,) = [notice for notice in said(0.5) if "attention goes to" in notice]
    assert "50.0 %" in notice
    assert f"“{path.tokens[5]}” (position 5)" in notice
