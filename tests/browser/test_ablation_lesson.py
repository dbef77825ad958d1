"""Turning heads off in a real browser: switches, keyboard, what follows, what stays."""

import re
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server, settled, title

LAYERS = HEADS = 4  # of the embedded model
SVG = "{http://www.w3.org/2000/svg}"


def open_lesson(page: Page, server: Server, query: str = "") -> Page:
    page.goto(f"{server.url}/ablation{query}")
    settled(page)
    expect(page.locator("button.head")).to_have_count(LAYERS * HEADS)
    return page


def switch(page: Page, layer: int, head: int) -> Locator:
    return page.locator("button.head").nth(layer * HEADS + head)


def expect_off(page: Page, heads: set[tuple[int, int]]) -> None:
    expect(page.locator("button.head.off")).to_have_count(len(heads))
    for layer, head in heads:
        expect(switch(page, layer, head)).to_have_attribute("aria-pressed", "true")


def head_title(page: Page) -> Locator:
    return title(page, "attention_map")


def column(page: Page) -> Locator:
    """The heading of the second column of answers."""
    return page.locator(".st-key-ablation_moved_frame .annotation-text").nth(1)


def test_switches_move_the_answer_and_take_the_head_in_hand(page, server):
    open_lesson(page, server, "?off=none")
    expect_off(page, set())
    expect(column(page)).to_have_text("Nothing off")
    switch(page, 1, 3).click()
    expect_off(page, {(1, 3)})
    expect(column(page)).to_have_text("1 head off")
    expect(page).to_have_url(re.compile(r"off=1\.3"))
    expect(head_title(page)).to_contain_text("Head 1.3")
    switch(page, 2, 1).click()
    expect_off(page, {(1, 3), (2, 1)})
    expect(head_title(page)).to_contain_text("Head 2.1")
    switch(page, 1, 3).click()
    expect_off(page, {(2, 1)})
    page.get_by_role("button", name="Undo").click()
    expect_off(page, {(1, 3), (2, 1)})
    page.reload()
    settled(page)
    expect_off(page, {(1, 3), (2, 1)})


def test_a_click_that_began_before_a_redraw_counts(page, server):
    open_lesson(page, server, "?off=none")
    switch(page, 2, 1).scroll_into_view_if_needed()
    box = switch(page, 2, 1).bounding_box()
    assert box is not None
    switch(page, 1, 3).click()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(column(page)).to_have_text("1 head off")  # the first click's answer has come
    settled(page)
    page.mouse.up()
    expect_off(page, {(1, 3), (2, 1)})


def test_layers_are_silenced_and_skipped(page, server):
    open_lesson(page, server, "?off=none")
    page.locator("button.layer").nth(2).click()
    expect_off(page, {(2, head) for head in range(HEADS)})
    page.locator("button.layer").nth(2).click()
    expect_off(page, set())
    page.locator("button.skip").nth(0).click()
    expect(page.locator("button.skip").nth(0)).to_have_text("skipped")
    expect(column(page)).to_have_text("layer 0 skipped")
    expect(page).to_have_url(re.compile("skip=0"))
    page.get_by_role("button", name="All on").click()
    expect(column(page)).to_have_text("Nothing off")
    expect(page.locator("button.skip").nth(0)).to_have_text("skip")


def test_quick_presses_are_all_counted(page, server):
    open_lesson(page, server, "?off=none")
    pressed = {(0, 0), (1, 1), (2, 2), (3, 3)}
    for layer, head in sorted(pressed):
        switch(page, layer, head).click()
    expect_off(page, pressed)


def test_the_switches_can_be_saved_as_a_picture(page, server):
    open_lesson(page, server, "?off=1.3&skip=2")
    with page.expect_download() as caught:
        page.locator(".st-key-ablation_switches").get_by_role(
            "button", name="Picture (SVG)"
        ).click()
    assert caught.value.suggested_filename == "ablation_switches.svg"
    drawn = caught.value.path().read_text(encoding="utf-8")
    assert "'Source Sans 3', " in drawn  # an unquoted name with a number in it voids the list
    texts = [text.text for text in ElementTree.fromstring(drawn).iter(f"{SVG}text")]
    assert texts[0].startswith("What each head’s loss alone does to ln p of “river”")
    assert texts.count("off") == texts.count("skipped") == 1
    numbers = page.locator("button.head span").all_inner_texts()
    assert [text for text in texts if text in numbers][-len(numbers) :] == numbers


def test_the_switches_can_be_used_from_the_keyboard_alone(page, server):
    open_lesson(page, server, "?off=none")
    switch(page, 0, 0).focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(switch(page, 2, 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect_off(page, {(2, 1)})
    expect(switch(page, 2, 1)).to_be_focused()
    page.keyboard.press("Space")
    expect_off(page, set())
    page.keyboard.press("Home")
    expect(page.locator("button.layer").nth(2)).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("button.skip").nth(2)).to_be_focused()


def test_a_token_is_masked_and_all_parts_speak_of_it(page, server):
    open_lesson(page, server)
    expect(title(page, "ablation_moved")).to_contain_text("Position 9: “river”")
    page.locator(".chip").nth(9).click()
    expect(page.get_by_text("Nothing is masked")).to_be_visible()
    page.locator(".chip").nth(5).click()
    expect(title(page, "ablation_moved")).to_contain_text("Position 5: “walked”")
    expect(title(page, "ablation_attributions")).to_contain_text("“walked” at position 5")


def test_presets_and_the_mean(page, server):
    open_lesson(page, server)
    page.get_by_role("button", name="3 most helpful").click()
    expect(page.locator("button.head.off")).to_have_count(3)
    before = page.locator("button.head").first.inner_text()
    page.get_by_role("radio", name="its mean").or_(
        page.get_by_role("button", name="its mean")
    ).click()
    expect(page.locator("button.head").first).not_to_have_text(before)
    expect(page.locator("button.head.off")).to_have_count(3)
    expect(page).to_have_url(re.compile("ablation_kind=mean"))


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "model", ["bertlab-mini-en", pytest.param("bertlab-mini-zh", marks=pytest.mark.exhaustive)]
)
def test_a_phone_cuts_nothing_of_the_switches(page, server, model):
    page.set_viewport_size({"width": 400, "height": 900})
    open_lesson(page, server, f"?model={model}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    wide = page.evaluate(
        """() => [...document.querySelectorAll(
             '[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]')]
           .filter(e => !e.closest('[class*="_frame"]'))
           .filter(e => e.getBoundingClientRect().right > 401).map(e => e.className)"""
    )
    assert wide == []
