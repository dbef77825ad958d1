import base64
import hashlib
import json
import re
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from bertlab.errors import BertLabError
from bertlab.inspection.trace import Trace, run_trace
from bertlab.models import LoadedModel
from bertlab.tokenization.encoding import encode
from bertlab.views.bertviz.data import pack_vectors, pack_weights
from bertlab.views.bertviz.page import fixed_bytes
from bertlab.views.bertviz.scripts import library
from bertlab.views.bertviz.view import (
    MAX_BYTES,
    BertvizPage,
    Refusal,
    draw_bertviz,
    estimate_bytes,
    layers_to_draw,
    why_refused,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import bench_bertviz

WORDS = "the cat sat on the mat and it was very good but she hated the film".split()


def random_attention(layers: int, heads: int, tokens: int) -> np.ndarray:
    """Peaked and flat rows, as heads have them: float32 (layers, heads, tokens, tokens)."""
    scores = np.random.default_rng(7).normal(size=(layers, heads, tokens, tokens))
    sharpness = np.linspace(0.5, 3, heads)[None, :, None, None]
    weights = np.exp(sharpness * scores)
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


def draw(view: str, layers: int = 2, heads: int = 2, tokens: int = 5, **options) -> BertvizPage:
    names = [WORDS[i % len(WORDS)] for i in range(tokens)]
    attention = random_attention(layers, heads, tokens)
    made = draw_bertviz(view, attention, names, **{"layer": 1, "head": 0, **options})
    assert isinstance(made, BertvizPage), made
    return made


def json_after(page: BertvizPage, start: str) -> dict:
    return json.JSONDecoder().raw_decode(page.html.partition(start)[2])[0]


def unpacked(packed: dict) -> np.ndarray:
    """As the page's script does it, in other words."""
    low, high = np.frombuffer(zlib.decompress(base64.b64decode(packed["text"])), np.uint8).reshape(
        2, -1
    )
    whole = (low.astype(int) + 256 * high.astype(int) + 2**15) % 2**16 - 2**15
    return (whole / packed["units"]).reshape(packed["shape"])


def data_in(page: BertvizPage) -> dict:
    """What bertviz's script is told, with the numbers filled in as in the browser."""
    params = json_after(page, "const params = ")
    arrays = {name: unpacked(array) for name, array in json_after(page, "const packed = ").items()}
    for block in params["attention"]:
        rows, columns = slice(*block["rows"]), slice(*block["columns"])
        block["attn"] = arrays["attn"][:, :, rows, columns].tolist()
        if "queries" in arrays:
            block["queries"] = arrays["queries"][:, :, rows].tolist()
            block["keys"] = arrays["keys"][:, :, columns].tolist()
    return params


@pytest.mark.parametrize("view", ["head", "model"])
def test_no_address_is_left_that_a_browser_would_fetch(view: str) -> None:
    html = draw(view).html
    assert "cdnjs" not in html
    assert "require.min.js" not in html
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", html)
    assert "sourceMappingURL" not in html
    assert "default-src 'none'" in html
    (allowed,) = re.findall(r"script-src ([^;]*);", html)
    inline = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(inline) == 1
    assert "unsafe" not in allowed
    assert base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode() in allowed
    assert html.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in html


def test_the_data_are_the_rounded_weights_once() -> None:
    page = draw("head")
    data = data_in(page)
    weights = random_attention(2, 2, 5)
    np.testing.assert_allclose(data["attention"][0]["attn"], weights, atol=0.5e-4 + 1e-9)
    numbers = re.findall(r"0\.\d+", json.dumps(data["attention"]))
    assert max(len(number) for number in numbers) <= len("0.1234")
    assert page.html.count('"left_text"') == 1  # bertviz itself writes all data twice


def test_it_opens_on_one_head() -> None:
    data = data_in(draw("head", layers=3, heads=4, layer=2, head=3))
    assert (data["layer"], data["heads"]) == (2, [3])
    assert 'getElementById("attn_background_1_0")' in draw("model").html


def test_equal_arguments_give_an_equal_page() -> None:
    assert draw("head").html == draw("head").html
    assert draw("model").html != draw("model", head=1).html


@pytest.mark.parametrize("view", ["head", "model"])
def test_markup_stays_inside_the_data(view: str) -> None:
    evil = "</script><script>window.hacked=1</script>"
    attention = random_attention(1, 1, 2)
    made = draw_bertviz(view, attention, [evil, "<!--"], layer=0, head=0, title=evil, text=evil)
    assert isinstance(made, BertvizPage)
    assert "<script>window.hacked" not in made.html
    assert "<!--" not in made.html
    assert data_in(made)["attention"][0]["left_text"] == [evil, "<!--"]
    assert made.html.count("&lt;/script&gt;&lt;script&gt;window.hacked=1") == 3  # title, h1, p


def test_a_bare_page_has_no_heading_and_a_titled_one_explains() -> None:
    assert "<h1>" not in draw("head").html
    page = draw("head", title="Attention", text="A cat.").html
    assert "<title>Attention</title>" in page
    assert "<h1>Attention</h1><p>A cat.</p>" in page


def test_a_pair_has_five_blocks_and_a_wrong_start_none() -> None:
    blocks = data_in(draw("head", tokens=5, sentence_b_start=3))["attention"]
    assert [len(block["left_text"]) for block in blocks] == [5, 3, 2, 3, 2]
    assert [len(block["right_text"]) for block in blocks] == [5, 3, 2, 2, 3]
    for start in (None, 0, 5):
        assert len(data_in(draw("head", tokens=5, sentence_b_start=start))["attention"]) == 1


def test_very_long_tokens_are_cut() -> None:
    made = draw_bertviz("head", random_attention(1, 1, 2), ["x" * 500, "电" * 100], layer=0, head=0)
    assert isinstance(made, BertvizPage)
    left = data_in(made)["attention"][0]["left_text"]
    assert left == ["x" * 44 + "…", "电" * 26 + "…"]  # 44 * 0.58 em and 26 * 1 em


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_in_the_page(theme: str) -> None:
    ground = {"light": "#FFFFFF", "dark": "#0E1117"}[theme]
    for view in ("head", "model"):
        html = draw(view, theme=theme).html
        assert f"color-scheme: {theme}" in html
        assert f"background: {ground}" in html
    assert data_in(draw("model", theme=theme))["display_mode"] == theme


@pytest.mark.parametrize("view", ["head", "model"])
@pytest.mark.parametrize("has_pair", [False, True])  # a pair's blocks are cut in the browser
@pytest.mark.parametrize(("layers", "heads", "tokens"), [(4, 4, 8), (4, 4, 30), (6, 12, 16)])
def test_the_estimate_is_within_15_per_cent(view, layers, heads, tokens, has_pair) -> None:
    made = draw(view, layers, heads, tokens, sentence_b_start=tokens // 2 if has_pair else None)
    size = len(made.html.encode())
    assert len(made.layers) == layers
    assert estimate_bytes(layers, heads, tokens, view=view) == pytest.approx(size, rel=0.15)


@pytest.mark.parametrize("count", [20, 64])
def test_the_estimate_holds_for_a_real_model_weights_alone(mini: LoadedModel, count: int) -> None:
    encoded = encode(mini.tokenizer, " ".join(WORDS * 6), max_length=count)
    trace = run_trace(mini, encoded)
    made = draw_bertviz("head", trace.attention, encoded.tokens, layer=0, head=0)
    assert isinstance(made, BertvizPage)
    assert len(encoded.tokens) == count
    weights_alone = len(made.html.encode()) - fixed_bytes()
    estimated = estimate_bytes(trace.layers, trace.heads, count) - fixed_bytes()
    assert 0.58 < weights_alone / estimated < 1.15  # "0.0," takes 4 bytes, "0.0123," 7


def test_one_layer_is_drawn_where_all_would_be_too_much() -> None:
    page = draw("head", layers=12, heads=12, tokens=50, layer=7)
    assert page.layers == (7,)
    assert "Layer 7 alone" in page.note
    data = data_in(page)
    assert data["include_layers"] == [7]
    assert data["layer"] == 7
    np.testing.assert_allclose(
        data["attention"][0]["attn"][0], random_attention(12, 12, 50)[7], atol=0.5e-4 + 1e-9
    )
    assert len(page.html.encode()) < MAX_BYTES < estimate_bytes(12, 12, 50)
    assert layers_to_draw(12, 12, 20, 7) == (tuple(range(12)), "")


def test_one_layer_of_the_model_view_opens_its_only_row() -> None:
    page = draw("model", layers=16, heads=24, tokens=30, layer=5, head=23)
    assert page.layers == (5,)
    assert 'getElementById("attn_background_0_23")' in page.html


@pytest.mark.parametrize(("view", "limit"), [("head", 64), ("model", 32)])
def test_long_input_is_refused_with_the_reason(view: str, limit: int) -> None:
    assert why_refused(view, 12, limit) is None
    refusal = why_refused(view, 12, limit + 1)
    assert refusal is not None
    assert str(limit) in refusal.reason
    assert str(limit + 1) in refusal.reason
    assert "heatmap" in refusal.reason
    attention = np.zeros((1, 1, limit + 1, limit + 1), dtype=np.float32)
    made = draw_bertviz(view, attention, ["a"] * (limit + 1), layer=0, head=0)
    assert made == Refusal(why_refused(view, 1, limit + 1).reason)


def test_a_single_layer_that_is_too_large_is_refused() -> None:
    refusal = why_refused("head", 64, 64)  # 64 * 64 * 64 weights of 1.4 bytes, and the libraries
    assert refusal is not None
    assert "0.5 MB" in refusal.reason


def test_the_libraries_are_found_without_importing_them() -> None:
    assert "jQuery v3.7.1" in library("XStatic-jQuery", "xstatic/pkg/jquery/data/jquery.min.js")
    assert "d3js.org v5" in library("mpld3", "mpld3/js/d3.v5.min.js")


def test_a_missing_library_is_explained() -> None:
    with pytest.raises(BertLabError, match="pip install --force-reinstall no-such-package"):
        library("no-such-package", "a.js")
    with pytest.raises(BertLabError, match="mpld3"):
        library("mpld3", "mpld3/js/d3.v9.min.js")


# --- the neuron view, and how small the numbers are ----------------------------------------------


def opened_trace(loaded: LoadedModel, text: str = "A cat sat.", pair: str | None = None) -> Trace:
    return run_trace(loaded, encode(loaded.tokenizer, text, pair), is_opened=True)


def draw_neuron(trace: Trace, **options) -> BertvizPage:
    places = {"layer": 2, "head": 1, "blocks": trace.blocks, **options}
    made = draw_bertviz("neuron", trace.attention, trace.encoded.tokens, **places)
    assert isinstance(made, BertvizPage), made
    return made


def test_the_neuron_view_holds_the_models_own_queries_keys_and_weights(mini: LoadedModel) -> None:
    trace = opened_trace(mini)
    data = data_in(draw_neuron(trace, query=3))
    assert (data["layer"], data["head"], data["index"]) == (2, 1, 3)
    assert data["bidirectional"] is True
    assert data["display_mode"] == "light"
    (block,) = data["attention"]
    for name, ours in (("queries", trace.blocks.query), ("keys", trace.blocks.key)):
        largest = np.abs(ours).max()
        assert np.abs(np.array(block[name]) - ours).max() <= 0.005 * largest  # three digits
    q, k = np.array(block["queries"]), np.array(block["keys"])
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(64)
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    np.testing.assert_allclose(weights, trace.attention, atol=0.02)  # from the rounded numbers
    np.testing.assert_allclose(block["attn"], trace.attention, atol=0.5e-4 + 1e-9)


def test_the_neuron_view_of_a_pair_cuts_queries_by_rows_and_keys_by_columns(mini) -> None:
    trace = opened_trace(mini, "A cat sat.", "It slept.")
    start = trace.encoded.sequence_ids.index(1)
    blocks = data_in(draw_neuron(trace, sentence_b_start=start))["attention"]
    count = len(trace.encoded.tokens)
    a, b = start, count - start
    sizes = [(len(block["queries"][0][0]), len(block["keys"][0][0])) for block in blocks]
    assert sizes == [(count, count), (a, a), (b, b), (a, b), (b, a)]
    assert blocks[3]["attn"][0][0][0] == blocks[0]["attn"][0][0][0][start:]


def test_one_layer_of_the_neuron_view_keeps_its_number() -> None:
    run = bench_bertviz.random_run(6, 12, 30)
    run.head_size = bench_bertviz.HEAD_SIZE
    page = draw_bertviz("neuron", run.attention, ["a"] * 30, layer=2, head=1, blocks=run)
    assert page.layers == (2,)
    assert "Layer 2 alone" in page.note
    data = data_in(page)
    assert data["include_layers"] == [2]
    assert data["layer"] == 0  # bertviz counts what it is given
    assert "params.include_layers[i]" in page.html
    assert len(page.html.encode()) < MAX_BYTES


def test_the_estimate_of_the_neuron_view_is_within_15_per_cent(mini: LoadedModel) -> None:
    trace = opened_trace(mini)
    size, count = len(draw_neuron(trace).html.encode()), len(trace.encoded.tokens)
    estimate = estimate_bytes(4, 4, count, view="neuron", head_size=64)
    assert estimate == pytest.approx(size, rel=0.15)


def test_the_neuron_view_needs_what_the_hooks_saw() -> None:
    with pytest.raises(ValueError, match="opened trace"):
        draw_bertviz("neuron", random_attention(1, 1, 2), ["a", "b"], layer=0, head=0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_neuron_view_is_safe_and_has_the_theme(mini: LoadedModel, theme: str) -> None:
    trace = opened_trace(mini)
    tokens = ["</script><script>window.hacked=1</script>", "<!--", *trace.encoded.tokens[2:]]
    options = {"layer": 0, "head": 0, "blocks": trace.blocks, "theme": theme}
    html = draw_bertviz("neuron", trace.attention, tokens, **options).html
    assert "<script>window.hacked" not in html
    assert "<!--" not in html
    assert "cdnjs" not in html
    assert f"color-scheme: {theme}" in html
    assert "default-src 'none'" in html


def test_packing_by_hand() -> None:
    packed = pack_weights(np.array([[0.12344, 1.0], [0.0, 0.00005]]))
    assert packed.units == 10_000
    assert packed.shape == (2, 2)
    # 1234 = 4 * 256 + 210, 10000 = 39 * 256 + 16; half of a unit goes to the even number, 0
    raw = zlib.decompress(base64.b64decode(packed.text))
    assert list(raw) == [210, 16, 0, 0, 4, 39, 0, 0]
    vectors = pack_vectors(np.array([7.314, -0.268]))
    assert vectors.units == 100
    assert unpacked(vectors.to_json()).tolist() == [7.31, -0.27]
    assert unpacked(pack_vectors(np.array([-512.3, 0.6])).to_json()).tolist() == [-512, 1]
    assert unpacked(pack_vectors(np.zeros(2)).to_json()).tolist() == [0, 0]


@pytest.mark.parametrize("view", ["head", "model", "neuron"])
def test_a_page_is_at_most_a_tenth_of_bertvizs_own(view: str) -> None:
    """One layer of twelve heads, 128 tokens, with the libraries that bertviz's own page fetches."""
    run = bench_bertviz.random_run(1, 12, 128)
    ours, own = bench_bertviz.our_bytes(view, run), bench_bertviz.own_bytes(view, run)
    assert ours.complete <= own / 10
