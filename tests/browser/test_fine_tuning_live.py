"""Fine-tuning as a student meets it: a file of one's own, a curve that grows, a model to keep.

The engine, the embedded model and the server are the real ones; only the data is small. That
points are added to the loss chart is read in two places: its text alternative, which names the
newest step, and the picture itself, whose share of the training curve's blue grows.
"""

import re
import zipfile
from pathlib import Path

import pytest
import transformers
from playwright.sync_api import Page, expect
from serving import settled
from tuning import CURVE, LONG, START, newest_step, open_setup, start, stop, upload, wait_for_curve

from bertlab.runs import Run

BLUE_PIXELS = """() => {
    const canvas = document.querySelector('.st-key-run_loss canvas');
    if (!canvas || !canvas.width) return 0;
    const {data} = canvas.getContext('2d').getImageData(0, 70, canvas.width, canvas.height - 70);
    let count = 0;
    for (let i = 0; i < data.length; i += 4)
        count += data[i + 3] > 0 && data[i + 2] > data[i] + 60;
    return count;
}"""


def reviews() -> bytes:
    """60 short reviews as a Chinese spreadsheet program saves them."""
    good = [f"{what}很好，下次还来 {n}" for n in range(10) for what in ("房间", "菜", "电影")]
    bad = [f"{what}太差了，不会再来 {n}" for n in range(10) for what in ("房间", "菜", "电影")]
    rows = [*(f"{text};正面" for text in good), *(f"{text};负面" for text in bad)]
    return "\r\n".join(["评论内容;情感标签", *rows]).encode("gb18030")


def download_model(page: Page, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Download the model")).click()
    archive = folder / "model.zip"
    waiting.value.save_as(archive)
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    return folder / "model"


def test_from_a_file_of_ones_own_to_a_model_to_take_home(server, page, watch, tmp_path):
    open_setup(page, server, LONG)
    upload(page, reviews())
    expect(page.get_by_text("60 rows, 2 columns, read as gb18030")).to_be_visible()
    expect(page.get_by_text("60 examples in 2 classes")).to_be_visible()
    cells = page.locator('[data-testid="data-grid-canvas"] [role="gridcell"]')
    expect(cells.filter(has_text="房间很好，下次还来 0")).to_be_attached()
    bars = page.locator(".st-key-finetune_classes_frame svg")
    expect(bars.get_by_text("正面")).to_be_visible()
    assert bars.get_by_text("30", exact=True).count() == 2
    expect(page.get_by_text("100 epochs of 48 batches")).to_be_visible()
    run_id = start(page)
    page.wait_for_url(lambda url: "data=" not in url)  # a run has its own: its link is short
    assert "我的" not in page.url

    first, ink = wait_for_curve(page), page.evaluate(BLUE_PIXELS)
    later = wait_for_curve(page, beyond=first + 150)
    page.wait_for_timeout(500)
    assert later > first
    assert page.evaluate(BLUE_PIXELS) > ink

    page.reload()  # in mid-run
    assert wait_for_curve(page, beyond=later) > later
    other = watch.on(page.context.new_page())
    other.goto(page.url)
    reached = wait_for_curve(other)
    assert reached > first
    expect(other.get_by_role("heading", name="我的评论.csv")).to_be_visible()

    stop(page)
    expect(other.get_by_text("the model is kept")).to_be_visible(timeout=10_000)  # by itself
    other.close()
    page.get_by_role("button", name="Final: reveal the test score").click()
    expect(page.get_by_text("Always the commonest label", exact=True)).to_be_visible()
    assert Run(run_id, server.runs / run_id).has_model

    box = page.get_by_label("A sentence for your model")
    box.fill("房间很好")
    box.press("Enter")
    answer = page.locator(".st-key-run_answer_frame svg")
    expect(answer.get_by_text(re.compile(r"^\d+\.\d%$")).first).to_be_visible()

    model = download_model(page, tmp_path)
    classifier = transformers.pipeline("text-classification", str(model))
    assert classifier("房间很好")[0]["label"] in ("正面", "负面")

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete now").click()
    expect(page.get_by_role("heading", name="1 · Data")).to_be_visible()
    assert not (server.runs / run_id).exists()
    page.goto(f"{server.url}/fine_tuning?run={run_id}")
    expect(page.get_by_text("There is no run")).to_be_visible()


@pytest.mark.exhaustive
def test_a_killed_server_and_a_closed_browser_leave_the_run_alone(fresh_server, browser, watch):
    server = fresh_server.start().wait()
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = watch.on(context.new_page())
    open_setup(page, server, f"data=chinese_reviews&{LONG}")
    run_id = start(page)
    reached, address, cookies = wait_for_curve(page), page.url, context.storage_state()
    context.close()
    server.process.kill()  # SIGKILL
    server.process.wait()
    run = Run(run_id, server.runs / run_id)
    before = run.status()
    server.start().wait()
    # The browser keeps its cookie: it is the same student who comes back.
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, storage_state=cookies)
    page = watch.on(context.new_page())
    page.goto(address)
    assert wait_for_curve(page, beyond=max(reached, before.step)) > before.step
    after = run.status()
    assert after.started == before.started  # it went on; it was not begun again
    assert not any(event.kind == "resumed" for event in run.events()[0])
    stop(page)
    context.close()


def test_a_run_is_paused_and_goes_on_from_where_it_was(server, page, watch):
    open_setup(page, server, f"data=chinese_reviews&{LONG}")
    run_id = start(page)
    wait_for_curve(page, beyond=5)
    other = watch.on(page.context.new_page())
    other.goto(page.url)
    wait_for_curve(other)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(
        page.get_by_text(re.compile(r"^Paused at step \d+; nothing is computed"))
    ).to_be_visible()
    expect(other.get_by_role("button", name="Go on", exact=True)).to_be_visible()  # by itself
    run = Run(run_id, server.runs / run_id)
    step = run.status().step
    assert run.status().phase == "paused"
    assert not run.has_model
    page.reload()
    assert wait_for_curve(page) == step
    page.get_by_role("button", name="Go on", exact=True).click()
    assert wait_for_curve(page, beyond=step) > step
    wait_for_curve(other, beyond=step)
    other.close()
    stop(page)
    steps = [event.step for event in run.history() if event.kind == "train"]
    assert steps == list(range(1, len(steps) + 1))


@pytest.mark.exhaustive
def test_the_pictures_can_be_held_still_and_zoomed(server, page):
    open_setup(page, server, f"data=chinese_reviews&{LONG}")
    start(page)
    wait_for_curve(page, beyond=20)
    page.get_by_text("Pause the pictures").click()
    page.wait_for_timeout(1_500)  # a look that was under way
    held = newest_step(page)
    canvas = page.locator(f"{CURVE} canvas").first
    canvas.scroll_into_view_if_needed()
    whole, box = picture(page), canvas.bounding_box()
    top = box["y"]
    page.mouse.move(box["x"] + box["width"] / 6, top + box["height"] / 2)
    page.wait_for_timeout(1_500)  # a wheel scrolls the page until the pointer rests on the chart
    hovered = picture(page)
    for _ in range(3):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(150)
    assert picture(page) != hovered
    assert canvas.bounding_box()["y"] == top  # the page was not scrolled instead
    page.wait_for_timeout(2_500)  # several looks long
    page.mouse.move(5, 5)
    page.wait_for_timeout(300)
    rested = picture(page)
    page.wait_for_timeout(1_500)
    assert picture(page) == rested != whole  # it stays zoomed, also when the pointer is away
    assert newest_step(page) == held
    page.get_by_text("Pause the pictures").click()
    assert wait_for_curve(page, beyond=held) > held
    stop(page)


def picture(page: Page) -> str:
    """The loss chart as it is drawn."""
    canvas = f"document.querySelector('{CURVE} canvas')"
    return page.evaluate(f"{canvas}.toDataURL()")


@pytest.mark.exhaustive
def test_a_short_run_ends_by_itself_and_shows_its_figures(server, page):
    open_setup(page, server, "data=chinese_reviews&epochs=1&length=16&strategy=frozen")
    run_id = start(page)
    page.get_by_role("button", name="Final: reveal the test score").click(timeout=START)
    expect(page.get_by_text("On 35 test examples, never learned from")).to_be_visible(timeout=START)
    result = Run(run_id, server.runs / run_id).result()
    accuracy = page.locator('[data-testid="stMetric"]', has_text="Accuracy").first
    expect(accuracy).to_contain_text(f"{result['test']['accuracy']:.1%}")
    expect(page.get_by_text("Who was taken for whom")).to_be_visible()
    expect(page.get_by_text("Your sentences, by the stored model")).to_be_visible()
    settled(page).go_back()  # one press leads to the settings, as they were
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("1")
    assert "data=chinese_reviews" in page.url
    assert "run=" not in page.url
    settled(page).go_forward()
    expect(page.get_by_text("On 35 test examples, never learned from")).to_be_visible()
    assert f"run={run_id}" in page.url


def test_a_file_that_is_none_gets_a_message_and_the_next_one_works(server, page):
    open_setup(page, server, "")
    upload(page, b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "reviews.csv")
    expect(page.get_by_text("This is a PNG image, not a CSV file")).to_be_visible()
    assert page.get_by_role("button", name="Start", exact=True).count() == 0
    page.locator('input[type="file"]').set_input_files(
        {"name": "good.csv", "mimeType": "text/csv", "buffer": reviews()}
    )
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()


@pytest.mark.exhaustive
def test_mark_up_in_a_file_stays_text(server, page):
    rows = [f"<img src=x onerror=alert({n})> </script>,{'<b>a</b>' if n % 2 else '**b**'}"
            for n in range(40)]  # fmt: skip
    open_setup(page, server, "epochs=1&length=16")
    upload(page, "\n".join(["text,label", *rows]).encode(), "<b>x</b>.csv")
    expect(page.get_by_text("40 examples in 2 classes")).to_be_visible()
    start(page)
    page.get_by_role("button", name="Final: reveal the test score").click(timeout=START)
    expect(page.get_by_text("On 4 test examples, never learned from")).to_be_visible(timeout=START)
    assert page.locator('img[src="x"]').count() == 0  # and no dialog, which `page` holds


def test_start_is_in_sight_without_scrolling(server, page):
    open_setup(page, server, "data=messy")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_in_viewport()


@pytest.mark.exhaustive
def test_a_phone_shows_the_page_without_scrolling_sideways(server, phone):
    # Another seed in dark, or the result that is there from light would be offered.
    seed = phone.evaluate("+matchMedia('(prefers-color-scheme: dark)').matches")
    open_setup(phone, server, f"data=messy&epochs=1&length=16&seed={seed}")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    start(phone)
    phone.get_by_text("Try a sentence").wait_for(timeout=START)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
