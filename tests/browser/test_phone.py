"""What a phone shows: titles that wrap, frames that say there is more, choices in sight."""

from playwright.sync_api import Page, expect
from serving import Server, settled, title

ROLLOUT = "heads_rollout"


def open_on_phone(page: Page, server: Server, path: str) -> Page:
    page.set_viewport_size({"width": 400, "height": 900})
    page.goto(f"{server.url}/{path}")
    return settled(page)


def test_the_title_of_a_wide_figure_wraps_above_it(page, server):
    open_on_phone(page, server, "heads")
    for key in ("heads_entropy", ROLLOUT):
        expect(title(page, key)).to_have_count(1)
        box = title(page, key).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 400
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
    assert said.split()[0] in picture and "gtitle" in picture
