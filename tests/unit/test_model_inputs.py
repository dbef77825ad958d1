"""Rows become padded tensors, and every family is given only what it takes."""

import pytest
import torch
from tiny_models import save_bert_tokenizer, save_tiny_model

from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.models.collate import model_inputs, pad, rows_of
from bertlab.tokenization.encoding import encode

ROWS = {"input_ids": [[2, 10, 11, 3], [2, 3]], "token_type_ids": [[0, 0, 1, 1], [0, 0]]}
PADDED = [[2, 10, 11, 3], [2, 3, 0, 0]]
MASK = [[1, 1, 1, 1], [1, 1, 0, 0]]


def load(family, models_root):
    save_tiny_model(family, models_root / family)
    return load_model(family, device="cpu")


def listed(given):
    return {name: tensor.tolist() for name, tensor in given.items()}


def test_rows_are_padded_with_a_mask_and_segments(tiny_bert):
    assert listed(model_inputs(tiny_bert, ROWS)) == {
        "input_ids": PADDED,
        "attention_mask": MASK,
        "token_type_ids": [[0, 0, 1, 1], [0, 0, 0, 0]],
    }


def test_a_mask_that_is_given_counts(tiny_bert):
    given = model_inputs(tiny_bert, {**ROWS, "attention_mask": [[1, 1, 0, 1], [1, 1]]})
    assert given["attention_mask"].tolist() == [[1, 1, 0, 1], [1, 1, 0, 0]]


def test_distilbert_has_no_segments_whatever_its_tokenizer_knows(models_root):
    save_bert_tokenizer(save_tiny_model("distilbert", models_root / "distilbert"))
    loaded = load_model("distilbert", device="cpu")
    assert "token_type_ids" in loaded.tokenizer.model_input_names
    assert listed(model_inputs(loaded, ROWS)) == {"input_ids": PADDED, "attention_mask": MASK}


def test_roberta_is_padded_with_its_own_id_and_has_no_segments(models_root):
    loaded = load("roberta", models_root)
    given = listed(model_inputs(loaded, ROWS))
    assert given == {"input_ids": [[2, 10, 11, 3], [2, 3, 1, 1]], "attention_mask": MASK}


@pytest.mark.parametrize("family", ALLOWED_FAMILIES)
def test_every_family_takes_what_it_is_given(family, models_root):
    loaded = load(family, models_root)
    inputs = [encode(loaded.tokenizer, *texts) for texts in (("a cat", "the mat"), ("a", None))]
    given = model_inputs(loaded, rows_of(inputs))
    with torch.inference_mode():
        states = loaded.encoder(**given).last_hidden_state
        loaded.model(**given)
    assert states.shape[:2] == (2, len(inputs[0].tokens))


def test_other_ids_take_the_place_of_an_inputs_own(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "a cat", "the mat")
    ids = [[7] * len(encoded.tokens), [8] * len(encoded.tokens)]
    given = model_inputs(tiny_bert, {**rows_of([encoded] * 2), "input_ids": ids})
    assert given["input_ids"].tolist() == ids
    assert given["token_type_ids"].tolist() == [list(encoded.token_type_ids)] * 2


def test_pad():
    assert pad([[5, 6], (7,), []], 9) == [[5, 6], [7, 9], [9, 9]]
