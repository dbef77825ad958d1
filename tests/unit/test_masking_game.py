"""The masking game on one sentence: its draws, its losses, its counts."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from bertlab.errors import InputError, ModelError
from bertlab.inspection.masking_game import Asked, count_kinds, draw_masks, mean_loss, play
from bertlab.pretraining.data.masking import (
    KEPT,
    NOT_CHOSEN,
    REPLACED_BY_MASK,
    REPLACED_BY_RANDOM,
)
from bertlab.pretraining.tensors import vocabulary_of
from bertlab.tokenization.encoding import encode

TEXT = "the cat sat on the mat."  # seven pieces and two special ones
LONG = " ".join([TEXT] * 4)


def game(loaded, text=TEXT, pair=None, **options):
    encoded = encode(loaded.tokenizer, text, pair)
    return draw_masks(loaded.tokenizer, encoded, vocabulary_of(loaded.tokenizer), **options)


def with_bias(loaded, **odds):
    """A model whose answer is the same everywhere: a piece's odds against each other piece."""
    model = copy.deepcopy(loaded.model)
    with torch.no_grad():
        model.cls.predictions.decoder.weight.zero_()
        model.cls.predictions.decoder.bias.zero_()
        for piece, value in odds.items():
            index = loaded.tokenizer.convert_tokens_to_ids(piece)
            model.cls.predictions.decoder.bias[index] = math.log(value)
    return replace(loaded, model=model)


def test_a_draw_changes_chosen_tokens_alone_and_by_their_kind(tiny_bert):
    kinds = set()
    mask_id = tiny_bert.tokenizer.mask_token_id
    for seed in range(60):
        draw = game(tiny_bert, LONG, seed=seed, share=0.3)
        assert len(draw.chosen) == round(0.3 * 28)
        for i, kind in enumerate(draw.kinds):
            original, read = draw.encoded.token_ids[i], draw.token_ids[i]
            assert (read == mask_id) == (kind == REPLACED_BY_MASK)
            assert kind == REPLACED_BY_RANDOM or read in (original, mask_id)
            assert kind == NOT_CHOSEN or not draw.encoded.is_special[i]
        kinds |= set(draw.kinds)
        assert list(draw.tokens) == tiny_bert.tokenizer.convert_ids_to_tokens(draw.token_ids)
    assert kinds == {NOT_CHOSEN, REPLACED_BY_MASK, REPLACED_BY_RANDOM, KEPT}


def test_the_same_seed_gives_the_same_draw_and_another_one_another(tiny_bert):
    assert game(tiny_bert, LONG, seed=3) == game(tiny_bert, LONG, seed=3)
    assert len({game(tiny_bert, LONG, seed=seed).chosen for seed in range(9)}) > 1


def test_whole_words_are_chosen_with_all_their_pieces(tiny_bert):
    for seed in range(20):
        draw = game(tiny_bert, "happyly cat", seed=seed, share=0.4, whole_words=True)
        assert draw.encoded.tokens[1:-1] == ("happy", "##ly", "cat")
        assert draw.chosen in ((1, 2), (3,))


def test_a_blind_model_loses_the_logarithm_of_its_vocabulary(tiny_bert):
    size = len(tiny_bert.tokenizer)
    asked = play(with_bias(tiny_bert), game(tiny_bert, LONG, seed=0, share=0.5))
    assert len(asked) == 14
    for one in asked:
        assert one.probability == pytest.approx(1 / size)
        assert one.loss == pytest.approx(math.log(size))
        assert one.rank == 1  # nothing is likelier
    assert mean_loss(asked) == pytest.approx(math.log(size))


def test_a_piece_that_has_half_of_the_belief_loses_ln_2_wherever_it_is_asked_about(tiny_bert):
    """Odds of V - 1 against each of V - 1 others: "the" has 1/2, every other piece 1/2(V - 1)."""
    size = len(tiny_bert.tokenizer)
    loaded = with_bias(tiny_bert, the=size - 1)
    seen = set()
    for seed in range(40):
        for one in play(loaded, game(tiny_bert, LONG, seed=seed, share=0.5)):
            is_the = one.original == "the"
            expected = 0.5 if is_the else 0.5 / (size - 1)
            assert one.probability == pytest.approx(expected)
            assert one.loss == pytest.approx(-math.log(expected))
            assert (one.best, one.best_probability) == ("the", pytest.approx(0.5))
            assert one.rank == (1 if is_the else 2)
            seen.add((one.kind, is_the))
    assert len(seen) == 6  # a random or kept piece is asked about like one behind [MASK]


def test_the_probabilities_are_those_of_the_model_on_the_changed_ids(tiny_bert):
    draw = game(tiny_bert, TEXT, "she likes it", seed=1, share=0.5)
    ids = torch.tensor([draw.token_ids])
    segments = torch.tensor([draw.encoded.token_type_ids])
    with torch.inference_mode():
        logits = tiny_bert.model(input_ids=ids, token_type_ids=segments).logits[0]
    for one in play(tiny_bert, draw):
        row = logits[one.position].double().softmax(-1)
        expected = row[draw.encoded.token_ids[one.position]].item()
        assert one.probability == pytest.approx(expected, rel=1e-4)
        assert one.seen == draw.tokens[one.position]
        assert one.original == draw.encoded.tokens[one.position]


def test_the_mean_is_that_of_the_losses():
    rows = [Asked(i, 1, "a", "[MASK]", 0.5, loss, 1, "a", 0.5) for i, loss in enumerate((0.5, 1.5))]
    assert mean_loss(rows) == 1.0


def test_a_thousand_draws_follow_the_rule(tiny_bert):
    encoded = encode(tiny_bert.tokenizer, LONG)
    counts = count_kinds(encoded, vocabulary_of(tiny_bert.tokenizer), seed=0, share=0.25)
    assert (counts.draws, counts.available, counts.chosen) == (1_000, 28, 7_000)
    # standard deviations of 7,000 throws: 33 of 5,600 and 25 of 700; five of them are never left
    expected = {REPLACED_BY_MASK: 5_600, REPLACED_BY_RANDOM: 700, KEPT: 700}
    for kind, number in expected.items():
        assert abs(counts.of_kind[kind] - number) < 5 * math.sqrt(number)


@pytest.mark.parametrize("text", ["", "[MASK]", "[MASK] [MASK]"])
def test_a_text_with_nothing_to_choose_says_so(tiny_bert, text):
    with pytest.raises(InputError, match="Type some words"):
        game(tiny_bert, text, seed=0)


def test_a_model_without_a_head_says_so(tiny_bert):
    with pytest.raises(ModelError, match="no masked-LM head"):
        play(replace(tiny_bert, has_mlm_head=False), game(tiny_bert, seed=0))


def test_a_typed_mask_is_never_chosen(tiny_bert):
    for seed in range(20):
        draw = game(tiny_bert, "the [MASK] sat", seed=seed, share=1.0)
        assert draw.chosen == (1, 3)
        assert np.array(draw.token_ids)[2] == tiny_bert.tokenizer.mask_token_id
