"""How soon a step is seen, and what looking costs the server; prints its figures.

    python tests/benchmarks/bench_live.py [--samples 30]

Seen: a real browser watches a run whose steps this script writes, one at a time, at moments that
have nothing to do with the page's clock. Counted from the moment the event's line is written to
the one in which the loss chart's text alternative, which is replaced together with its curve,
names the step; for a run of a few steps and for one of 3,000, whose curves travel with 500 points
each. Faster steps than one in 0.2 s are gathered by the journal, which adds at most that.
Cost: processor time of the server with thirty clients that each ask as the page does, divided by
the ticks answered.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

sys.path[:0] = [str(Path(__file__).parents[1] / "browser"), str(Path(__file__).parent)]
from bench_pages import CLIENTS, Pollers, report  # noqa: E402
from serving import FLAGS, Server, find_chromium, settled  # noqa: E402

from bertlab.datasets import check_examples, guess_columns, read_table, split_examples  # noqa: E402
from bertlab.runs import Journal, Run, create_run  # noqa: E402
from bertlab.runs.events import TrainEvent  # noqa: E402
from bertlab.runs.settings import Settings  # noqa: E402
from bertlab.ui.runs.run_view import EVERY  # noqa: E402

SECONDS = 20.0  # in which the cost of thirty clients is measured
# Milliseconds since 1970 of the first frame in which the chart names the step.
SEEN = """step => new Promise(done => { const look = () =>
  [...document.querySelectorAll('.st-key-run_loss [aria-label*="Step "]')]
    .some(e => +/Step (\\d+)/.exec(e.ariaLabel)[1] >= step)
    ? done(performance.timeOrigin + performance.now()) : requestAnimationFrame(look); look() })"""


def write_step(journal: Journal, step: int) -> None:
    """One step as the loop tells it."""
    metrics = {"loss": 0.7 - step / 10_000, "accuracy": 0.6}
    event = TrainEvent(
        metrics, learning_rate=1e-4, epoch=0, step=step, seconds=step / 10, examples=step * 16
    )
    journal.event(event, progress=step / 6_000)


@contextmanager
def training(steps: int) -> Iterator[tuple[Run, Journal]]:
    """A run that has taken some steps and is held by this process."""
    data = Path(__file__).parents[2] / "sample_data" / "movie_reviews.csv"
    table = read_table(data.read_bytes(), filename=data.name)
    split = split_examples(check_examples(table, guess_columns(table)))
    run = create_run(Settings(), split, source_name=data.name)
    with Journal(run) as journal:
        journal.update(phase="training", steps=6_000)
        for step in range(1, steps + 1):
            write_step(journal, step)
        yield run, journal


def latencies(page: Page, server: Server, *, steps: int, samples: int) -> list[float]:
    """Milliseconds from a written line to its place in the chart."""
    taken = []
    with training(steps) as (run, journal):
        page.goto(f"{server.url}/fine_tuning?run={run.id}")
        settled(page)
        page.evaluate(SEEN, steps)
        for number in range(samples):
            time.sleep(0.3 + random.random() * EVERY)
            write_step(journal, steps + number + 1)
            written = 1000 * time.time()
            taken.append(page.evaluate(SEEN, steps + number + 1) - written)
    return taken


def cost(server: Server, run: Run, *, of: str) -> None:
    """What thirty clients that watch a run take of the server's processor."""
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    with Pollers(server, run.id) as pollers:
        time.sleep(8)  # all have joined
        pollers.ticks.clear()
        before, began = sum(process.cpu_times()[:2]), time.monotonic()
        time.sleep(SECONDS)
        spent, passed = sum(process.cpu_times()[:2]) - before, time.monotonic() - began
        ticks = len(pollers.ticks)
        report(f"a tick of {CLIENTS} clients, {of}", list(pollers.ticks))
    print(
        f"  processor time of a tick {1000 * spent / ticks:.1f} ms; {CLIENTS} clients take "
        f"{spent / passed:.2f} of a core ({ticks / passed:.0f} ticks a second)",
        flush=True,
    )


def main() -> None:
    """Measure both and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=30)
    samples = parser.parse_args().samples
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; a look each {EVERY:g} s")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        server = Server(Path(folder) / "runs")
        os.environ["BERTLAB_RUNS"] = str(server.runs)
        try:
            server.start().wait()
            for steps in (20, 3_000):
                taken = latencies(page, server, steps=steps, samples=samples)
                report(f"seen after, run of {steps:,} steps (bar: 1,000 ms)", taken)
            page.close()
            with training(3_000) as (run, _):
                cost(server, run, of="all at one run that trains")
            waiting = create_run(run.settings, run.split())
            waiting.request_pause()
            cost(server, waiting, of="at runs that wait")
        finally:
            server.stop()
            browser.close()


if __name__ == "__main__":
    main()
