"""One choice of token and head goes through all lessons on the inside."""

import re

from playwright.sync_api import Page, expect
from serving import Server, settled


def go(page: Page, title: str) -> None:
    """By the sidebar, as a student goes."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    settled(page)


def test_a_head_and_a_token_go_from_lesson_to_lesson(page: Page, server: Server):
    page.set_viewport_size({"width": 1280, "height": 2600})
    page.goto(f"{server.url}/attention")
    settled(page)
    pictures = page.locator(".st-key-attention_heads canvas")
    box = pictures.bounding_box()
    assert box is not None
    step = (box["width"] - 26) / 4
    pictures.click(position={"x": 26 + 1.4 * step, "y": 26 + 2.4 * step})  # head 2.1
    expect(page).to_have_url(re.compile(r"head=2\.1"))
    settled(page)
    page.locator(".st-key-attention_map .frame canvas").press("ArrowUp")  # from 9 to 8, "the"
    expect(page).to_have_url(re.compile("token=8"))
    settled(page)
    go(page, "One attention cell")
    expect(page).to_have_url(re.compile(r"head=2\.1"))
    expect(page.locator(".chip.chosen")).to_have_attribute("aria-label", re.compile("position 8"))
    expect(page.get_by_text(re.compile(r"^Head 2\.1: “the”")).first).to_be_visible()
    for title in ("The path of a token", "Layer by layer", "Embeddings", "What heads do"):
        go(page, title)
        chosen = page.locator(".chip.chosen")
        expect(chosen).to_have_attribute("aria-label", re.compile("position 8"))
    expect(page).to_have_url(re.compile(r"head=2\.1"))
    go(page, "Turn heads off")
    expect(page).to_have_url(re.compile(r"head=2\.1"))
    go(page, "Layer by layer")
    page.locator(".chip").nth(4).click()
    expect(page).to_have_url(re.compile("token=4"))
    settled(page)
    go(page, "Attention")
    said = page.locator(".st-key-attention_map .said")
    expect(said).to_contain_text("elephant (4) looks at")
