"""A real server and a watch on what a page asks for and complains of."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, Request, Response, WebSocket

ROOT = Path(__file__).parents[2]
PATIENCE = 60_000  # milliseconds: a busy machine takes its time
FINISHED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str:
    """Chromium's path; without one the browser tests are skipped, but not where CI demands it."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("BERTLAB_REQUIRE_BROWSER"):
        pytest.fail("Chromium is not installed, and BERTLAB_REQUIRE_BROWSER is set.")
    pytest.skip("No Chromium on this machine: install it to run the browser tests.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """One `streamlit run app.py` on a port of its own, with its own runs folder.

    Attributes:
        line: What is run instead, without the port.
        folder: Where it is run.
        path: The path before every page's: "/lab".
    """

    runs: Path
    port: int = field(default_factory=free_port)
    line: Sequence[str] = (
        *(sys.executable, "-m", "streamlit", "run", "app.py"), "--server.headless=true",
    )  # fmt: skip
    folder: Path = ROOT
    path: str = ""
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    @property
    def log(self) -> Path:
        return self.runs.parent / f"server-{self.port}.log"

    def start(self, *, prefix: tuple[str, ...] = ()) -> "Server":
        env = {**os.environ, "BERTLAB_RUNS": str(self.runs), "HF_HOME": str(self.runs / "hf")}
        option = "--server.port" if "streamlit" in self.line else "--port"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*prefix, *self.line, f"{option}={self.port}"],
                cwd=self.folder, env=env, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        return self

    def wait(self, seconds: float = 60) -> "Server":
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"The server did not come up:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End the server and the training engine that it has started."""
        if self.process:
            self.process.kill()
            self.process.wait()
        stop_engine(self.runs)


def stop_engine(runs: Path) -> None:
    """End the training engine that a server of this runs folder has started."""
    env = {**os.environ, "BERTLAB_RUNS": str(runs)}
    code = "from bertlab.engine import stop_engine; stop_engine()"
    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=60)


@dataclass
class Watch:
    """What a page asked of other hosts, what it complained of, and dialogs, which are dismissed."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def on(self, page: Page) -> Page:
        for event, listener in self._listeners().items():
            page.on(event, listener)
        return page

    def off(self, page: Page) -> None:
        for event, listener in self._listeners().items():
            page.remove_listener(event, listener)

    def hold(self) -> None:
        """Hold that nothing was asked of another host and nothing went wrong."""
        assert self.outside == []
        assert self.failed == []
        assert self.errors == []
        assert self.dialogs == []

    def _listeners(self) -> dict[str, Callable[[Any], None]]:
        return {
            "request": self._ask,
            "websocket": self._ask,
            "response": self._answer,
            "console": self._complain,
            "pageerror": self._fail,
            "dialog": self._dismiss,
        }

    def _ask(self, request: Request | WebSocket) -> None:
        url = request.url
        is_local = url.split("/")[2].split(":")[0] in ("127.0.0.1", "localhost")
        if not url.startswith(("data:", "blob:", "about:")) and not is_local:
            self.outside.append(url)

    def _answer(self, answer: Response) -> None:
        if answer.status >= 400:
            self.failed.append(answer.url)

    def _complain(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _fail(self, error: Exception) -> None:
        self.errors.append(str(error))

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def settled(page: Page) -> Page:
    """Wait until the script has run to its end; one that begins anew at once is waited for too."""
    page.wait_for_selector("h1", timeout=PATIENCE)
    while True:
        page.wait_for_selector(FINISHED, timeout=PATIENCE)
        fresh = "() => !document.querySelector('[data-stale=\"true\"]')"
        page.wait_for_function(fresh, timeout=PATIENCE)
        page.wait_for_timeout(250)
        if page.locator(FINISHED).count():
            return page


def title(page: Page, key: str) -> Locator:
    """The title of a figure, above it or in it, as it is seen; one that is fading out is not."""
    above = f'[data-stale="false"] [data-figure="{key}"]'
    return page.locator(f'{above}, .st-key-{key}_frame [data-stale="false"] .gtitle:visible')
