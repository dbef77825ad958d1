"""One attention cell in a real browser: open a cell, choose a head, read the numbers."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from serving import Server, settled, title

from bertlab.inspection.attention_cell import open_cell
from bertlab.inspection.trace import run_trace
from bertlab.tokenization.encoding import encode

SENTENCE = "The dog chased a small cat."
EVIL = "</svg><script>window.hacked=1</script>"


def open_lesson(page: Page, server: Server, query: str = "") -> Page:
    page.goto(f"{server.url}/attention_cell?text={SENTENCE}&mask=none&{query}")
    settled(page)
    expect(page.locator(".figure .frame svg")).to_be_visible()
    return page


def expect_address(page: Page, part: str) -> None:
    expect(page).to_have_url(re.compile(part))


def click_cell(page: Page, query: int, key: int, count: int) -> None:
    """Click in the middle of a cell of the map, whose cells end 4 px before its edge."""
    canvas = page.locator(".map .frame canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    cell = min(38, 360 // count)
    start = box["width"] - 4 - count * cell
    canvas.click(position={"x": start + (key + 0.5) * cell, "y": start + (query + 0.5) * cell})


@pytest.fixture
def trace(mini):
    return run_trace(mini, encode(mini.tokenizer, SENTENCE), is_opened=True)


def test_open_a_cell_and_choose_a_head(page, server, trace):
    count = len(trace.encoded.tokens)
    open_lesson(page, server, "head=0.0")
    click_cell(page, 3, 2, count)
    expect_address(page, "token=3")
    cell = open_cell(trace, layer=0, head=0, query=3, key=2)
    expect(title(page, "attention_cell_map")).to_contain_text("Head 0.0: “chased”")
    expect(page.locator(".row[aria-pressed=true]")).to_have_attribute(
        "aria-label", re.compile(rf"“dog” \(2\): .*weight {100 * cell.weight:.1f} %")
    )
    page.get_by_role("combobox", name=re.compile("Head")).click()
    page.get_by_role("option", name="2", exact=True).click()
    expect_address(page, r"head=0\.2")
    expect(title(page, "attention_cell_map")).to_contain_text("Head 0.2: “chased”")
    cell = open_cell(trace, layer=0, head=2, query=3, key=2)
    drawn = page.locator(".frame [data-tip^='dimension 0:']").first
    expect(drawn).to_have_attribute("data-tip", re.compile(f"{cell.q[0]:.3g}".lstrip("-")[:4]))
    expect(page.locator(".chip.chosen")).to_have_text(re.compile("chased"))


def test_the_weights_on_the_page_are_the_models(page, server, trace):
    open_lesson(page, server, "head=1.2&token=2&key=1")
    labels = page.locator(".row").evaluate_all("all => all.map(e => e.ariaLabel)")
    weights = [float(re.search(r"weight ([\d.]+) %", label)[1]) for label in labels]
    np.testing.assert_allclose(weights, 100 * trace.attention[1, 2, 2], atol=0.051)


def test_a_row_takes_its_token_as_the_key_and_keys_work(page, server):
    open_lesson(page, server, "head=0.0&token=3")
    page.locator(".row").nth(5).click()
    expect_address(page, "key=5")
    expect(page.locator(".row").nth(5)).to_have_attribute("aria-pressed", "true")
    page.locator(".row").nth(4).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".row").nth(3)).to_have_attribute("aria-pressed", "true")
    settled(page)
    page.locator(".map .frame canvas").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".chip.chosen")).to_have_text(re.compile("small"))
    expect(page.locator(".row").nth(4)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".map .frame canvas")).to_be_focused()  # a rerun leaves the focus


def test_the_steps_come_one_by_one_and_stand_in_the_address(page, server):
    open_lesson(page, server)
    page.get_by_role("button", name="From the start, step by step").click()
    expect_address(page, "cell_step=1")
    expect(page.locator(".frame circle")).to_have_count(1)
    page.get_by_role("radio", name="3 sum").click()
    expect(page.locator(".frame circle")).to_have_count(3)
    page.reload()
    settled(page)
    expect(page.locator(".frame circle")).to_have_count(3)


def test_pointing_at_a_number_reads_it_and_lights_its_dimension(page, server):
    open_lesson(page, server, "head=0.0&token=3&key=2")
    page.locator(".frame .hit[data-dim='7']").first.hover()
    expect(page.locator(".figure .tip")).to_have_text(re.compile(r"dimension 7: .* × .* = "))
    expect(page.locator(".frame .lit[data-dim='7']")).not_to_have_count(0)
    assert page.locator(".frame .lit:not([data-dim='7'])").count() == 0
    page.locator(".map .frame canvas").hover(position={"x": 200, "y": 200})
    expect(page.locator(".map .said")).to_have_text(re.compile(r"looks at .* %"))


def test_pictures_and_numbers_can_be_saved(page, server):
    open_lesson(page, server, "head=0.0&token=3&key=2")
    for name, ending in (
        ("Picture (SVG)", "svg"),
        ("Picture (PNG)", "png"),
        ("q, k, products", "csv"),
    ):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).click()
        assert waiting.value.suggested_filename.endswith(f".{ending}")


def test_bertvizs_neuron_view_is_here_offline(page, server, trace):
    open_lesson(page, server, "head=1.2&token=3&key=2")
    page.get_by_role("button", name="All keys at once").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("#expanded .dotproduct").first).to_be_visible()
    drawn = frame.locator("#expanded .dotproduct").evaluate_all(
        "all => all.map(e => +e.getAttribute('data-value'))"
    )
    expected = trace.blocks.key[1, 2] @ trace.blocks.query[1, 2, 3] / 8
    np.testing.assert_allclose(drawn, expected, atol=0.1)
    bottom = frame.locator("body").evaluate("e => [e.scrollHeight, innerHeight]")
    assert bottom[0] <= bottom[1] + 1  # nothing is cut


def test_markup_and_a_phone(page, server):
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(f"{server.url}/attention_cell?text={EVIL}")
    settled(page)
    expect(page.locator(".figure .frame svg")).to_be_visible()
    assert page.evaluate("typeof window.hacked") == "undefined"
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    frame = page.locator(".figure .frame").evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert frame[0] > frame[1]  # it scrolls inside
