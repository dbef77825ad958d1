"""The lesson on vocabularies in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server, settled


def open_part(page: Page, server: Server, query: str = "") -> Page:
    page.goto(f"{server.url}/vocabularies{query}")
    return settled(page)


def heading(page: Page) -> Locator:
    """The pair of the merge in sight."""
    return page.locator(".vm-head")


def test_a_token_a_neighbour_and_a_search(page, server):
    open_part(page, server)
    card = page.get_by_role("heading", level=5)
    expect(card).to_have_text("the")
    page.locator(".chip").nth(3).click()
    expect(card).to_have_text("##less")
    expect(page).to_have_url(re.compile("token=3"))
    page.get_by_role("radio", name="less", exact=True).first.click()  # its neighbour and twin
    expect(card).to_have_text("less")
    expect(page).to_have_url(re.compile(r"voc_piece=\d+"))
    box = page.get_by_label("Find pieces")
    box.fill("##ing")
    box.press("Enter")
    expect(page.get_by_text(re.compile(r"^\d+ of 16,000 pieces"))).to_be_visible()
    expect(page).to_have_url(re.compile("voc_find="))


def test_merges_forth_and_back_and_played(page, server):
    open_part(page, server, "?voc_part=train&voc_step=0")
    expect(heading(page)).to_contain_text("Before the first merge")
    page.get_by_role("button", name="Step").click()
    expect(heading(page)).to_contain_text("Merge 1 of")
    page.get_by_role("button", name="Back").click()
    expect(heading(page)).to_contain_text("Before the first merge")
    page.get_by_role("button", name="Play").click()
    expect(heading(page)).to_contain_text(re.compile(r"Merge [3-9] of"))
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page).to_have_url(re.compile(r"voc_step=\d"))
    page.get_by_role("button", name="To the end").click()
    expect(page.get_by_role("button", name="Step")).to_be_disabled()


def test_the_trials_lead_through_the_parts(page, server):
    open_part(page, server)
    page.get_by_role("button", name="Let the count win").click()
    expect(heading(page)).to_contain_text("##he")
    page.get_by_role("button", name="Chinese in English vocabularies").click()
    expect(page.locator(".vs tbody tr")).to_have_count(6)
    expect(page.locator(".vs i.unk").first).to_be_visible()
    expect(page.locator(".vs i.bytes").nth(40)).to_be_attached()  # three bytes a character
    page.get_by_role("radio", name="Chinese stories").click()
    expect(page).to_have_url(re.compile("voc_stories=zh"))
    expect(page.locator(".vs i.bytes").nth(40)).to_have_count(0)


@pytest.mark.exhaustive
def test_nothing_is_cut_on_a_phone(page, server):
    page.set_viewport_size({"width": 400, "height": 900})
    for part in ("explore", "train", "compare"):
        open_part(page, server, f"?voc_part={part}&model=bertlab-mini-zh")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, part
