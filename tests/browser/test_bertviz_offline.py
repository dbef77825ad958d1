"""bertviz's pages opened from a file in a real browser: nothing is fetched, and they work."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from bertlab.inspection.attention import choose_head, sentence_b_start
from bertlab.inspection.trace import run_trace
from bertlab.tokenization.encoding import encode
from bertlab.views.bertviz.view import BertvizPage, draw_bertviz
from bertlab.views.shared.palette import palette_of

THEMES = ["light", pytest.param("dark", marks=pytest.mark.exhaustive)]
EVIL = "</script><script>window.hacked=1</script>"
SHOTS = os.environ.get("BERTLAB_SHOTS")  # a folder to keep pictures in, for a look


@dataclass
class Opened:
    """A page with all that it asked for and complained about."""

    page: Page
    requests: list[str]
    errors: list[str]


def open_page(browser: Browser, made: object, folder: Path, *, width: int = 1000) -> Opened:
    assert isinstance(made, BertvizPage), made
    file = folder / "page.html"
    file.write_text(made.html, encoding="utf-8")
    opened = Opened(browser.new_page(viewport={"width": width, "height": 700}), [], [])
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.page.on(
        "console",
        lambda message: opened.errors.append(message.text) if message.type == "error" else None,
    )
    opened.page.goto(file.as_uri())
    opened.page.wait_for_selector("#vis svg line", state="attached")
    return opened


def keep(opened: Opened, name: str) -> None:
    if SHOTS:
        opened.page.screenshot(path=str(Path(SHOTS) / f"bertviz_{name}.png"), full_page=True)


def only_itself(opened: Opened) -> bool:
    """Whether the page asked for its own file alone: a blob is a script in its own memory."""
    asked = [url for url in opened.requests if not url.startswith("blob:")]
    return all(url.startswith("file://") for url in asked) and len(asked) == 1


def lines_seen(page: Page) -> dict[tuple[int, int], float]:
    """Opacity of each line that is drawn, by its (left, right) token."""
    found = page.eval_on_selector_all(
        "#attention line",
        """lines => lines
          .filter(line => getComputedStyle(line).visibility !== "hidden")
          .map(line => [+line.getAttribute("left-token-index"),
                        +line.getAttribute("right-token-index"),
                        +line.getAttribute("stroke-opacity")])""",
    )
    return {(left, right): opacity for left, right, opacity in found if opacity > 0}


@pytest.mark.parametrize("theme", THEMES)
def test_head_view_opens_on_the_chosen_head_and_hover_works(browser, mini, tmp_path, theme):
    encoded = encode(mini.tokenizer, "The quick brown fox jumps over the lazy dog.")
    trace = run_trace(mini, encoded)
    layer, head = choose_head(trace)
    made = draw_bertviz(
        "head",
        trace.attention,
        encoded.tokens,
        layer=layer,
        head=head,
        theme=theme,
        title="Attention",
        text="The quick brown fox jumps over the lazy dog.",
    )
    opened = open_page(browser, made, tmp_path)
    page = opened.page
    assert page.locator("#layer").input_value() == str(layer)
    drawn = lines_seen(page)
    expected = np.round(trace.attention[layer, head].astype(float), 4)  # (query, key)
    assert drawn == {
        (q, k): pytest.approx(expected[q, k], abs=1e-9)
        for q, k in zip(*np.nonzero(expected), strict=True)
    }
    keep(opened, f"head_{theme}")
    page.locator("#left text").nth(4).hover()
    assert {left for left, _ in lines_seen(page)} == {4}
    boxes = page.eval_on_selector_all(
        "#right .attentionBoxes rect", "rects => rects.map(r => +getComputedStyle(r).opacity)"
    )
    assert max(boxes) == pytest.approx(expected[4].max(), abs=1e-6)
    keep(opened, f"head_{theme}_hover")
    text = page.locator("#right text").first.evaluate("e => getComputedStyle(e).fill")
    assert text == rgb(palette_of(theme).text)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == rgb(palette_of(theme).ground)
    assert only_itself(opened)
    assert opened.errors == []
    page.close()


def test_layer_and_heads_can_be_changed(browser, mini, tmp_path):
    encoded = encode(mini.tokenizer, "A cat sat.")
    trace = run_trace(mini, encoded)
    made = draw_bertviz("head", trace.attention, encoded.tokens, layer=0, head=1)
    opened = open_page(browser, made, tmp_path)
    page = opened.page
    labels = page.locator(".head-label")
    assert labels.all_text_contents() == [str(head) for head in range(trace.heads)]
    assert labels.evaluate_all("all => all.map(e => e.classList.contains('is-off'))") == [
        head != 1 for head in range(trace.heads)
    ]
    page.locator("#layer").select_option("2")
    page.locator("#vis svg > g:last-of-type rect").nth(3).dblclick()
    expected = np.round(trace.attention[2, 3].astype(float), 4)
    assert sum(lines_seen(page).values()) == pytest.approx(expected.sum(), abs=1e-6)
    assert only_itself(opened)
    assert opened.errors == []
    page.close()


@pytest.mark.parametrize("theme", THEMES)
def test_model_view_draws_every_head_and_opens_one(browser, mini, tmp_path, theme):
    encoded = encode(mini.tokenizer, "The quick brown fox jumps over the lazy dog.")
    trace = run_trace(mini, encoded)
    count = len(encoded.tokens)
    made = draw_bertviz(
        "model", trace.attention, encoded.tokens, layer=1, head=2, theme=theme, title="All heads"
    )
    opened = open_page(browser, made, tmp_path)
    heads = trace.layers * trace.heads
    assert opened.page.locator(".attn_background").count() == heads
    assert opened.page.locator("#vis line").count() == (heads + 1) * count**2
    assert opened.page.locator("text.detail").text_content() == "Layer 1, Head 2"
    keep(opened, f"model_{theme}")
    opened.page.locator("g.detail").first.locator("text").nth(3).hover()
    shown = opened.page.eval_on_selector_all(
        ".attn-line-group", "groups => groups.map(g => +getComputedStyle(g).opacity)"
    )
    assert shown == [1.0 if i == 3 else 0.0 for i in range(count)]
    assert only_itself(opened)
    assert opened.errors == []
    opened.page.close()


@pytest.mark.parametrize("view", ["head", "model"])
def test_markup_in_tokens_and_titles_is_shown_as_text(browser, tmp_path, view):
    tokens = [
        "[CLS]",
        EVIL,
        "<img src=x onerror=window.hacked=1>",
        "<!--",
        "PYTHON_PARAMS",
        "[SEP]",
    ]
    attention = np.full((2, 2, 6, 6), 1 / 6, dtype=np.float32)
    made = draw_bertviz(view, attention, tokens, layer=1, head=0, title=EVIL, text=EVIL)
    opened = open_page(browser, made, tmp_path)
    assert opened.page.evaluate("typeof window.hacked") == "undefined"
    texts = opened.page.locator("#vis svg text").all_text_contents()
    assert all(texts.count(token) == 2 for token in tokens)
    assert opened.page.locator("h1").text_content() == EVIL
    assert opened.page.locator("p").first.text_content() == EVIL
    assert opened.page.title() == EVIL
    assert opened.page.locator("img").count() == 0
    keep(opened, f"markup_{view}")
    assert only_itself(opened)
    assert opened.errors == []
    opened.page.close()


def test_a_pair_offers_its_four_blocks(browser, mini, tmp_path):
    encoded = encode(mini.tokenizer, "A cat sat.", "It was on the mat.")
    trace = run_trace(mini, encoded)
    start = sentence_b_start(encoded)
    made = draw_bertviz(
        "head", trace.attention, encoded.tokens, layer=0, head=1, sentence_b_start=start
    )
    opened = open_page(browser, made, tmp_path, width=400)
    page = opened.page
    assert page.locator("#filter option").all_text_contents() == [
        "All",
        "Sentence A -> Sentence A",
        "Sentence B -> Sentence B",
        "Sentence A -> Sentence B",
        "Sentence B -> Sentence A",
    ]
    page.locator("#filter").select_option("4")
    assert page.locator("#left text").all_text_contents() == list(encoded.tokens[start:])
    assert page.locator("#right text").all_text_contents() == list(encoded.tokens[:start])
    expected = np.round(trace.attention[0, 1, start:, :start].astype(float), 4)
    assert sum(lines_seen(page).values()) == pytest.approx(expected.sum(), abs=1e-6)
    keep(opened, "pair_phone")
    assert only_itself(opened)
    assert opened.errors == []
    page.close()


def test_twelve_heads_have_twelve_colours(browser, tmp_path):
    attention = np.full((1, 12, 3, 3), 1 / 3, dtype=np.float32)
    made = draw_bertviz("head", attention, ["[CLS]", "a", "[SEP]"], layer=0, head=11, theme="dark")
    opened = open_page(browser, made, tmp_path)
    strokes = opened.page.eval_on_selector_all(
        ".headAttention",
        "groups => groups.map(g => g.querySelector('line').getAttribute('stroke'))",
    )
    assert len(set(strokes)) == 12
    opened.page.locator("#vis svg > g:last-of-type rect").nth(2).click()
    keep(opened, "twelve")
    opened.page.close()


# --- the neuron view -----------------------------------------------------------------------------


def draw_neuron(loaded, encoded, **options) -> tuple[BertvizPage, object]:
    trace = run_trace(loaded, encoded, is_opened=True)
    places = {"layer": 2, "head": 1, "blocks": trace.blocks, **options}
    made = draw_bertviz("neuron", trace.attention, encoded.tokens, **places)
    return made, trace


def values(page: Page, selector: str) -> list[float]:
    """The numbers that bertviz has put on the cells of a part that is shown."""
    return page.eval_on_selector_all(
        f"#expanded {selector}", "cells => cells.map(cell => +cell.getAttribute('data-value'))"
    )


@pytest.mark.parametrize("theme", THEMES)
def test_the_neuron_view_opens_on_a_token_and_shows_the_models_numbers(
    browser, mini, tmp_path, theme
):
    encoded = encode(mini.tokenizer, "The quick brown fox jumps over the lazy dog.")
    made, trace = draw_neuron(mini, encoded, query=3, theme=theme, title="Neurons")
    opened = open_page(browser, made, tmp_path, width=1100)
    page, count = opened.page, len(encoded.tokens)
    assert page.locator("#layer").input_value() == "2"
    assert page.locator("#att_head").input_value() == "1"
    q, k = trace.blocks.query[2, 1], trace.blocks.key[2, 1]  # (token, d)
    step = 0.005 * max(np.abs(trace.blocks.query).max(), np.abs(trace.blocks.key).max())
    drawn = np.array(values(page, "#queries .element")).reshape(count, 64)
    np.testing.assert_allclose(drawn, q, atol=step)
    scores = np.array(values(page, ".dotproduct"))
    np.testing.assert_allclose(scores, k @ q[3] / 8, atol=0.1)
    weights = np.exp(scores) / np.exp(scores).sum()  # of what is drawn, not of what was sent
    np.testing.assert_allclose(weights, trace.attention[2, 1, 3], atol=0.02)
    keep(opened, f"neuron_{theme}")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == rgb(palette_of(theme).ground)
    assert only_itself(opened)
    assert opened.errors == []
    page.close()


def test_the_neuron_view_follows_pointer_head_and_sign(browser, mini, tmp_path):
    encoded = encode(mini.tokenizer, "A cat sat.")
    made, trace = draw_neuron(mini, encoded, query=0)
    opened = open_page(browser, made, tmp_path, width=1100)
    page = opened.page
    page.locator("#expanded #leftText text").nth(2).hover()
    expected = trace.blocks.key[2, 1] @ trace.blocks.query[2, 1, 2] / 8
    np.testing.assert_allclose(values(page, ".dotproduct"), expected, atol=0.1)
    page.mouse.move(5, 5)  # the token stays when the pointer leaves
    np.testing.assert_allclose(values(page, ".dotproduct"), expected, atol=0.1)
    page.locator("#queries .element").nth(70).hover()
    number = float(page.locator("#queries .element").nth(70).locator("title").text_content())
    assert number == pytest.approx(trace.blocks.query[2, 1, 1, 6], abs=0.05)
    page.locator("#att_head").select_option("3")
    expected = trace.blocks.key[2, 3] @ trace.blocks.query[2, 3, 2] / 8
    np.testing.assert_allclose(values(page, ".dotproduct"), expected, atol=0.1)
    assert page.locator("#expanded").get_attribute("visibility") == "visible"
    page.locator("#expanded #leftText g").nth(2).locator("rect").last.click()
    assert page.locator("#collapsed").get_attribute("visibility") == "visible"
    assert only_itself(opened)
    assert opened.errors == []
    page.close()


def test_the_neuron_view_of_a_pair_on_a_phone(browser, mini, tmp_path):
    encoded = encode(mini.tokenizer, "A cat sat.", "It slept.")
    start = sentence_b_start(encoded)
    made, _ = draw_neuron(mini, encoded, sentence_b_start=start)
    opened = open_page(browser, made, tmp_path, width=400)
    page = opened.page
    page.locator("#filter").select_option("3")
    assert page.locator("#expanded #leftText text").all_text_contents() == [*encoded.tokens[:start]]
    right = page.locator("#expanded #rightText text").all_text_contents()
    assert right == [*encoded.tokens[start:]]
    keep(opened, "neuron_phone")
    assert only_itself(opened)
    assert opened.errors == []
    page.close()


def test_markup_in_the_neuron_view_is_shown_as_text(browser, mini, tmp_path):
    encoded = encode(mini.tokenizer, "A cat sat.")
    trace = run_trace(mini, encoded, is_opened=True)
    tokens = [EVIL, "<img src=x onerror=window.hacked=1>", *encoded.tokens[2:]]
    options = {"layer": 0, "head": 0, "blocks": trace.blocks, "title": EVIL}
    opened = open_page(
        browser, draw_bertviz("neuron", trace.attention, tokens, **options), tmp_path
    )
    assert opened.page.evaluate("typeof window.hacked") == "undefined"
    assert opened.page.locator("#expanded #leftText text").all_text_contents() == tokens
    assert only_itself(opened)
    assert opened.errors == []
    opened.page.close()


def rgb(value: str) -> str:
    return "rgb({}, {}, {})".format(*(int(value[i : i + 2], 16) for i in (1, 3, 5)))
