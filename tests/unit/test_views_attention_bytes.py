"""Attention as bytes: what comes out again, and how much travels."""

import numpy as np
import pytest

from bertlab.views.attention import pack_head, pack_heads, shrink, small_side, unpack


def random_attention(layers, heads, tokens, seed=0):
    scores = np.random.default_rng(seed).normal(size=(layers, heads, tokens, tokens)) * 3
    weights = np.exp(scores)
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


def test_small_pictures_hold_every_weight_to_half_a_step():
    attention = random_attention(2, 3, 5)
    header, payload = unpack(pack_heads(attention, theme="light"))
    assert (header["layers"], header["heads"], header["side"]) == (2, 3, 5)
    cells = np.frombuffer(payload, np.uint8).reshape(2, 3, 5, 5) / 255
    assert np.abs(cells - attention).max() <= 0.5 / 255 + 1e-7


def test_a_lower_end_of_the_scale_shows_small_weights():
    _, payload = unpack(pack_heads(np.array([[[[0, 0.1], [0.2, 0.9]]]]), theme="light", top=0.2))
    assert list(payload) == [0, 128, 255, 255]


def test_the_large_picture_tells_numbers_to_a_few_thousandths_of_a_per_cent():
    weights = random_attention(1, 1, 7)[0, 0]
    names = ["[CLS]", "不", "</script>", "\ud800", "a", "b", "[SEP]"]
    packed = pack_head(weights, names, theme="dark", query=3)
    header, payload = unpack(packed)
    assert header["names"][1:3] == ["不", "</script>"]
    assert header["query"] == 3
    assert (len(packed) - len(payload)) % 2 == 0
    read = np.frombuffer(payload, "<u2").reshape(7, 7) / 65535
    assert np.abs(read - weights).max() < 2.4e-5  # a step and a half


def test_the_number_under_the_pointer_is_the_one_that_is_written():
    """On both sides of what is rounded up, where 16 bits are too coarse to tell them apart."""
    middles = np.arange(1, 1000, dtype=float) / 1000 - 0.0005  # 0.05 %, 0.15 % ... 99.85 %
    weights = np.stack([middles - 1e-7, middles + 1e-7, middles + 0.0003])
    _, payload = unpack(pack_head(weights, ["a"], theme="light"))
    read = np.frombuffer(payload, "<u2").reshape(weights.shape) / 65535
    shown = np.floor(1000 * read + 0.5) / 10  # JavaScript's toFixed
    assert [f"{one:.1f}" for one in shown.flat] == [f"{100 * one:.1f}" for one in weights.flat]
    assert np.abs(read - weights).max() < 2.4e-5


def test_shrinking_keeps_the_largest_of_each_block():
    grid = np.arange(16.0).reshape(4, 4)
    assert shrink(grid, 2).tolist() == [[5, 7], [13, 15]]
    assert shrink(grid, 4) is grid
    odd = np.eye(5)
    assert shrink(odd, 2).tolist() == [[1, 0], [0, 1]]  # 0 to 1, 2 to 4


@pytest.mark.parametrize("tokens", [128, 512])
def test_all_heads_of_a_base_model_travel_in_three_megabytes(tokens):
    attention = random_attention(12, 12, min(tokens, 128))
    if tokens == 512:
        attention = np.repeat(np.repeat(attention, 4, -1), 4, -2) / 4
    names = ["token"] * tokens
    sent = len(pack_heads(attention, theme="light"))
    sent += len(pack_head(attention[0, 0], names, theme="light"))
    assert sent <= 3_000_000
    if tokens == 128:  # whole, not stepped down
        assert unpack(pack_heads(attention, theme="light"))[0]["side"] == 128


def test_larger_models_get_smaller_pictures():
    assert small_side(24, 16, 512) ** 2 * 24 * 16 <= 2_400_000
    assert small_side(4, 4, 12) == 12


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_zero_is_the_ground_and_the_scale_has_256_colours(theme):
    header, _ = unpack(pack_heads(random_attention(1, 1, 2), theme=theme))
    assert len(header["colours"]["scale"]) == 3 * 256
    assert header["colours"]["scale"][:3] == ([255, 255, 255] if theme == "light" else [14, 17, 23])
    assert all(0 <= part <= 255 for part in header["colours"]["scale"])
