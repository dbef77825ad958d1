"""What a phone shows: titles that wrap, frames that say there is more, choices in sight."""

import time

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import Server, settled, title

pytestmark = pytest.mark.exhaustive

ROLLOUT = "heads_rollout"
LONG = " ".join(f"word{number % 10}" for number in range(60))


def open_on_phone(page: Page, server: Server, path: str) -> Page:
    page.set_viewport_size({"width": 400, "height": 900})
    page.goto(f"{server.url}/{path}")
    return settled(page)


def test_the_title_of_a_wide_figure_wraps_above_it(page, server):
    open_on_phone(page, server, "heads")
    for key in ("heads_entropy", ROLLOUT):
        expect(title(page, key)).to_have_count(1)
        box = title(page, key).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 400
        overflow = title(page, key).evaluate("e => e.scrollWidth - e.clientWidth")
        assert overflow <= 0
    expect(title(page, ROLLOUT)).to_contain_text("Rollout into “")


def test_the_picture_that_is_saved_has_its_title(page, server):
    open_on_phone(page, server, "heads")
    said = title(page, ROLLOUT).inner_text()
    frame = page.locator(f".st-key-{ROLLOUT}_frame")
    frame.scroll_into_view_if_needed()
    frame.evaluate("e => e.scrollTo(e.scrollWidth, 0)")
    frame.hover()
    with page.expect_download() as caught:
        frame.get_by_role("button", name="Download plot").click()
    picture = caught.value.path().read_text(encoding="utf-8")
    assert said.split()[0] in picture
    assert "gtitle" in picture


def soft_edges(frame: Locator) -> tuple[float, float] | None:
    """How many pixels fade at the frame's beginning and at its end; None without any fading."""
    masked, *edges = frame.evaluate(
        """e => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
             const style = getComputedStyle(e);
             const edges = ["--fade-before", "--fade-after"].map(n => style.getPropertyValue(n));
             done([style.maskImage, ...edges]);
           })))"""
    )
    return None if masked == "none" else tuple(float(edge.removesuffix("px")) for edge in edges)


def expect_edges(frame: Locator, edges: tuple[float, float] | None) -> None:
    """Wait for them: a figure may still be growing, and the edges follow the scrolling."""
    end = time.monotonic() + 30
    while soft_edges(frame) != edges and time.monotonic() < end:
        frame.page.wait_for_timeout(100)
    assert soft_edges(frame) == edges


def scroll(frame: Locator, left: int = 0, top: int = 0) -> None:
    frame.evaluate("(e, [left, top]) => e.scrollTo(left, top)", [left, top])


def test_a_soft_edge_shows_where_more_lies(page, server):
    open_on_phone(page, server, "heads")
    frame = page.locator(f".st-key-{ROLLOUT}_frame")
    expect_edges(frame, (0, 40))
    scroll(frame, 100)
    expect_edges(frame, (40, 40))
    scroll(frame, 9999)
    expect_edges(frame, (40, 0))
    for whole in (".st-key-heads_entropy_frame", ".st-key-heads_grid .frame", ".strip"):
        expect_edges(page.locator(whole), None)
        assert page.locator(whole).evaluate("e => e.scrollWidth <= e.clientWidth"), whole


def in_sight(frame: Locator, part: Locator) -> bool:
    inner, outer = part.bounding_box(), frame.bounding_box()
    return all(
        outer[at] <= inner[at] and inner[at] + inner[size] <= outer[at] + outer[size]
        for at, size in (("x", "width"), ("y", "height"))
    )


def column_in_sight(page: Page, key: int, count: int) -> bool:
    """Whether the cells of a key's column, `count` of them before a 4 px rim, are in the frame."""
    frame = page.locator(".map .frame")
    width, scrolled, whole = frame.evaluate("e => [e.clientWidth, e.scrollLeft, e.scrollWidth]")
    size = min(38, 460 // count)
    left = whole - 4 - (count - key) * size - scrolled
    return left >= 0 and left + size <= width


def names_begin(frame: Locator) -> float:
    """Where the rows' names are drawn, in pixels of what scrolls."""
    return float(frame.get_attribute("data-names"))


def test_the_chosen_cell_of_the_map_is_in_sight(page, server):
    open_on_phone(page, server, "attention?key=11")  # the last of 12
    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    assert page.evaluate(top) == 0
    assert column_in_sight(page, 11, 12)
    assert not column_in_sight(page, 0, 12)
    frame = page.locator(".map .frame")
    expect_edges(frame, (0, 0))  # at the left edge the rows' names stay in sight
    assert names_begin(frame) == frame.evaluate("e => e.scrollLeft") > 0
    page.locator(".map .frame canvas").focus()
    before = page.evaluate(top)
    for _ in range(11):
        page.keyboard.press("ArrowLeft")
    assert column_in_sight(page, 0, 12)
    settled(page)
    scroll(frame, 9999)
    page.locator(".map .frame canvas").hover()
    assert not column_in_sight(page, 0, 12)  # what the student scrolls to stays
    assert names_begin(frame) == frame.evaluate("e => e.scrollLeft")
    assert page.evaluate(top) == before


def test_a_strip_scrolls_only_to_a_token_out_of_sight(page, server):
    open_on_phone(page, server, "next_sentence")
    strip = page.locator(".strip")
    assert strip.evaluate("e => e.scrollHeight - e.clientHeight") == 0  # a pair, shown whole
    expect_edges(strip, None)
    page.goto(f"{server.url}/layers?text={LONG}&mask=none&token=2")
    settled(page)
    assert strip.evaluate("e => e.scrollTop") == 0
    expect_edges(strip, (0, 40))
    chip = page.locator(".chip").nth(55)
    page.goto(f"{server.url}/layers?text={LONG}&mask=none&token=55")
    settled(page)
    assert in_sight(strip, chip)
    assert strip.evaluate("e => e.scrollTop") > 0
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
