"""A word in many sentences: found where a person would find it, its vectors those of a trace."""

import numpy as np
import pytest
from tiny_models import save_tiny_model

from bertlab.errors import InputError
from bertlab.inspection.embeddings.occurrences import LONGEST, covering, find_occurrences, find_word
from bertlab.inspection.embeddings.vectors import hidden_states_of
from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.tokenization.encoding import encode, position_offset_of

SENTENCES = ("the cat sat on the mat.", "we loved it", "a very good film and a bad cat!")


@pytest.fixture(params=ALLOWED_FAMILIES)
def loaded(request, models_root):
    save_tiny_model(request.param, models_root / request.param)
    return load_model(request.param)


def test_a_batch_gives_what_one_sentence_alone_gives(loaded):
    """Padding changes nothing, in any family."""
    offset = position_offset_of(loaded.config)
    inputs = [encode(loaded.tokenizer, text, position_offset=offset) for text in SENTENCES]
    for encoded, states in zip(inputs, hidden_states_of(loaded, inputs), strict=True):
        np.testing.assert_allclose(states, run_trace(loaded, encoded).hidden_states, atol=2e-5)


def test_the_vector_is_the_mean_of_the_words_pieces(loaded):
    found = find_occurrences(loaded, "cat", SENTENCES)
    assert found.found == (0, 2)
    for place, index in enumerate(found.found):
        text = SENTENCES[index]
        offset = position_offset_of(loaded.config)
        encoded = encode(loaded.tokenizer, text, position_offset=offset)
        positions = covering(encoded, text.index("cat"), text.index("cat") + 3)
        assert found.pieces[place] == tuple(encoded.tokens[p] for p in positions)
        expected = run_trace(loaded, encoded).hidden_states[:, positions].mean(axis=1)
        np.testing.assert_allclose(found.vectors[:, place], expected, atol=2e-5)


def test_a_word_of_several_pieces_is_their_mean(tiny_bert):
    found = find_occurrences(tiny_bert, "unhappy", ["I was unhappy."])
    assert found.pieces == (("un", "##happy"),)
    states = run_trace(tiny_bert, encode(tiny_bert.tokenizer, "I was unhappy.")).hidden_states
    np.testing.assert_allclose(found.vectors[:, 0], states[:, [3, 4]].mean(axis=1), atol=1e-5)


@pytest.mark.parametrize(
    ("text", "word", "place"),
    [
        ("Banks bank here", "bank", (6, 10)),
        ("The BANK.", "bank", (4, 8)),
        ("riverbank", "bank", None),
        ("他买苹果了", "苹果", (2, 4)),
        ("C++ is", "C++", (0, 3)),
        ("a.b", ".", (1, 2)),
        ("bank bank", "bank", (0, 4)),
    ],
)
def test_words_are_found_as_a_person_finds_them(text, word, place):
    assert find_word(text, word) == place


def test_special_tokens_cover_nothing(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the cat")
    assert covering(encoded, 0, 3) == [1]
    assert covering(encoded, 2, 5) == [1, 2]


def test_a_word_beyond_the_end_of_what_is_read_is_not_found(tiny_bert):
    far = "the " * LONGEST + "cat"
    assert find_occurrences(tiny_bert, "cat", [far, "a cat"]).found == (1,)


def test_no_word_and_no_sentence_are_told(tiny_bert):
    with pytest.raises(InputError, match="no word"):
        find_occurrences(tiny_bert, " ", SENTENCES)
    with pytest.raises(InputError, match="None of the sentences holds the word “dog”"):
        find_occurrences(tiny_bert, "dog", SENTENCES)


def test_progress_reaches_the_end(tiny_bert):
    done = []
    inputs = [encode(tiny_bert.tokenizer, "a cat")] * 5
    list(hidden_states_of(tiny_bert, inputs, batch_size=2, on_progress=done.append))
    assert done == [2, 4, 5]
