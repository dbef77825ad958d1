"""Rollout by hand on three tokens."""

import numpy as np
import pytest

from bertlab.inspection.heads.rollout import rollout, rollout_of

# one head a layer; token 0 looks at 1, 1 at 2, 2 at itself; then all look at token 0
FIRST = [[0, 1, 0], [0, 0, 1], [0, 0, 1]]
SECOND = [[1, 0, 0], [1, 0, 0], [1, 0, 0]]


def test_two_layers_by_hand():
    followed = rollout(np.array([[FIRST], [SECOND]], dtype=np.float32))
    np.testing.assert_allclose(followed[0], [[0.5, 0.5, 0], [0, 0.5, 0.5], [0, 0, 1]])
    # A_hat_1 = [[1, 0, 0], [.5, .5, 0], [.5, 0, .5]]; times R_0:
    expected = [[0.5, 0.5, 0], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]]
    np.testing.assert_allclose(followed[1], expected)


def test_heads_are_averaged_first():
    both = rollout(np.array([[FIRST, SECOND]], dtype=np.float32))
    # the mean of the two heads is [[.5, .5, 0], [.5, 0, .5], [.5, 0, .5]]
    np.testing.assert_allclose(both[0], [[0.75, 0.25, 0], [0.25, 0.5, 0.25], [0.25, 0, 0.75]])


@pytest.fixture
def attention():
    weights = np.random.default_rng(0).random((4, 3, 7, 7)).astype(np.float32)
    return weights / weights.sum(axis=-1, keepdims=True)


def test_rows_sum_to_one(attention):
    np.testing.assert_allclose(rollout(attention).sum(axis=-1), 1.0, atol=1e-12)


def test_one_token_alone_is_the_same_row(attention):
    whole = rollout(attention)
    for token in range(7):
        np.testing.assert_allclose(rollout_of(attention, token), whole[:, token], atol=1e-12)
