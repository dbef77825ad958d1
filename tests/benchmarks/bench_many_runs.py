"""How quickly the fine-tuning page opens with no run in the folder, and with 200.

    python tests/benchmarks/bench_many_runs.py [--runs 200]

Half of the runs are this browser's own, the other half of other students; all are finished. A
server for each of the two folders, warmed by one opening; then, several times, from the click on
"Fine-tuning" on the home page to the Start button, and to the end of the page's script, in
Chromium. Bar: 1 s. Beside it what listing the runs takes, and how many files it reads.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from playwright.sync_api import BrowserContext, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from serving import FINISHED, FLAGS, Server, find_chromium, settled

from bertlab.datasets import Examples, Split
from bertlab.engine.waiting import places
from bertlab.runs import create_run, list_runs
from bertlab.runs.settings import Settings
from bertlab.runs.status import write_status
from bertlab.ui.state.student import COOKIE

ME, OPENINGS = "B" * 22, 7
ROWS = Examples(("good", "bad"), None, ("1", "0"), ("0", "1"), (2, 3))


def main() -> None:
    """Print the seconds side by side."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--runs", type=int, default=200)
    number = arguments.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for name, count in (("empty", 0), ("full", number)):
            os.environ["BERTLAB_RUNS"] = str(Path(folder) / name)
            for index in range(count):
                store_run(owner=ME if index % 2 else "C" * 22)
            report(f"{count} runs", Path(folder) / name, browser.new_context())
        browser.close()


def store_run(*, owner: str) -> None:
    """A run that is over."""
    run = create_run(Settings(), Split(ROWS, ROWS, ROWS), owner=owner)
    done = replace(run.status(), phase="finished", progress=1.0, accuracy=0.5)
    write_status(run.folder / "status.json", done)


def report(what: str, folder: Path, context: BrowserContext) -> None:
    """Measure one folder of runs."""
    server = Server(folder).start().wait()
    try:
        context.add_cookies([{"name": COOKIE, "value": ME, "url": server.url}])
        open_page(context, server)
        taken = [open_page(context, server) for _ in range(OPENINGS)]
    finally:
        server.stop()
    starts, ends = zip(*taken, strict=True)
    print(
        f"{what:<9} Start button: median {statistics.median(starts):5.2f} s, "
        f"worst {max(starts):5.2f} s   whole page: median {statistics.median(ends):5.2f} s, "
        f"worst {max(ends):5.2f} s   list_runs {timed(list_runs) * 1000:3.0f} ms, "
        f"places {timed(places) * 1000:3.0f} ms   files read by the list: {opened(list_runs)}"
    )


def open_page(context: BrowserContext, server: Server) -> tuple[float, float]:
    """Seconds from the click to the Start button, and to the end of the script."""
    page = context.new_page()
    page.goto(server.url)
    settled(page)
    link = page.locator("a[href*=fine_tuning]").first
    began = time.perf_counter()
    link.click()
    page.wait_for_selector(".st-key-finetune_start button")
    start = time.perf_counter() - began
    page.wait_for_selector(FINISHED)
    end = time.perf_counter() - began
    page.close()
    return start, end


def timed(work) -> float:
    """Seconds of a call, the best of three."""
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def opened(work) -> int:
    """How many files a call reads whole."""
    calls, read = Counter(), Path.read_text

    def counting(path, *arguments, **options):
        calls[path.name] += 1
        return read(path, *arguments, **options)

    with patch.object(Path, "read_text", counting):
        work()
    return calls.total()


if __name__ == "__main__":
    main()
