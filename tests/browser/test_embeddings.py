"""The lesson on embeddings in a real browser: words, layers, the animation, own sentences."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server, settled, title

OWN = "animal | A bat flew.\nanimal | The bat sleeps.\nclub | The bat broke.\nclub | Swing the bat."


def open_page(page: Page, server: Server, query: str = "") -> Page:
    page.goto(f"{server.url}/embeddings{query}")
    return settled(page)


def points(page: Page) -> Locator:
    return page.locator('.st-key-embeddings_map_frame [data-stale="false"] .scatterlayer .point')


def test_a_word_and_a_layer_move_the_map(page, server):
    open_page(page, server)
    expect(title(page, "embeddings_map")).to_contain_text("“apple”")
    expect(points(page)).to_have_count(16)
    page.get_by_role("radio", name="spring", exact=True).click()
    expect(title(page, "embeddings_map")).to_contain_text("“spring”")
    expect(page).to_have_url(re.compile("sense_of=spring"))
    page.get_by_role("slider").press("Home")
    expect(title(page, "embeddings_map")).to_contain_text("at the embedding")
    expect(page).to_have_url(re.compile("depth=0"))


def test_a_point_of_the_curve_chooses_its_layer(page, server):
    open_page(page, server)
    curve = page.locator('.st-key-embeddings_separation_frame [data-stale="false"]')
    for depth, name in ((4, "after layer 3"), (0, "at the embedding"), (4, "after layer 3")):
        box = curve.locator(".scatterlayer .point").nth(depth).bounding_box()
        assert box
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(title(page, "embeddings_map")).to_contain_text(name)
        settled(page)


def test_the_layers_play_on_the_same_axes(page, server):
    open_page(page, server, "?depth=0")
    expect(title(page, "embeddings_map")).to_contain_text("at the embedding")
    before = points(page).first.get_attribute("transform")
    page.get_by_text("Play the layers").click()
    expect(title(page, "embeddings_map")).to_contain_text("after layer 3")
    assert points(page).first.get_attribute("transform") != before
    expect(points(page)).to_have_count(16)


def test_own_sentences_are_measured(page, server):
    open_page(page, server)
    page.get_by_role("radio", name=re.compile("Own word")).click()
    word = page.get_by_label("Your word")
    word.fill("bat")
    word.press("Enter")
    lines = page.get_by_label(re.compile("Your sentences"))
    lines.fill(OWN)
    lines.press("Control+Enter")
    expect(title(page, "embeddings_map")).to_contain_text("“bat”")
    expect(points(page)).to_have_count(4)
    expect(page.get_by_text("all 6 ways")).to_be_visible()
    page.reload()
    settled(page)
    expect(points(page)).to_have_count(4)


def test_a_chip_moves_cosines_and_neighbours(page, server):
    open_page(page, server)
    page.locator(".chip").nth(4).click()
    expect(title(page, "embeddings_neighbours")).to_contain_text("“elephant”")
    expect(page.get_by_text(re.compile("Compare “elephant”"))).to_be_visible()


@pytest.mark.exhaustive
def test_on_a_phone_nothing_is_cut(page, server):
    page.set_viewport_size({"width": 400, "height": 900})
    open_page(page, server)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    frame = page.locator(".st-key-embeddings_map_frame")
    expect(frame).to_have_css("overflow-x", "auto")
