"""The lesson on what heads do, as a student goes through it in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server, settled, title


def open_heads(page: Page, server: Server, query: str = "") -> Page:
    page.goto(f"{server.url}/heads{query}")
    expect(cell(page, 0, 0)).to_be_visible(timeout=90_000)
    return settled(page)


def cell(page: Page, layer: int, head: int) -> Locator:
    return page.get_by_role("gridcell", name=re.compile(rf"^Head {layer}\.{head}\b"))


def expect_address(page: Page, part: str) -> None:
    expect(page).to_have_url(re.compile(part))


def test_a_click_on_a_cell_chooses_the_head_for_every_lesson(page, server):
    open_heads(page, server)
    expect(page.get_by_role("gridcell")).to_have_count(16)
    cell(page, 0, 2).click()
    expect_address(page, r"head=0\.2")
    expect(title(page, "heads_bars")).to_contain_text("Head 0.2 looks at the next token")
    expect(cell(page, 0, 2)).to_have_attribute("aria-selected", "true")
    page.get_by_role("link", name="Head 0.2 in your sentence").click()
    expect(page.get_by_role("heading", name="Attention", exact=True)).to_be_visible()
    expect(title(page, "attention_map")).to_contain_text("Head 0.2")


def test_the_keyboard_alone_moves_and_chooses(page, server):
    open_heads(page, server, "?head=1.1")
    cell(page, 1, 1).focus()
    for key in ("ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(cell(page, 0, 0)).to_be_focused()
    page.keyboard.press("Enter")
    expect_address(page, r"head=0\.0")
    expect(title(page, "heads_bars")).to_contain_text("Head 0.0 looks at the previous token")


def test_hovering_over_a_cell_tells_its_number(page, server):
    open_heads(page, server)
    cell(page, 0, 2).hover()
    expect(page.locator(".tip")).to_contain_text("Head 0.2 looks at the next token: ")
    expect(page.locator(".tip")).to_contain_text("% of its weight")


def test_the_grid_can_be_saved(page, server):
    open_heads(page, server)
    with page.expect_download() as caught:
        page.locator(".st-key-heads_grid").get_by_role("button", name="Picture (SVG)").click()
    assert caught.value.suggested_filename == "heads_grid.svg"
    picture = caught.value.path().read_text(encoding="utf-8")
    assert picture.startswith("<svg")
    assert picture.count('role="gridcell"') == 16


@pytest.mark.parametrize(("scheme", "ground"), [("light", "255, 255, 255"), ("dark", "14, 17, 23")])
def test_a_plotly_figure_is_saved_from_the_keyboard_on_its_own_ground(page, server, scheme, ground):
    page.emulate_media(color_scheme=scheme)
    open_heads(page, server)
    button = page.locator(".st-key-heads_bars_svg").get_by_role("button", name="Picture (SVG)")
    button.focus()
    with page.expect_download() as caught:
        page.keyboard.press("Enter")
    assert caught.value.suggested_filename == "heads_bars.svg"
    picture = caught.value.path().read_text(encoding="utf-8")
    assert f"rgb({ground})" in picture.partition("<g")[0]  # what lies lowest


def test_own_sentences_are_measured_when_they_are_typed(page, server):
    open_heads(page, server)
    page.get_by_role("radio", name="Your own").click()
    expect_address(page, "heads_source=own")
    box = page.get_by_role("textbox", name="Your sentences, one a line")
    box.fill("\n".join(f"The cat saw dog {n}, and the dog saw the cat." for n in range(8)))
    box.press("Control+Enter")
    expect(page.get_by_text("over 9 sentences of your own")).to_be_visible()
    expect(cell(page, 0, 0)).to_be_visible()


def test_a_token_above_is_followed_below(page, server):
    open_heads(page, server)
    expect(title(page, "heads_rollout")).to_contain_text("Rollout into “")
    page.locator(".chip").nth(4).click()
    expect(title(page, "heads_rollout")).to_contain_text("“elephant” (4)")
    page.get_by_role("radio", name="Each layer alone").click()
    expect(title(page, "heads_rollout")).to_contain_text("Mean attention of “elephant” (4)")


@pytest.mark.exhaustive
def test_nothing_is_cut_on_a_phone(page, server):
    page.set_viewport_size({"width": 400, "height": 900})
    open_heads(page, server)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    last = cell(page, 3, 3)
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
