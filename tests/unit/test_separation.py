"""Separation of senses: by hand, against the formula in plain loops, and quiet where labels lie."""

from itertools import permutations

import numpy as np
import pytest

from bertlab.errors import InputError
from bertlab.inspection.embeddings.separation import (
    EXACT_AT_MOST,
    count_labellings,
    measure_separation,
    pairwise_distances,
    silhouettes,
)
from bertlab.observations.embeddings import p_text, separation_notice, stands_apart

CROSS = np.array([[[1, 0], [2, 0], [0, 1], [0, 3]]], dtype=float)  # angles 0, 0, 90, 90


def test_four_points_by_hand():
    """Own group at distance 0, the other at 1: silhouette 1; two of six labellings do as well."""
    found = measure_separation(CROSS, ["a", "a", "b", "b"])
    assert found.silhouettes == pytest.approx([1.0])
    assert (found.shuffles, found.is_exact) == (6, True)
    assert found.p_values == pytest.approx([2 / 6])
    assert found.corrected == pytest.approx([2 / 6])


def test_mixed_points_by_hand():
    """a, b at angle 0 and a, b at 90: own group at 1, the other at mean 1/2: (0.5 - 1) / 1."""
    found = measure_separation(CROSS, ["a", "b", "a", "b"])
    assert found.silhouettes == pytest.approx([-0.5])
    assert found.p_values == pytest.approx([1.0])
    assert not stands_apart(found)


def test_the_same_points_everywhere_are_no_groups():
    found = measure_separation(np.ones((2, 4, 3)), ["a", "a", "b", "b"])
    assert found.silhouettes == pytest.approx([0.0, 0.0])
    assert found.corrected == pytest.approx([1.0, 1.0])


def by_the_formula(distance, labels):
    """Rousseeuw 1987, one point after the other."""
    scores = []
    for i, own in enumerate(labels):
        means = {
            group: np.mean([distance[i, j] for j, g in enumerate(labels) if g == group and j != i])
            for group in set(labels)
        }
        near, other = means.pop(own), min(v for g, v in means.items() if g != own)
        scores.append((other - near) / max(other, near))
    return np.mean(scores)


@pytest.mark.parametrize("labels", ["aaabbb", "aabbcc", "aaaabb"])
def test_the_silhouette_is_the_formulas(labels):
    vectors = np.random.default_rng(3).normal(size=(2, 6, 5))
    found = measure_separation(vectors, list(labels))
    for depth in range(2):
        units = vectors[depth] / np.linalg.norm(vectors[depth], axis=1, keepdims=True)
        expected = by_the_formula(1 - units @ units.T, labels)
        assert found.silhouettes[depth] == pytest.approx(expected)


def test_the_exact_null_is_every_permutation():
    """All 720 orders of the labels, each labelling among them equally often."""
    vectors = np.random.default_rng(4).normal(size=(1, 6, 4))
    found = measure_separation(vectors, list("aabbcc"))
    orders = np.array(list(permutations([0, 0, 1, 1, 2, 2])))
    null = silhouettes(pairwise_distances(vectors), orders)[0]
    expected = (null >= found.silhouettes[0] - 1e-9).mean()
    assert found.shuffles == 90
    assert found.p_values[0] == pytest.approx(expected)
    assert found.low[0] == pytest.approx(np.quantile(null, 0.025), abs=0.05)


def test_labellings_are_counted():
    assert count_labellings(np.array([0, 0, 1, 1])) == 6
    assert count_labellings(np.array([0] * 8 + [1] * 8)) == 12_870 <= EXACT_AT_MOST


def test_many_points_are_shuffled_at_random_and_p_is_never_0():
    vectors = np.concatenate([np.tile([1.0, 0.0], (15, 1)), np.tile([0.0, 1.0], (15, 1))])[None]
    labels = ["a"] * 15 + ["b"] * 15
    found = measure_separation(vectors, labels)
    assert (found.shuffles, found.is_exact) == (1_000, False)
    assert found.p_values == pytest.approx([1 / 1_001])
    again = measure_separation(vectors, labels)
    np.testing.assert_array_equal(found.low, again.low)  # seeded


def test_random_labels_are_significant_one_time_in_twenty():
    """Looking at five layers included: what is corrected is the best of them."""
    generator = np.random.default_rng(5)
    hits = []
    for _ in range(200):
        vectors = generator.normal(size=(5, 8, 6))
        found = measure_separation(vectors, list("aaaabbbb"))
        hits.append(found.corrected.min() <= 0.05)
    assert np.mean(hits) <= 0.085  # 0.05, and two standard errors of 200 draws


def test_looking_at_many_layers_costs():
    vectors = np.random.default_rng(6).normal(size=(12, 10, 4))
    found = measure_separation(vectors, list("aaaaabbbbb"))
    assert (found.corrected >= found.p_values).all()
    assert (found.corrected > found.p_values).any()


def test_one_sense_or_a_lonely_sentence_is_refused():
    with pytest.raises(InputError, match="one sense only"):
        measure_separation(CROSS, ["a"] * 4)
    with pytest.raises(InputError, match="“b” has one sentence only"):
        measure_separation(CROSS, ["a", "a", "a", "b"])


# --- what is said --------------------------------------------------------------------------------


def two_depths(gain: float) -> np.ndarray:
    """Twelve points that mix at depth 0 and part at depth 1, by an angle that grows with `gain`."""
    turned = np.array([[1.0, 0.02 * i] for i in range(6)])
    apart = np.concatenate([turned, turned[:, ::-1] * gain + turned * (1 - gain)])
    mixed = np.concatenate([turned, turned])
    return np.stack([mixed, apart])


def test_context_must_add_to_what_the_embedding_has():
    labels = list("aaaaaabbbbbb")
    parted = measure_separation(two_depths(1.0), labels)
    assert stands_apart(parted)
    told = separation_notice("w", parted)
    assert told.startswith("The senses of “w” stand apart most after layer 0: silhouette 1.00")
    from_the_start = measure_separation(two_depths(1.0)[[1, 1]], labels)
    assert from_the_start.corrected[0] < 0.05
    assert not stands_apart(from_the_start)
    assert "may explain it" in separation_notice("w", from_the_start)
    mixed = measure_separation(two_depths(0.0), labels)
    assert "do not stand apart more than shuffled labels do" in separation_notice("w", mixed)


def test_small_p_values_are_written_as_such():
    assert p_text(measure_separation(CROSS, ["a", "a", "b", "b"]), 0) == "p = 0.333"
