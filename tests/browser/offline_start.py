"""Server and browser in one network namespace; run by test_start.py, prints what it saw as JSON."""

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from serving import FLAGS, Server, Watch, settled


def visit(page: Page, server: Server) -> list[str]:
    """Open each page by its address; return the titles."""
    titles = []
    for path in ("", "tokenization", "masked_words", "fine_tuning", "attention?view=head"):
        page.goto(f"{server.url}/{path}")
        titles.append(settled(page).locator("h1").inner_text())
    return titles


def main(runs: str, chromium: str) -> None:
    """Start the server, wait for the first lesson, look at all of them."""
    route = subprocess.run(["ip", "route"], capture_output=True, text=True, check=True).stdout
    start = time.monotonic()
    server = Server(Path(runs)).start().wait()
    watch = Watch()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = watch.on(browser.new_page())
            page.goto(f"{server.url}/attention")
            page.wait_for_selector(".chip")
            page.wait_for_selector(".gtitle")
            seconds = time.monotonic() - start
            titles = visit(page, server)
            frame = page.frame_locator("iframe").last
            frame.locator("#vis svg line").first.wait_for(state="attached")
            lines = frame.locator("#vis svg line").count()
            browser.close()
    finally:
        server.stop()
    seen = {"seconds": seconds, "titles": titles, "bertviz_lines": lines, **asdict(watch)}
    print(json.dumps({**seen, "route": route.split()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
