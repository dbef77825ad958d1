"""Projection, cosines, neighbours and positions: small cases worked out by hand."""

import numpy as np
import pytest
import torch
from tiny_models import save_tiny_model

from bertlab.errors import InputError
from bertlab.inspection.bundled_sentences import Sentence, bundled_sentences
from bertlab.inspection.embeddings.neighbours import cosines_to, find_neighbours, largest_by_chance
from bertlab.inspection.embeddings.positions import compare_positions, position_similarity
from bertlab.inspection.embeddings.projection import project
from bertlab.inspection.embeddings.similarity import cosines_by_depth, random_baseline
from bertlab.inspection.trace import run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.models.folders import model_folder
from bertlab.observations.embeddings import (
    has_neighbours,
    knows_order,
    neighbours_notice,
    origin_notices,
    positions_notice,
)
from bertlab.pretraining.record import read_record
from bertlab.tokenization.encoding import encode

# --- projection ----------------------------------------------------------------------------------


def test_points_on_a_line_keep_all_of_their_spread():
    found = project(np.array([[[0.0, 0, 0], [1, 1, 1]]]))
    assert np.abs(found.points[0, :, 0]) == pytest.approx([np.sqrt(3) / 2] * 2)
    assert found.points[0, :, 1] == pytest.approx([0, 0])
    assert found.explained == pytest.approx([1.0])


def test_a_box_by_hand():
    """Corners of 6 x 4 x 2: the plane holds 9 + 4 of 9 + 4 + 1."""
    corners = np.array([[x, y, z] for x in (-3, 3) for y in (-2, 2) for z in (-1, 1)], dtype=float)
    found = project(corners[None])
    assert found.explained == pytest.approx([13 / 14])
    assert np.abs(found.points[0]) == pytest.approx(np.tile([3.0, 2.0], (8, 1)))
    assert found.reach == pytest.approx(3.0)


def test_a_layer_that_only_turns_does_not_move():
    """Rotated, mirrored, shifted, and with its two axes changed over: the same picture."""
    generator = np.random.default_rng(0)
    points = generator.normal(size=(9, 4)) * [5, 4.9, 0.1, 0.1]
    turn, _ = np.linalg.qr(generator.normal(size=(4, 4)))
    stretched = points * [1.0, 1.05, 1.0, 1.0]  # now the second axis is the longer one
    found = project(np.stack([points, points @ turn + 7.0, -points, stretched]))
    for depth in (1, 2):
        np.testing.assert_allclose(found.points[depth], found.points[0], atol=1e-9)
    np.testing.assert_allclose(found.points[3], found.points[0], atol=0.6)


def test_turning_keeps_distances():
    vectors = np.random.default_rng(1).normal(size=(3, 7, 5))
    found = project(vectors)
    for depth in range(3):
        centred = vectors[depth] - vectors[depth].mean(0)
        expected = (np.linalg.svd(centred, compute_uv=False)[:2] ** 2).sum()
        assert (found.points[depth] ** 2).sum() == pytest.approx(expected)


@pytest.mark.parametrize("count", [1, 2])
def test_few_points_are_no_error(count):
    found = project(np.random.default_rng(2).normal(size=(2, count, 5)))
    assert found.points.shape == (2, count, 2)
    assert np.isfinite(found.points).all()
    assert np.isfinite(found.explained).all()


# --- cosines -------------------------------------------------------------------------------------


def test_cosines_by_hand():
    states = np.array([[[1.0, 0], [1, 1]], [[2, 0], [-3, 0]]])  # (depth, token, hidden)
    assert cosines_by_depth(states, 0, 1) == pytest.approx([np.sqrt(0.5), -1.0])
    assert cosines_by_depth(states, 1, 1) == pytest.approx([1.0, 1.0])


def test_the_baseline_is_about_pairs_of_different_sentences(tiny_bert):
    """Two sentences of one word each leave one pair: its cosine, without any spread."""
    found = random_baseline(tiny_bert, [Sentence("cat"), Sentence("dog")], pairs=20)
    cat, dog = (
        run_trace(tiny_bert, encode(tiny_bert.tokenizer, text)).hidden_states[:, 1]
        for text in ("cat", "dog")
    )
    expected = cosines_by_depth(np.stack([cat, dog], axis=1), 0, 1)
    assert found.means == pytest.approx(expected, abs=1e-5)
    assert found.high == pytest.approx(found.low, abs=1e-5)
    assert (found.pairs, found.sentences) == (20, 2)


def test_the_baseline_is_seeded_and_needs_two_sentences(tiny_bert):
    sentences = [Sentence("the cat sat"), Sentence("a dog", "it was bad"), Sentence("we loved it")]
    first, again = (random_baseline(tiny_bert, sentences, pairs=50) for _ in range(2))
    np.testing.assert_array_equal(first.means, again.means)
    assert (first.low <= first.means).all()
    assert (first.means <= first.high).all()
    with pytest.raises(InputError, match="two sentences"):
        random_baseline(tiny_bert, sentences[:1])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_there_are_bundled_sentences_for_it(tiny_bert, language):
    assert random_baseline(tiny_bert, bundled_sentences(language), pairs=10).pairs == 10


# --- neighbours ----------------------------------------------------------------------------------


def test_cosines_of_a_table_by_hand():
    table = torch.tensor([[1.0, 0], [2, 0], [0, 3], [-1, 0], [0, 0]])
    assert cosines_to(table, 0).tolist() == pytest.approx([1, 1, 0, -1, 0])


def test_chunks_make_no_difference(monkeypatch):
    table = torch.randn(50, 8, generator=torch.Generator().manual_seed(0))
    whole = cosines_to(table, 3)
    monkeypatch.setattr("bertlab.inspection.embeddings.neighbours.CHUNK", 7)
    torch.testing.assert_close(cosines_to(table, 3), whole)


@pytest.mark.parametrize("family", ALLOWED_FAMILIES)
def test_every_family_has_neighbours_and_positions(models_root, family):
    save_tiny_model(family, models_root / family)
    loaded = load_model(family)
    found = find_neighbours(loaded, 6, top_k=4)
    table = loaded.model.get_input_embeddings().weight
    expected = torch.nn.functional.cosine_similarity(table, table[6:7]).tolist()
    others = sorted(((c, i) for i, c in enumerate(expected) if i != 6), reverse=True)
    assert [n.token_id for n in found.nearest] == [i for _, i in others[:4]]
    assert found.nearest[0].cosine == pytest.approx(others[0][0], abs=1e-5)
    assert found.mean == pytest.approx(np.mean([c for c, _ in others]), abs=1e-5)
    similarity = compare_positions(loaded)
    assert similarity.positions == tuple(range(64))  # RoBERTa's first two rows are no positions
    assert np.diagonal(similarity.cosines) == pytest.approx(np.ones(64))


def test_an_id_outside_the_vocabulary_is_refused(tiny_bert):
    with pytest.raises(InputError, match="no token with the id"):
        find_neighbours(tiny_bert, 10**6)


def test_chance_is_near_what_random_directions_give():
    generator = torch.Generator().manual_seed(1)
    table = torch.randn(16_000, 256, generator=generator)
    largest = [float(cosines_to(table, row).topk(2).values[1]) for row in range(20)]
    assert np.mean(largest) == pytest.approx(largest_by_chance(16_000, 256), rel=0.03)


def test_chance_by_hand():
    """n = 16,000: b = sqrt(2 x 9.6803) = 4.4001, less (2.2701 + 2.5310) / 8.8003; over 16."""
    assert largest_by_chance(16_000, 256) == pytest.approx(0.2409, abs=5e-5)


def test_what_was_put_into_the_tables_is_said_from_the_record():
    """The English mini's word table had a teacher; both minis' later positions had a start."""
    english, chinese = (
        origin_notices(read_record(model_folder(f"bertlab-mini-{language}")))
        for language in ("en", "zh")
    )
    assert "word table was pulled towards that of all-MiniLM-L6-v2" in english[0]
    assert "taught the first 64 positions" in english[1]
    assert "rotation" in english[1]
    assert len(chinese) == 1
    assert "taught the first 64 positions" in chinese[0]
    assert origin_notices(None) == []


def test_no_neighbour_of_random_rows_stands_out(tiny_bert):
    found = find_neighbours(tiny_bert, 6)
    assert not has_neighbours(found)
    assert neighbours_notice(found).startswith("No input embedding is clearly near")


def test_the_embedded_models_neighbours_stand_out(mini):
    river = mini.tokenizer.convert_tokens_to_ids("river")
    found = find_neighbours(mini, river)
    assert has_neighbours(found)
    assert "rivers" in neighbours_notice(found)


# --- positions -----------------------------------------------------------------------------------


def test_three_positions_by_hand():
    found = position_similarity(np.array([[1.0, 0], [0, 1], [-1, 0]]))
    assert found.cosines == pytest.approx(np.array([[1, 0, -1], [0, 1, 0], [-1, 0, 1]]))
    assert (found.next, found.far, found.step) == pytest.approx((0.0, -1.0, 1))


def test_many_positions_are_thinned_or_cut():
    rows = np.random.default_rng(0).normal(size=(300, 8))
    whole, first = position_similarity(rows), position_similarity(rows, is_whole=False)
    assert whole.positions == tuple(range(0, 300, 3))
    assert whole.step == 3
    assert first.positions == tuple(range(128))
    assert first.step == 1
    assert whole.next == first.next  # over all positions, whatever is drawn
    assert whole.cosines[1, 2] == pytest.approx(first.cosines[3, 6])


def test_order_is_claimed_of_learned_positions_alone(mini, tiny_bert):
    assert knows_order(compare_positions(mini))
    random = compare_positions(tiny_bert)
    assert not knows_order(random)
    assert "not clearly more alike" in positions_notice(random)
