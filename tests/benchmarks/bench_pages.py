"""How quickly the lessons start and answer; prints its figures.

    python tests/benchmarks/bench_pages.py

Cold start: from `streamlit run app.py` to a lesson that can be used in a browser that waits.
Warm reruns: in the browser, from the key or click to the changed page, median of ten, for a
sentence of 30 tokens. Pollers: 30 clients without a browser, each with an open web socket that
asks once a second for the live part of a running fine-tuning, as the page's own fragment does;
meanwhile the warm rerun is measured again. Memory: the server's before and after ten sessions
have looked at every lesson.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from serving import FLAGS, Server, find_chromium, settled

from bertlab.ui.runs.run_view import EVERY

REPEATS = 10
CLIENTS = 30
VIEWPORT = {"width": 1280, "height": 1600}
WORDS = "the dog and the cat walked slowly to the river and sat down near the old house"
SENTENCE = f"{WORDS} while the sun went down over the green hill"  # 27 words
# The next frame in which the condition holds, counted from the first key or click.
STOPWATCH = """([condition]) => { const holds = new Function("return " + condition);
  window.measured = new Promise(done => { const go = () => { const start = performance.now();
    const look = () => holds() ? done(performance.now() - start) : requestAnimationFrame(look);
    look() };
    const once = event => { if (event.type === "keydown" && event.key !== "Enter") return;
      removeEventListener("keydown", once, true); removeEventListener("click", once, true); go() };
    addEventListener("keydown", once, true); addEventListener("click", once, true) }) }"""


def timed(page: Page, condition: str, act: Callable[[], None]) -> float:
    """Milliseconds from the next click or Enter to the frame in which the condition holds."""
    page.evaluate(STOPWATCH, [condition])
    act()
    return page.evaluate("window.measured")


# What must be drawn before a lesson counts as usable.
FIGURES = {"": ".ov-heat", "tokenization": ".wp-ladder", "masked_words": ".gtitle",
           "attention": ".bl-figure-title"}  # fmt: skip


def cold_start(browser: Browser, folder: Path, lesson: str, figure: str) -> float:
    """Seconds from the start of a fresh server to a lesson with its figure drawn."""
    page = browser.new_page(viewport=VIEWPORT, bypass_csp=True)  # the stopwatch evaluates text
    start = time.monotonic()
    server = Server(folder / "runs").start()
    try:
        page.goto(f"{server.wait().url}/{lesson}")
        page.wait_for_selector(figure)
        return time.monotonic() - start
    finally:
        page.close()
        server.stop()


def type_sentence(page: Page, server: Server) -> list[float]:
    """Tokenization: a new last word appears among the chips."""
    page.goto(f"{server.url}/tokenization?text={SENTENCE}")
    settled(page)
    taken = []
    for number in range(REPEATS):
        word = ("cold", "warm")[number % 2]
        box = page.get_by_label("Sentence", exact=True)
        box.fill(f"{SENTENCE} {word}")
        chips = "[...document.querySelectorAll('.wp-chip')]"
        shown = f"{chips}.some(e => e.textContent.startsWith('{word}'))"
        taken.append(timed(page, shown, partial(box.press, "Enter")))
        settled(page)
    return taken


def mask_words(page: Page, server: Server) -> list[float]:
    """Masked words: a click on a chip, and the bars of its blank are drawn."""
    page.goto(f"{server.url}/masked_words?text={SENTENCE}&mask=3")
    settled(page)
    taken = []
    for number in range(REPEATS):
        position = 5 + number % 2  # hide one, show it, hide the other ...
        titles = "[...document.querySelectorAll('.gtitle')].map(e => e.textContent)"
        is_there = page.locator(".chip").nth(position).get_attribute("aria-pressed") == "true"
        wanted = str(not is_there).lower()
        shown = f"{titles}.some(t => t.startsWith('position {position}:')) === {wanted}"
        taken.append(timed(page, shown, page.locator(".chip").nth(position).click))
        settled(page)
    return taken


def choose_heads(page: Page, server: Server) -> list[float]:
    """Attention: another layer, and the heatmap of its head is drawn."""
    page.goto(f"{server.url}/attention?text={SENTENCE}&head=0.0")
    settled(page)
    taken = []
    for number in range(REPEATS):
        layer = (number + 1) % 2
        page.get_by_role("combobox", name="Layer").click()
        option = page.get_by_role("option", name=str(layer), exact=True)
        shown = (
            "[...document.querySelectorAll('.bl-figure-title')]"
            f".some(e => e.textContent.startsWith('Head {layer}.0'))"
        )
        taken.append(timed(page, shown, option.click))
        settled(page)
    return taken


def report(name: str, taken: list[float]) -> None:
    """One line of figures."""
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(f"{name:<46} p50 {statistics.median(taken):6.0f} ms   p95 {p95:6.0f} ms", flush=True)


class Pollers:
    """Clients that do what thirty open fine-tuning pages do, without thirty browsers."""

    def __init__(self, server: Server, run_id: str) -> None:
        self.server, self.run_id = server, run_id
        self.ticks: list[float] = []  # milliseconds from asking to the end of the script
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)

    def __enter__(self) -> "Pollers":
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._stop.set()
        self._thread.join(20)

    async def _all(self) -> None:
        await asyncio.gather(*(self._one(number) for number in range(CLIENTS)))

    async def _one(self, number: int) -> None:
        await asyncio.sleep(number / CLIENTS)
        url = self.server.url.replace("http", "ws") + "/_stcore/stream"
        async with connect(url, subprotocols=["streamlit"], max_size=None) as socket:  # type: ignore[list-item]
            await self._ask(socket, "")
            fragment = await self._until_finished(socket)
            assert fragment, "the page of a running fine-tuning has a live part"
            while not self._stop.is_set():
                start = time.monotonic()
                await self._ask(socket, fragment)
                await self._until_finished(socket)
                self.ticks.append(1000 * (time.monotonic() - start))
                await asyncio.sleep(max(0.0, EVERY - (time.monotonic() - start)))

    async def _ask(self, socket: object, fragment: str) -> None:
        message = BackMsg()
        message.rerun_script.query_string = f"run={self.run_id}"
        message.rerun_script.page_name = "fine_tuning"
        message.rerun_script.fragment_id = fragment
        await socket.send(message.SerializeToString())  # type: ignore[attr-defined]

    async def _until_finished(self, socket: object) -> str:
        """Read until the script has ended; return the live part's id where it is told."""
        fragment = ""
        while True:
            message = ForwardMsg()
            message.ParseFromString(await socket.recv())  # type: ignore[attr-defined]
            if message.WhichOneof("type") == "auto_rerun":
                fragment = message.auto_rerun.fragment_id
            if message.WhichOneof("type") == "script_finished":
                return fragment


@contextmanager
def running_run() -> Iterator[str]:
    """A run folder as a fine-tuning leaves it behind while it trains: 400 steps, a live lease."""
    from bertlab.datasets import check_examples, guess_columns, read_table, split_examples
    from bertlab.runs import Journal, create_run
    from bertlab.runs.events import TrainEvent
    from bertlab.runs.settings import Settings

    data = Path(__file__).parents[2] / "sample_data" / "movie_reviews.csv"
    table = read_table(data.read_bytes(), filename=data.name)
    split = split_examples(check_examples(table, guess_columns(table)))
    run = create_run(Settings(pinned=("I loved it.",)), split, source_name=data.name)
    with Journal(run) as journal:
        journal.update(phase="training", steps=600)
        for step in range(1, 401):
            metrics, place = {"loss": 0.7 - step / 1000}, {"step": step, "epoch": step // 200}
            told = TrainEvent(
                metrics, learning_rate=1e-4, seconds=step / 10, examples=step * 16, **place
            )
            journal.event(told)
        yield run.id


def server_memory(server: Server) -> float:
    """The server's own memory in MB: what it would give back if it ended (USS)."""
    assert server.process is not None
    return psutil.Process(server.process.pid).memory_full_info().uss / 1e6


def ten_sessions(browser: object, server: Server) -> None:
    """Ten students open every lesson and stay."""
    contexts = []
    for number in range(10):
        context = browser.new_context()  # type: ignore[attr-defined]
        contexts.append(context)
        page = context.new_page()
        for path in ("tokenization", "masked_words", "attention"):
            page.goto(f"{server.url}/{path}?text={SENTENCE} {number}")
            settled(page)
    print(f"{'memory with ten more sessions':<46} {server_memory(server):6.0f} MB")
    for context in contexts:
        context.close()


LESSONS = {
    "tokenization: new sentence": type_sentence,
    "masked words: click a word": mask_words,
    "attention: another layer's heatmap": choose_heads,
}


def main() -> None:
    """Measure all and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skip-pollers", action="store_true")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport=VIEWPORT, bypass_csp=True)  # the stopwatch evaluates text
        server = Server(Path(folder) / "runs")
        os.environ["BERTLAB_RUNS"] = str(server.runs)
        try:
            for lesson, figure in FIGURES.items():
                taken = [cold_start(browser, Path(folder), lesson, figure) for _ in range(3)]
                name = f"cold start to {lesson or 'home'}, median of 3 (bar: 6 s)"
                print(f"{name:<50} {statistics.median(taken):6.1f} s", flush=True)
            server.start().wait()
            for name, measure in LESSONS.items():
                report(name + " (bar: 300 ms)", measure(page, server))
            print(f"{'memory with one session':<46} {server_memory(server):6.0f} MB")
            ten_sessions(browser, server)
            if not options.skip_pollers:
                beside_pollers(page, server)
        finally:
            server.stop()
            browser.close()


def beside_pollers(page: Page, server: Server) -> None:
    """The same reruns while thirty clients watch a run."""
    with running_run() as run_id, Pollers(server, run_id) as pollers:
        time.sleep(8)  # all have joined
        pollers.ticks.clear()
        for name, measure in LESSONS.items():
            report(f"{name}, {CLIENTS} pollers", measure(page, server))
        assert len(pollers.ticks) > CLIENTS, "the pollers did not poll"
        report(f"a poller's tick ({len(pollers.ticks)} of them)", pollers.ticks)


if __name__ == "__main__":
    main()
