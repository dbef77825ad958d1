"""The browser's Back and Forward: one press, one sentence, run or page."""

from playwright.sync_api import Page, expect
from serving import Server, settled

FIRST, SECOND = "The cat sat on the mat.", "A dog ran down the road."


def type_sentence(page: Page, text: str) -> None:
    box = page.get_by_label("Sentence", exact=True)
    box.fill(text)
    box.press("Enter")
    expect_sentence(page, text)


def expect_sentence(page: Page, text: str) -> None:
    """The box holds it, and so do the tokens in the figure."""
    settled(page)
    expect(page.get_by_label("Sentence", exact=True)).to_have_value(text)
    word = text.split()[3]
    expect(page.locator(".st-key-masked_strip").get_by_text(word, exact=True)).to_be_visible()


def test_back_goes_from_sentence_to_sentence_and_to_the_page_before(page: Page, server: Server):
    page.goto(f"{server.url}/tokenization")
    settled(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Masked words").click()
    page.wait_for_url("**/masked_words*")
    settled(page)
    opening = page.get_by_label("Sentence", exact=True).input_value()
    type_sentence(page, FIRST)
    page.locator(".st-key-masked_strip").get_by_text("sat", exact=True).click()
    settled(page)
    hidden = page.url
    assert "mask=" in hidden
    type_sentence(page, SECOND)
    page.go_back()
    expect_sentence(page, FIRST)
    assert page.url == hidden  # with what was hidden in it
    page.go_back()
    expect_sentence(page, opening)
    page.go_forward()
    expect_sentence(page, FIRST)
    page.go_forward()
    expect_sentence(page, SECOND)
    for _ in range(3):
        page.go_back()
    expect(page.get_by_role("heading", name="Tokenization", exact=True)).to_be_visible()
    settled(page)
    expect(page.get_by_label("Sentence", exact=True)).to_have_value(opening)


def test_one_entry_for_a_page_that_brings_its_sentence_along(page: Page, server: Server):
    page.goto(f"{server.url}/masked_words")
    settled(page)
    type_sentence(page, FIRST)
    before = page.evaluate("history.length")
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Layer by layer").click()
    page.wait_for_url("**/layers?*text=*")
    settled(page)
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    page.wait_for_url("**/masked_words?*")
    expect_sentence(page, FIRST)
