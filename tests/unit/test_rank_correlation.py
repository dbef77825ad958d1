"""Spearman's rank correlation, worked out by hand; attention rollout of two layers, too."""

import numpy as np
import pytest

from bertlab.inspection.ablation.explanations import correlations
from bertlab.inspection.heads.rollout import rollout


def spearman(first, second) -> float:
    return float(correlations([first, second])[0, 1])


def test_by_the_formula_without_ties():
    """1 - 6 sum d^2 / (n (n^2 - 1)): d = 1, 1, 2, 0, 2 -> 1 - 6 * 10 / 120."""
    first = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    second = np.array([0.2, 0.1, 0.5, 0.4, 0.3])  # ranks 2, 1, 5, 4, 3
    assert spearman(first, second) == pytest.approx(0.5)
    assert spearman(first, -second) == pytest.approx(-0.5)
    assert spearman(first, np.exp(9 * first)) == pytest.approx(1.0)


def test_by_hand_with_ties():
    """Ranks 1.5, 1.5, 3, 4 and 1, 2, 3.5, 3.5: less their mean -1 -1 0.5 1.5, -1.5 -0.5 1 1.

    Products 1.5 + 0.5 + 0.5 + 1.5 = 4; squares 4.5 and 4.5.
    """
    assert spearman(np.array([7.0, 7, 8, 9]), np.array([0.0, 1, 2, 2])) == pytest.approx(4 / 4.5)


def test_a_list_of_equals_has_no_order():
    assert np.isnan(spearman(np.ones(4), np.arange(4.0)))


def test_each_with_each():
    up, down, flat = np.arange(4.0), -np.arange(4.0), np.zeros(4)
    table = correlations([up, down, flat])
    assert table[0, 1] == table[1, 0] == pytest.approx(-1.0)
    assert np.isnan(table[0, 2])
    assert np.diag(table).tolist() == [1.0, 1.0, 1.0]


def test_rollout_of_two_layers_by_hand():
    """Half of "look at the other" and half of staying put: [[.5, .5], [.5, .5]] in each layer."""
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    stay = np.eye(2)
    found = rollout(np.array([[stay, swap], [swap, swap]]))  # layer 0: mean [[.5 .5], [.5 .5]]
    np.testing.assert_allclose(found[0], [[0.75, 0.25], [0.25, 0.75]])
    np.testing.assert_allclose(found[1], [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_allclose(found.sum(axis=-1), 1.0)
