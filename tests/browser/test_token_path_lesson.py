"""The path of a token as a student walks it, in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server, settled

RIVER = 9  # [CLS] the sleep ##less elephant walked slowly towards the river . [SEP]


def open_page(page: Page, server: Server, query: str = "") -> Page:
    page.goto(f"{server.url}/token_path{query}")
    settled(page)
    expect(page.locator(".node.chosen")).to_be_visible()
    return page


def node(page: Page, name: str) -> Locator:
    return page.locator(f'.node[data-opens="{name}"]')


def expect_open(page: Page, name: str, heading: str) -> None:
    """Picture, panel and walk speak of one block, and its check holds."""
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.locator(".node.chosen")).to_have_attribute("data-opens", name)
    expect(page.locator(".node.chosen")).to_have_count(1)
    expect(page.get_by_text("Recombines")).to_be_visible()


def test_a_click_opens_a_layer_and_a_block_and_a_reload_shows_it_again(page, server):
    open_page(page, server)
    expect_open(page, "l0.attention", "Layer 0 · Attention")
    node(page, "l2.attention").click()
    expect_open(page, "l2.attention", "Layer 2 · Attention")
    expect(page).to_have_url(re.compile(r"block=l2\.attention"))
    node(page, "l2.feed_forward").click()
    expect_open(page, "l2.feed_forward", "Layer 2 · Feed-forward")
    page.reload()
    settled(page)
    expect_open(page, "l2.feed_forward", "Layer 2 · Feed-forward")
    node(page, "head.probabilities").click()
    expect_open(page, "head.probabilities", "MLM head · Probabilities")
    expect(page.locator(".wk-table tr")).to_have_count(6)


def test_the_path_is_walked_from_the_keyboard(page, server):
    open_page(page, server)
    node(page, "l0.attention").focus()
    page.keyboard.press("ArrowRight")
    expect(node(page, "l0.attention_norm")).to_be_focused()
    page.keyboard.press("Enter")
    expect_open(page, "l0.attention_norm", "Layer 0 · Add & norm")
    expect(node(page, "l0.attention_norm")).to_be_focused()
    page.keyboard.press("End")
    expect(node(page, "head.probabilities")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect_open(page, "piece", "Embeddings · Piece")


def test_next_and_previous_walk_too(page, server):
    open_page(page, server)
    page.get_by_role("button", name="From the start", exact=True).click()
    expect_open(page, "piece", "Embeddings · Piece")
    expect(page.locator(".wk-text mark")).to_have_text("river")
    page.get_by_role("button", name="Next", exact=True).click()
    expect_open(page, "words", "Embeddings · Word embedding")
    page.get_by_role("button", name="Previous", exact=True).click()
    expect_open(page, "piece", "Embeddings · Piece")


def test_a_number_is_read_and_chosen_in_a_strip(page, server):
    open_page(page, server, "?block=l1.output")
    board = page.locator(".board.result")
    box = board.bounding_box()
    assert box is not None
    at = {"x": box["width"] * 10.5 / 64, "y": box["height"] * 1.5 / 4}  # number 64 + 10
    board.hover(position=at)
    expect(page.locator(".tip:visible")).to_contain_text("number 74: ")
    read = page.locator(".tip:visible").inner_text().removeprefix("number 74: ")
    board.click(position=at)
    expect(page).to_have_url(re.compile(r"number=74"))
    chosen = page.locator(".wk .num.result").first
    expect(chosen).to_contain_text(read)
    board.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"number=75"))


def test_a_token_is_chosen_in_the_picture_and_in_the_strip(page, server):
    open_page(page, server)
    expect(page.locator(".chip.chosen")).to_contain_text("[MASK]")
    page.locator("svg text.chooses").filter(has_text="walked").click()
    expect(page.locator(".chip.chosen")).to_contain_text("walked")
    expect(page).to_have_url(re.compile(r"token=5"))
    expect(page.get_by_text("The chosen token is not masked")).to_be_visible()
    page.locator(".chip").nth(0).click()
    expect(page.locator(".node .piece, svg text").filter(has_text="[CLS]").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"token=0"))


def test_the_picture_and_the_numbers_can_be_taken_along(page, server):
    open_page(page, server)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Picture (SVG)").first.click()
    drawn = saved.value.path().read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert "Feed-forward" in drawn
    assert "data:image/png" in drawn
    with page.expect_download() as saved:
        page.locator(".st-key-path_strips").get_by_role("button", name="Picture (SVG)").click()
    assert saved.value.suggested_filename == "path_strips.svg"
    drawn = saved.value.path().read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert "the numbers of “[MASK]”" in drawn
    strips = page.locator(".st-key-path_strips .board").count()
    assert drawn.count("data:image/png") == strips > 0
    with page.expect_download() as saved:
        page.get_by_role("button", name="Numbers (CSV)").first.click()
    assert saved.value.path().read_text(encoding="utf-8-sig").startswith("block,title,shape")


def test_a_block_leads_to_the_lesson_that_opens_it_further(page, server):
    open_page(page, server)
    panel = page.locator(".st-key-path_block")
    panel.get_by_role("link", name="One attention cell").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("attention cell")


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "query",
    [
        "?block=head.logits&path_all=1",
        *(pytest.param(q, marks=pytest.mark.exhaustive) for q in ("", "?block=piece")),
    ],
)
def test_on_a_phone_nothing_is_cut(page, server, query):
    page.set_viewport_size({"width": 400, "height": 900})
    open_page(page, server, query)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    wide = page.evaluate(
        """() => [...document.querySelectorAll(
             '[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]')]
           .filter(e => e.getBoundingClientRect().right > 401).map(e => e.className)"""
    )
    assert wide == []
    box = page.locator(".node.chosen").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 400  # scrolled to


@pytest.mark.exhaustive
def test_markup_is_shown_as_text(page, server):
    evil = "</script><script>window.hacked=1</script>"
    open_page(page, server, f"?block=piece&token=2&text={evil}")
    expect(page.locator(".wk-text")).to_contain_text("script>")
    assert page.evaluate("typeof window.hacked") == "undefined"
