"""One attention cell: by hand on two tokens, and against the model of every family."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tiny_models import save_tiny_model

from bertlab.errors import InputError
from bertlab.inspection.attention_cell import AttentionCell, open_cell, strongest_keys
from bertlab.inspection.trace import Trace, run_trace
from bertlab.models import load_model
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.tokenization.encoding import encode, position_offset_of

E = np.e


def two_tokens() -> Trace:
    """One layer, one head of width 4, two tokens; every result below was worked out on paper."""
    query = np.array([[1, 0, 1, 0], [0, 0, 0, 0]], dtype=np.float32)[None, None]
    key = np.array([[2, 0, 0, 0], [0, 2, 0, 0]], dtype=np.float32)[None, None]
    value = np.array([[1, 0, 0, 1], [0, 1, 0, -1]], dtype=np.float32)[None, None]
    a = E / (E + 1)
    attention = np.array([[[[a, 1 - a], [0.5, 0.5]]]], dtype=np.float32)
    context = np.array([[[a, 1 - a, 0, 2 * a - 1], [0.5, 0.5, 0, 0]]], dtype=np.float32)
    blocks = SimpleNamespace(query=query, key=key, value=value, context=context, head_size=4)
    encoded = SimpleNamespace(tokens=("a", "b"))
    return Trace(encoded, (1, 2), (), np.zeros((2, 2, 4)), attention, None, blocks)


def opened(query: int = 0, key: int = 0) -> AttentionCell:
    return open_cell(two_tokens(), layer=0, head=0, query=query, key=key)


def test_two_tokens_by_hand():
    cell = opened()
    assert cell.q.tolist() == [1, 0, 1, 0]
    assert cell.k.tolist() == [2, 0, 0, 0]
    assert cell.products.tolist() == [2, 0, 0, 0]
    assert cell.dot == 2.0
    assert cell.score == 1.0  # 2 / sqrt(4)
    assert cell.scores.tolist() == [1.0, 0.0]
    assert cell.weights == pytest.approx([0.7310586, 0.2689414])
    assert cell.weight == pytest.approx(E / (E + 1))
    assert cell.weighted_values[1] == pytest.approx([0, 0.2689414, 0, -0.2689414])
    assert cell.context == pytest.approx([0.7310586, 0.2689414, 0, 0.4621172])
    assert cell.weight_error < 1e-7
    assert cell.context_error < 1e-7
    assert cell.head_size == 4


def test_the_other_cells_of_two_tokens():
    assert opened(0, 1).dot == 0.0
    assert opened(0, 1).weight == pytest.approx(1 / (E + 1))
    assert opened(1, 1).weight == 0.5  # a query of zeros: every score is 0
    assert opened().context.tolist() == opened(0, 1).context.tolist()  # a row has one context


def test_without_the_division_and_the_parts_lengths():
    assert opened().undivided == pytest.approx([E**2 / (E**2 + 1), 1 / (E**2 + 1)])
    assert opened().lengths == pytest.approx(np.sqrt(2) * np.array([E / (E + 1), 1 / (E + 1)]))


def test_a_wrong_model_would_be_seen():
    trace = two_tokens()
    wrong = replace(trace, attention=trace.attention[..., ::-1])
    cell = open_cell(wrong, layer=0, head=0, query=0, key=0)
    assert cell.weight_error == pytest.approx((E - 1) / (E + 1), abs=1e-6)


@pytest.mark.parametrize("family", ALLOWED_FAMILIES)
def test_every_cell_of_every_family_is_the_models_own(family, models_root):
    save_tiny_model(family, models_root / family)
    loaded = load_model(family)
    offset = position_offset_of(loaded.config)
    encoded = encode(loaded.tokenizer, "the cat sat on the mat.", position_offset=offset)
    trace = run_trace(loaded, encoded, is_opened=True)
    count = len(encoded.tokens)
    for layer, head, query in np.ndindex(trace.layers, trace.heads, count):
        key = (query + 1) % count
        cell = open_cell(trace, layer=layer, head=head, query=query, key=key)
        assert cell.weight_error < 1e-5
        assert cell.context_error < 1e-5
        assert cell.scores[key] == pytest.approx(cell.score)
        assert cell.weights.sum() == pytest.approx(1)
        assert cell.products.sum() == pytest.approx(cell.q @ cell.k)
        own = trace.blocks.value[layer, head].T @ trace.attention[layer, head, query]
        np.testing.assert_allclose(cell.context, own, atol=1e-5)


def test_what_cannot_be_opened_is_explained(tiny_bert):
    trace = run_trace(tiny_bert, encode(tiny_bert.tokenizer, "the cat"))
    with pytest.raises(InputError, match="is_opened=True"):
        open_cell(trace, layer=0, head=0, query=0, key=0)
    for name, place in {"layer": 1, "head": 1, "query": 2, "key": -1}.items():
        places = {"layer": 0, "head": 0, "query": 0, "key": 0, name: place}
        with pytest.raises(InputError, match=f"no {name} {place}"):
            open_cell(two_tokens(), **places)


def test_the_strongest_keys_in_the_order_of_the_input():
    weights = np.array([0.1, 0.6, 0.3])
    assert strongest_keys(weights).positions == (0, 1, 2)
    assert strongest_keys(weights).hidden == ()
    two = strongest_keys(weights, count=2)
    assert (two.positions, two.hidden) == ((1, 2), (0,))
    assert strongest_keys(weights, count=2, always=[0]).positions == (0, 1)
    even = strongest_keys(np.full(30, 1 / 30))
    assert even.positions == tuple(range(20))
    assert even.hidden == tuple(range(20, 30))
