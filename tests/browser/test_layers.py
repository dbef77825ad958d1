"""The lesson on the layers in a real browser: clicks, the keyboard, a narrow screen."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server, settled, title


def open_page(page: Page, server: Server, query: str = "") -> Page:
    page.goto(f"{server.url}/layers{query}")
    return settled(page)


def cells(page: Page) -> Locator:
    return page.locator('.st-key-layers_grid_frame [data-stale="false"] .bars .point')


def click_cell(page: Page, depth: int, column: int, *, columns: int) -> None:
    box = cells(page).nth(depth * columns + column).bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def expect_chosen(page: Page, position: int) -> None:
    expect(page.locator(".chip").nth(position)).to_have_class(re.compile(r"\bchosen\b"))


def test_a_cell_chooses_its_token_again_and_again(page, server):
    open_page(page, server)
    expect(cells(page)).to_have_count(5 * 12)
    cells(page).first.scroll_into_view_if_needed()
    for position in (4, 9, 4):  # the same cell twice, another one between
        click_cell(page, 2, position, columns=12)
        expect_chosen(page, position)
        expect(title(page, "layers_answers")).to_contain_text(f"at position {position},")
        settled(page)
    expect(page).to_have_url(re.compile("token=4"))


def test_a_chip_moves_every_picture(page, server):
    open_page(page, server)
    expect(title(page, "layers_ranks")).to_contain_text("“river”")
    page.locator(".chip").nth(4).click()
    expect(title(page, "layers_ranks")).to_contain_text("“elephant”")
    expect(title(page, "layers_answers")).to_contain_text("position 4")
    page.get_by_role("button", name="Mask “elephant”").click()
    expect(page.get_by_text("The token is hidden from the model.")).to_be_visible()


def test_a_watched_word_is_followed_and_stands_in_the_address(page, server):
    open_page(page, server)
    box = page.get_by_role("textbox", name="Watch a word")
    box.fill("sleepless")
    box.press("Enter")
    expect(title(page, "layers_ranks")).to_contain_text("“sleep”")
    page.get_by_role("radio", name="##less").click()
    expect(title(page, "layers_ranks")).to_contain_text("“##less”")
    expect(page).to_have_url(re.compile("watch=sleepless"))


@pytest.mark.exhaustive
def test_on_a_phone_wide_pictures_scroll_inside_their_frames(page, server):
    page.set_viewport_size({"width": 400, "height": 900})
    open_page(page, server)
    frame = page.locator(".st-key-layers_grid_frame")
    assert frame.evaluate("frame => frame.scrollWidth > frame.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
