"""The head at every layer: the model's own answer at the last one, by hand at the others."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_model

from bertlab.errors import InputError, ModelError
from bertlab.inspection.layers import (
    DepthAnswer,
    LensGrid,
    counted_positions,
    default_watched,
    depth_name,
    grid_positions,
    read_depths,
    read_grid,
    settled_from,
    watchable_pieces,
)
from bertlab.inspection.masked_lm import Prediction, predict_blanks, softmax
from bertlab.inspection.trace import logits_at, run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.observations.layers import climbs, lens_notices
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


def test_the_last_depth_is_the_models_own_answer(loaded, trace):
    answers = read_depths(loaded, trace, 2, watched=trace.encoded.token_ids[2])
    (blank,) = predict_blanks(loaded, trace)
    last = answers[-1]
    assert [p.token_id for p in last.predictions] == [p.token_id for p in blank.predictions]
    assert last.watched.rank == blank.original.rank
    for ours, theirs in zip(last.predictions, blank.predictions, strict=True):
        assert ours.probability == pytest.approx(theirs.probability, rel=1e-4)
    assert last.watched.probability == pytest.approx(blank.original.probability, rel=1e-4)


def test_a_token_in_sight_is_answered_as_the_model_answers_it(loaded, trace):
    (last,) = logits_at(loaded, trace.encoded, [3], filled={2: loaded.tokenizer.mask_token_id})
    expected = softmax(last)
    answers = read_depths(loaded, trace, 3, watched=7)
    assert answers[-1].predictions[0].token_id == expected.argmax()
    assert answers[-1].watched.probability == pytest.approx(expected[7], rel=1e-4)


def test_depth_0_is_what_goes_into_the_first_layer(loaded, trace):
    """ALBERT's and ELECTRA's embeddings are narrower than their layers: projected ones count."""
    np.testing.assert_allclose(trace.hidden_states[0], trace.blocks.projected, atol=1e-6)
    answers = read_depths(loaded, trace, 2, watched=5)
    assert [a.depth for a in answers] == list(range(trace.layers + 1))


def test_rank_and_probability_are_those_of_the_head_by_hand(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, TEXT)
    trace = run_trace(tiny_bert, encoded, masked=[2])
    watched = tiny_bert.tokenizer.convert_tokens_to_ids("dog")
    answers = read_depths(tiny_bert, trace, 2, watched=watched)
    for depth, answer in enumerate(answers):
        with torch.no_grad():
            logits = tiny_bert.model.cls(torch.tensor(trace.hidden_states[depth, 2]))
        chances = torch.softmax(logits, -1)
        assert answer.watched.probability == pytest.approx(float(chances[watched]), rel=1e-4)
        assert answer.watched.rank == int((logits > logits[watched]).sum()) + 1
        assert answer.predictions[0].token_id == int(logits.argmax())
        assert answer.predictions[0].rank == 1


def test_the_grid_has_the_same_first_answers(loaded, trace):
    grid = read_grid(loaded, trace, [1, 2, 3])
    assert grid.probabilities.shape == (trace.layers + 1, 3)
    for column, position in enumerate(grid.positions):
        for depth, answer in enumerate(read_depths(loaded, trace, position, watched=5)):
            assert grid.answers[depth][column] == answer.predictions[0].token
            expected = pytest.approx(answer.predictions[0].probability, rel=1e-4)
            assert grid.probabilities[depth, column] == expected


def test_agreement_counts_the_tokens_with_the_last_answer():
    grid = LensGrid((5, 6), (("a", "b"), ("a", "c"), ("a", "c")), np.ones((3, 2)))
    assert grid.agreements([5, 6]) == (1, 2, 2)
    assert grid.agreements([6]) == (0, 1, 1)
    assert grid.agreements([]) == (0, 0, 0)


def test_masks_count_and_added_tokens_do_not(tiny_bert):
    trace = run_trace(tiny_bert, encode(tiny_bert.tokenizer, "the [MASK] sat"))
    assert counted_positions(trace, range(5)) == (1, 2, 3)


def test_a_long_text_shows_a_stretch_round_the_token():
    assert grid_positions(5, 2) == (0, 1, 2, 3, 4)
    assert grid_positions(100, 0, at_most=4) == (0, 1, 2, 3)
    assert grid_positions(100, 50, at_most=4) == (48, 49, 50, 51)
    assert grid_positions(100, 99, at_most=4) == (96, 97, 98, 99)


def test_depths_have_the_names_of_the_layers():
    assert [depth_name(d) for d in range(3)] == ["embedding", "layer 0", "layer 1"]


@pytest.mark.parametrize(("first", "depth"), [("abccc", 2), ("abc", 2), ("aaa", 0), ("aba", 2)])
def test_from_where_on_the_answer_stays(first, depth):
    assert settled_from([answer(d, ord(c)) for d, c in enumerate(first)]) == depth


def test_words_are_cut_as_the_tokenizer_cuts_them(tiny_bert):
    ids = tiny_bert.tokenizer.convert_tokens_to_ids
    assert watchable_pieces(tiny_bert, " Cat ") == (ids("cat"),)
    assert watchable_pieces(tiny_bert, "cats") == (ids("cat"), ids("##s"))
    assert watchable_pieces(tiny_bert, "##ly") == (ids("##ly"),)
    assert watchable_pieces(tiny_bert, "[MASK]") == (ids("[MASK]"),)
    for bad in ("", "  ", "☃"):
        with pytest.raises(InputError, match="cannot spell"):
            watchable_pieces(tiny_bert, bad)


def test_every_family_can_watch_a_word(loaded):
    pieces = watchable_pieces(loaded, "cat")
    assert pieces
    assert all(0 <= i < loaded.config.vocab_size for i in pieces)


def test_the_hidden_word_is_watched_first(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, "the cat [MASK]")
    trace = run_trace(tiny_bert, encoded, masked=[2])
    assert default_watched(tiny_bert, trace, 1) == encoded.token_ids[1]
    assert default_watched(tiny_bert, trace, 2) == encoded.token_ids[2]  # hidden by a click
    own = predict_blanks(tiny_bert, trace)[1].predictions[0].token_id
    assert default_watched(tiny_bert, trace, 3) == own  # typed: nothing is known to be hidden


def test_a_model_without_a_head_is_refused(tiny_bert):
    trace = run_trace(tiny_bert, encode(tiny_bert.tokenizer, TEXT))
    with pytest.raises(ModelError, match="no masked-LM head"):
        read_depths(replace(tiny_bert, has_mlm_head=False), trace, 1, watched=5)


# --- what is said --------------------------------------------------------------------------------


def answer(depth: int, token_id: int, *, rank: int = 1) -> DepthAnswer:
    first = Prediction(chr(token_id), token_id, 0.5, 1)
    return DepthAnswer(depth, (first,), Prediction("w", 0, 0.1, rank))


@pytest.mark.parametrize(
    ("start", "end", "is_climb"),
    [(100, 10, True), (99, 10, False), (500, 11, False), (1, 1, False)],
)
def test_a_climb_ends_among_ten_and_began_ten_times_farther_down(start, end, is_climb):
    assert climbs([answer(0, 97, rank=start), answer(1, 97, rank=end)]) == is_climb


def test_only_a_hidden_word_climbs():
    answers = [answer(0, 97, rank=400), answer(1, 98, rank=2)]
    told = {"position": 4, "vocabulary": 1000, "agreements": (1, 3), "counted": 3}
    hidden = lens_notices(answers, is_hidden=True, **told)
    assert hidden == (
        "The hidden word “w” climbs from rank 400 at the embedding to rank 2 after layer 0.",
        "At position 4 the first answer is “b” only after layer 0.",
        "Of 3 tokens, these have the last layer's first answer: 1 at the embedding.",
    )
    seen = lens_notices(answers, is_hidden=False, **told)
    assert seen[0] == (
        "At position 4 “w” has rank 400 at the embedding and rank 2 after layer 0, of 1,000."
    )
