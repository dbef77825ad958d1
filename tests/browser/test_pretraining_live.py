"""A BERT trained from nothing before one's eyes, in a real browser with a real engine."""

import re
import zipfile

import pytest
import transformers
from playwright.sync_api import Page, expect
from serving import Server, settled

from bertlab.runs import Run

START = 180_000  # milliseconds; the engine imports torch on a machine that does other things too
TINY = "part=train&bert_size=tiny"
LONG = f"{TINY}&bert_passes=200"  # nobody waits for the end of it
TABLE = ".pb"
HEADING = re.compile(r"The blanks after ([\d,]+) of ([\d,]+) steps")


def open_setup(page: Page, server: Server, query: str) -> Page:
    page.goto(f"{server.url}/pretraining?{query}")
    return settled(page)


def start(page: Page) -> str:
    """Press Start; return the run's id, which stands in the address."""
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile(r"[?&]pretraining_run="))
    return re.search(r"pretraining_run=([\w-]+)", page.url)[1]


def wait_for_blanks(page: Page, beyond: int = 0) -> int:
    """Wait until the blanks were filled after a later step; return which."""
    page.wait_for_function(
        """beyond => {
            const found = /The blanks after ([\\d,]+) of/.exec(document.body.innerText);
            return found && +found[1].replace(/,/g, '') > beyond;
        }""",
        arg=beyond,
        timeout=START,
    )
    return int(HEADING.search(page.inner_text("body"))[1].replace(",", ""))


def answers(page: Page) -> str:
    return page.locator(TABLE).inner_text()


def test_blanks_and_curves_move_through_refresh_and_stop(server, page, watch, tmp_path):
    open_setup(page, server, LONG)
    expect(page.get_by_text("140 stories to learn from")).to_be_visible()
    run_id = start(page)
    wait_for_blanks(page, beyond=-1)
    assert page.locator(f"{TABLE} img").count() == 10  # a small curve for each
    before = answers(page)
    first = wait_for_blanks(page)
    page.locator(".st-key-pretraining_loss canvas").wait_for()
    assert answers(page) != before
    wide = page.locator(f"{TABLE} img").first
    assert wide.evaluate("e => e.complete && e.naturalWidth > 0")  # the curve is drawn
    assert re.search(
        r"Probability of the right answer: [\d.]+% at step 0", wide.get_attribute("alt")
    )

    page.reload()  # in mid-run
    later = wait_for_blanks(page, beyond=first)
    other = watch.on(page.context.new_page())
    other.goto(page.url)
    assert wait_for_blanks(other) >= later
    expect(other.get_by_role("heading", name="village_en")).to_be_visible()

    page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    kept = page.get_by_text(re.compile(r"Stopped at step \d+; the model is kept"))
    expect(kept).to_be_visible(timeout=30_000)
    expect(other.get_by_text("the model is kept")).to_be_visible(timeout=30_000)  # by itself
    other.close()
    expect(page.get_by_text(re.compile("^Before .random weights. and after"))).to_be_visible()
    assert Run(run_id, server.runs / run_id).has_model

    box = page.get_by_label("A sentence with [MASK] in it")
    box.fill("Rosa the [MASK] got up early.")
    box.press("Enter")
    bars = page.locator(".st-key-pretraining_try_bars_0_frame svg")
    expect(bars.get_by_text(re.compile(r"^\d+\.\d%$")).first).to_be_visible()

    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("Download the model")).click()
    waiting.value.save_as(tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as file:
        file.extractall(tmp_path)
    model = transformers.BertForPreTraining.from_pretrained(tmp_path / "model")
    assert model.config.vocab_size == 1_000

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete now").click()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible()
    assert not (server.runs / run_id).exists()


@pytest.mark.exhaustive
def test_ones_own_text_is_learned_to_the_end(server, page):
    lines = [f"The {who} sees the {what}." for who in ("cat", "dog", "owl", "hen")
             for what in ("boat", "kite", "house", "lake", "hill", "tea")]  # fmt: skip
    open_setup(page, server, f"{TINY}&bert_text=own&bert_passes=2")
    page.locator('input[type="file"]').set_input_files(
        {"name": "mine.txt", "mimeType": "text/plain", "buffer": "\n".join(lines).encode()}
    )
    expect(page.get_by_text("In use: mine.txt")).to_be_visible()
    box = page.get_by_label("Sentence 1")
    box.fill("The <b>cat</b> sees the [MASK].")
    box.press("Enter")
    settled(page)
    start(page)
    expect(page.get_by_text("Ask your own BERT")).to_be_visible(timeout=START)
    assert page.locator(f"{TABLE} mark").inner_text() == "[MASK]"
    assert "<b>cat</b>" in answers(page)


def test_the_games_next_draw_stands_in_the_address(server, page):
    open_setup(page, server, "")
    page.locator("ol.mg li").nth(20).wait_for()
    before = page.locator("ol.mg").inner_text()
    page.get_by_role("button", name="Draw again").click()
    page.wait_for_url(re.compile("game_draw="))
    settled(page)
    after = page.locator("ol.mg").inner_text()
    assert after != before
    page.reload()
    settled(page)
    assert page.locator("ol.mg").inner_text() == after


@pytest.mark.exhaustive
def test_a_phone_shows_the_lesson_without_scrolling_sideways(server, phone):
    fits = "document.documentElement.scrollWidth <= innerWidth"
    open_setup(phone, server, "")
    assert phone.evaluate(fits)
    # Another seed in dark, or the result that is there from light would be offered.
    seed = phone.evaluate("+matchMedia('(prefers-color-scheme: dark)').matches")
    open_setup(phone, server, f"{TINY}&bert_passes=1&bert_seed={seed}")
    assert phone.evaluate(fits)
    start(phone)
    phone.get_by_text("Ask your own BERT").wait_for(timeout=START)
    assert phone.evaluate(fits)
