"""What the browser tests of fine-tuning do again and again."""

import re

from playwright.sync_api import Page, expect
from serving import Server, settled

START = 90_000  # milliseconds; the engine imports torch on a machine that does other things too
LONG = "epochs=100&batch=1&length=16"  # 4,800 steps: nobody waits for the end of it
CURVE = ".st-key-run_loss"


def open_setup(page: Page, server: Server, query: str) -> Page:
    page.goto(f"{server.url}/fine_tuning?{query}")
    return settled(page)


def upload(page: Page, data: bytes, name: str = "我的评论.csv") -> Page:
    page.get_by_text("Your own file", exact=True).click()
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    return page


def start(page: Page) -> str:
    """Press Start; return the run's id, which stands in the address."""
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile(r"[?&]run="))
    return re.search(r"run=([\w-]+)", page.url)[1]


def newest_step(page: Page) -> int:
    """The last step of the loss chart, by its text alternative."""
    label = page.locator(f'{CURVE} [aria-label*="Step "]').first.get_attribute("aria-label")
    return int(re.search(r"Step (\d+)", label)[1])


def wait_for_curve(page: Page, beyond: int = 0) -> int:
    page.locator(CURVE).wait_for(timeout=START)
    page.wait_for_function(
        """beyond => [...document.querySelectorAll('.st-key-run_loss [aria-label*="Step "]')]
            .some(e => +/Step (\\d+)/.exec(e.ariaLabel)[1] > beyond)""",
        arg=beyond,
        timeout=START,
    )
    return newest_step(page)


def stop(page: Page) -> None:
    """Press Stop: the page shows the end within ten seconds, the measuring included."""
    page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile(r"Stopped at step \d+; the model is kept"))).to_be_visible(
        timeout=10_000
    )
