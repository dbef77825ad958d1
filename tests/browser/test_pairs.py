"""Pairs and minimal pairs in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect
from serving import Server, settled, title

NUMBERS = '.st-key-next_answers_frame [data-stale="false"] .annotation-text'


def open_page(page: Page, server: Server, path: str) -> Page:
    page.goto(f"{server.url}/{path}")
    return settled(page)


def test_a_pair_is_changed_in_every_way(page, server):
    open_page(page, server, "next_sentence")
    texts = page.locator(NUMBERS)
    expect(texts).to_have_count(8)  # a name and a number for each of four versions
    expect(texts.nth(6)).to_contain_text("“umbrella” becomes")
    expect(page.get_by_text("The order hardly counts")).to_be_visible()

    before = texts.nth(5).text_content()
    page.get_by_role("button", name="Draw another").click()
    expect(texts.nth(5)).not_to_have_text(str(before))
    expect(page).to_have_url(re.compile("next_random=2"))

    page.locator(".chip").filter(has_text="bridge").click()
    expect(page.get_by_label("In place of “bridge”")).to_be_visible()
    expect(texts.nth(6)).to_contain_text("“bridge” becomes")
    box = page.get_by_label("In place of “bridge”")
    box.fill("ocean")
    box.press("Enter")
    expect(texts.nth(6)).to_contain_text("becomes “ocean”")
    expect(page).to_have_url(re.compile("instead=ocean"))
    page.reload()
    settled(page)
    expect(texts.nth(6)).to_contain_text("“bridge” becomes “ocean”")


def test_many_pairs_and_an_odd_one(page, server):
    open_page(page, server, "next_sentence")
    labels = page.locator('.st-key-next_kinds_frame [data-stale="false"] .annotation-text')
    expect(labels).to_have_count(4)
    expect(labels.first).to_contain_text("of 100 pass")
    page.get_by_role("button", name=re.compile("B from another story, highest")).click()
    expect(page).to_have_url(re.compile("pair="))
    expect(page.locator(NUMBERS).first).to_contain_text("As typed")


def test_a_minimal_pair_and_a_click_on_a_head(page, server):
    page.set_viewport_size({"width": 1280, "height": 3000})
    open_page(page, server, "masked_words")
    page.get_by_role("button", name="he / she").click()
    expect(page).to_have_url(re.compile(r"[?&]other=She"))
    expect(title(page, "compared_attention")).to_contain_text("points between")
    settled(page)
    squares = page.locator(".st-key-compared_grid_frame .plotly .points path.point")
    expect(squares).to_have_count(16)
    page.locator(".st-key-compared_grid_frame").scroll_into_view_if_needed()
    box = squares.nth(4 * 2 + 1).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(title(page, "compared_attention")).to_contain_text("Head 2.1")
    expect(page).to_have_url(re.compile("head=2.1"))

    page.get_by_role("button", name="Swap the two").click()
    expect(page.get_by_label("Second sentence", exact=True)).to_have_value("He works as a [MASK].")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Attention", exact=True).click()
    expect(page.get_by_role("heading", name="Attention", exact=True)).to_be_visible()
    settled(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Masked words").click()
    expect(page.get_by_label("Second sentence", exact=True)).to_have_value("He works as a [MASK].")


@pytest.mark.exhaustive
def test_nothing_is_cut_on_a_telephone(page, server):
    page.set_viewport_size({"width": 400, "height": 900})
    for path in ("next_sentence", "masked_words?text=He is [MASK].&other=She is [MASK]."):
        open_page(page, server, path)
        expect(page.locator(".main-svg").first).to_be_attached()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 400, path


@pytest.mark.exhaustive
def test_markup_stays_text(page, server):
    evil = "</script><script>window.hacked=1</script>"
    open_page(page, server, "next_sentence")
    for label in ("Sentence", "Second sentence (optional)"):
        box = page.get_by_label(label, exact=True)
        box.fill(evil)
        box.press("Enter")
        settled(page)
    expect(page.locator(NUMBERS).first).to_contain_text("</script>")
    assert page.evaluate("typeof window.hacked") == "undefined"
