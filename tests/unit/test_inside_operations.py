"""Each operation against arithmetic done by hand."""

import math

import numpy as np
import pytest

from bertlab.inspection.token_path.mixing import Attend, FeedForward
from bertlab.inspection.token_path.operations import (
    Affine,
    Linear,
    Lookup,
    Norm,
    Part,
    Softmax,
    Spelling,
    Sum,
    activation_name,
    digits,
)


def vector(*numbers):
    return np.array(numbers, dtype=np.float32)


def recombined(operation):
    return operation.steps()[-1].recombined


def read(line):
    return " ".join(term.text for term in line)


def test_a_sum_by_hand():
    parts = (Part("word", vector(1, 2)), Part("position", vector(0.5, -4)))
    operation = Sum(parts, vector(1.5, -2))
    np.testing.assert_allclose(recombined(operation), [1.5, -2])
    assert operation.formula == "x = w + p"
    assert [read(line) for line in operation.worked(1)] == ["2.0000 + −4.0000 = −2.0000"]


def test_a_norm_by_hand():
    """[1, 3] + [1, 3] = [2, 6]: mean 4, variance 4, so [-1, 1]; times 2, plus 10."""
    parts = (Part("came in", vector(1, 3)), Part("attention", vector(1, 3)))
    operation = Norm(parts, vector(2, 2), vector(10, 10), 0.0, vector(8, 12))
    np.testing.assert_allclose(recombined(operation), [8, 12])
    added, normed = operation.worked(0)
    assert read(added) == "1.0000 + 1.0000 = 2.0000"
    assert read(normed) == "( 2.0000 − 4.0000 ) / √4.0000 × 2.0000 + 10.00 = 8.0000"
    alone = Norm(parts[:1], vector(1, 1), vector(0, 0), 0.0, vector(-1, 1))
    assert len(alone.worked(0)) == 1
    assert "h + z" not in alone.formula


def test_a_linear_layer_by_hand():
    """Row 0: 2 x 3 + 0.5 x 4 + 1 = 9; row 1: -3 - 8 + 0 = -11, after ReLU 0."""
    affine = Affine(np.array([[2, 0.5], [-1, -2]], dtype=np.float32), vector(1, 0))
    given = Part("x", vector(3, 4))
    plain = Linear(given, affine, vector(9, -11))
    np.testing.assert_allclose(recombined(plain), [9, -11])
    line = "2.0000 × 3.0000 + 0.5000 × 4.0000 + 1.0000 = 9.0000"
    assert [read(line) for line in plain.worked(0)] == [line]
    active = Linear(given, affine, vector(9, 0), activation="relu")
    np.testing.assert_allclose(recombined(active), [9, 0])
    assert read(active.worked(1)[1]) == "ReLU ( −11.00 ) = 0.0000"


def test_of_a_long_sum_the_largest_products_are_written_out():
    weight = np.array([[1, -9, 2, 8, 0.5, 3]], dtype=np.float32)
    affine = Affine(weight, vector(0))
    line = affine.terms(np.ones(6, dtype=np.float32), 0, str)
    assert [term.note for term in line if term.note] == ["1", "3", "5", "3 more products", "bias"]
    assert read(line[-3:-2]) == "3.5000"  # 1 + 2 + 0.5


def test_gelu_is_the_one_with_the_error_function():
    given = Part("x", vector(1.0, -0.5))
    affine = Affine(np.eye(2, dtype=np.float32), vector(0, 0))
    expected = [x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in (1.0, -0.5)]
    made = recombined(Linear(given, affine, vector(0, 0), activation="gelu"))
    np.testing.assert_allclose(made, expected, atol=1e-6)
    assert activation_name("gelu_new") == "GELU"


def test_a_softmax_by_hand():
    """Scores 0 and ln 3: a quarter and three quarters."""
    operation = Softmax(Part("logits", vector(0, math.log(3))), np.array([0.25, 0.75]))
    np.testing.assert_allclose(recombined(operation), [0.25, 0.75], atol=1e-7)
    assert read(operation.worked(1)[0]).endswith("= 75.0 %")


def test_a_row_of_a_table_and_a_piece():
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    lookup = Lookup(2, table, vector(4, 5))
    np.testing.assert_array_equal(recombined(lookup), [4, 5])
    assert read(lookup.worked(1)[0]) == "E = 5.0000"
    spelling = Spelling("cat", 1234, 1234)
    assert read(spelling.worked(0)[0]) == "cat → 1,234"


@pytest.fixture
def attend():
    """Two heads of width 1, two tokens; the token's vector is [1, 2], W^Q the identity.

    Head 0: q = 1, keys 0 and ln 3: weights 1/4, 3/4; values 4 and 8: context 7.
    Head 1: q = 2, keys 0 and 0: weights 1/2, 1/2; values 1 and 3: context 2. W^O adds both.
    """
    identity = Affine(np.eye(2, dtype=np.float32), vector(0, 0))
    both = Affine(np.array([[1, 1], [0, 1]], dtype=np.float32), vector(0.5, 0))
    return Attend(
        given=Part("came in", vector(1, 2)),
        to_query=identity,
        to_output=both,
        query=np.array([[1], [2]], dtype=np.float32),
        keys=np.array([[[0], [math.log(3)]], [[0], [0]]], dtype=np.float32),
        values=np.array([[[4], [8]], [[1], [3]]], dtype=np.float32),
        weights=np.array([[0.25, 0.75], [0.5, 0.5]], dtype=np.float32),
        context=vector(7, 2),
        shown=vector(9.5, 2),
        tokens=("a", "b"),
    )


def test_an_attention_by_hand(attend):
    for step in attend.steps():
        np.testing.assert_allclose(step.recombined, step.shown, atol=1e-6)
    first, weighted, last = attend.worked(0)
    assert read(first) == "Head 0 q · k / √d = 1.0986 → softmax → 75.0 %"
    assert read(weighted) == "75.0 % × 8.0000 + 25.0 % × 4.0000 = 7.0000"
    assert read(last) == "1.0000 × 7.0000 + 1.0000 × 2.0000 + 0.5000 = 9.5000"


def test_a_feed_forward_by_hand():
    """x = [1]: W1 x = [2, -2], ReLU [2, 0], W2 m + b = 3 x 2 + 5 x 0 + 1 = 7."""
    first = Affine(np.array([[2], [-2]], dtype=np.float32), vector(0, 0))
    second = Affine(np.array([[3, 5]], dtype=np.float32), vector(1))
    operation = FeedForward(
        Part("x", vector(1)), first, second, "relu", vector(2, 0), vector(7)
    )  # fmt: skip
    for step in operation.steps():
        np.testing.assert_allclose(step.recombined, step.shown)
    neuron, result = operation.worked(0)
    assert read(neuron) == "ReLU ( 2.0000 ) = 2.0000"
    assert read(result).endswith("= 7.0000")


def test_numbers_are_written_short_with_a_real_minus():
    assert [digits(x) for x in (0.0, -1.5, 12.345, 494.731, 0.0000021)] == [
        "0.0000",
        "−1.5000",
        "12.35",
        "494.7",
        "2.1e−06",
    ]
