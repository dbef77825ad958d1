"""Guess first: a guess is looked up in the answers; probabilities are worked out by hand."""

import numpy as np
import pytest
from tiny_models import save_tiny_model

from bertlab.errors import InputError, ModelError
from bertlab.inspection.masked_words import score_guess
from bertlab.inspection.trace import Trace
from bertlab.models import load_model
from bertlab.tokenization.encoding import encode


def trace_of(loaded, text: str, position: int, parts: dict[str, float]) -> Trace:
    """A trace in which each named piece gets that many parts of the probability, others none."""
    row = np.full((1, loaded.config.vocab_size), -100.0, dtype=np.float32)
    for piece, share in parts.items():
        row[0, loaded.tokenizer.convert_tokens_to_ids(piece)] = np.log(share)
    encoded = encode(loaded.tokenizer, text)
    return Trace(encoded, encoded.token_ids, (position,), np.zeros(0), np.zeros(0), row)


def test_rank_and_probability_by_hand(tiny_bert):
    trace = trace_of(tiny_bert, "the cat sat", 2, {"dog": 5, "mat": 2, "cat": 1})  # of 8 parts
    guess = score_guess(tiny_bert, trace, 2, "mat")
    assert (guess.token, guess.rank) == ("mat", 2)
    assert guess.probability == pytest.approx(0.25)


def test_case_and_blanks_around_do_not_matter_to_an_uncased_model(tiny_bert):
    trace = trace_of(tiny_bert, "the cat sat", 2, {"dog": 3, "mat": 1})
    assert score_guess(tiny_bert, trace, 2, "  DOG ").token == "dog"


@pytest.mark.parametrize("guess", ["", "   ", "😀", "the cat", "happily", "\x07"])
def test_what_one_blank_cannot_hold_is_explained(tiny_bert, guess):
    trace = trace_of(tiny_bert, "the cat sat", 2, {"dog": 1})
    with pytest.raises(InputError, match="a blank holds one piece"):
        score_guess(tiny_bert, trace, 2, guess)


def test_the_pieces_of_a_longer_word_are_shown(tiny_bert):
    trace = trace_of(tiny_bert, "the cat sat", 2, {"dog": 1})
    with pytest.raises(InputError, match="un ##happy"):
        score_guess(tiny_bert, trace, 2, "unhappy")


def test_half_a_surrogate_pair_is_refused_in_words(tiny_bert):
    trace = trace_of(tiny_bert, "the cat sat", 2, {"dog": 1})
    with pytest.raises(InputError, match="surrogate"):
        score_guess(tiny_bert, trace, 2, "\ud800")


def test_a_model_without_a_head_says_so(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the cat sat")
    trace = Trace(encoded, encoded.token_ids, (2,), np.zeros(0), np.zeros(0), None)
    with pytest.raises(ModelError, match="no masked-LM head"):
        score_guess(tiny_bert, trace, 2, "dog")


def test_byte_level_pieces_are_taken_with_or_without_the_blank_before_them(models_root):
    """RoBERTa writes a word within a sentence as "Ġa": a guess "a" means that one too."""
    save_tiny_model("roberta", models_root / "roberta")
    loaded = load_model("roberta", device="cpu")
    trace = trace_of(loaded, "x y", 1, {"Ġa": 3, "a": 1})
    guess = score_guess(loaded, trace, 1, "a")
    assert (guess.token, guess.rank) == ("Ġa", 1)
    assert guess.probability == pytest.approx(0.75)
