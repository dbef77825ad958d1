"""One server, one Chromium, one visitor for all browser tests; each has a watched page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright
from serving import FLAGS, Server, Watch, find_chromium

DESKTOP, PHONE = {"width": 1280, "height": 1000}, {"width": 400, "height": 800}
expect.set_options(timeout=60_000)  # on a busy machine the first figure takes its time


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("browser") / "runs").start().wait()
    yield server
    server.stop()


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has asked for anything; `start()` it in the test."""
    server = Server(tmp_path / "runs")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Every test that opens pages through it ends with: nothing outside, no complaint."""
    watch = Watch()
    yield watch
    watch.hold()


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor of all tests: the app's own files are loaded once, which is half of a page."""
    with visit(browser) as context:
        yield context


@pytest.fixture(scope="session")
def second_visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Another, with cookies of its own."""
    with visit(browser) as context:
        yield context


@contextmanager
def visit(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=DESKTOP)
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext, watch: Watch) -> Iterator[Page]:
    """The tab of somebody the app has not met; further ones of the visitor end with the test."""
    with fresh_tab(visitor, watch) as tab:
        yield tab


@pytest.fixture
def two_browsers(page: Page, second_visitor: BrowserContext, watch: Watch) -> Iterator[list[Page]]:
    """Two whom the app has not met, each with cookies of its own."""
    with fresh_tab(second_visitor, watch) as other:
        yield [page, other]


@contextmanager
def fresh_tab(visitor: BrowserContext, watch: Watch) -> Iterator[Page]:
    """Lend a visitor's only tab.

    A new one would compile the app's scripts again, which takes longer than all else.
    """
    visitor.clear_cookies()
    tab = visitor.pages[0] if visitor.pages else visitor.new_page()
    yield watch.on(tab)
    watch.off(tab)
    for opened in visitor.pages[1:]:
        opened.close()
    try:
        forget(tab)
    except Error:  # it has crashed: the next test gets a new one
        tab.close()


def forget(tab: Page) -> None:
    """Make a tab as good as new."""
    if tab.url != "about:blank":
        tab.evaluate("sessionStorage.clear(); localStorage.clear()")
        tab.goto("about:blank")
    tab.mouse.move(0, 0)
    tab.emulate_media(color_scheme="null", reduced_motion="null")
    tab.set_viewport_size(DESKTOP)
    client = tab.context.new_cdp_session(tab)
    client.send("Page.resetNavigationHistory")
    client.detach()


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.exhaustive)])
def themed(request: pytest.FixtureRequest, page: Page) -> Page:
    """The page in light and in dark."""
    page.emulate_media(color_scheme=request.param)
    return page


@pytest.fixture(params=["light", pytest.param("dark", marks=pytest.mark.exhaustive)])
def phone(request: pytest.FixtureRequest, page: Page) -> Page:
    """The page on a phone, in light and in dark: the layout is the same."""
    page.emulate_media(color_scheme=request.param)
    page.set_viewport_size(PHONE)
    return page
