"""A page's address as others reach it, a proxy between, and what strangers get from the server."""

import re
from http.client import HTTPConnection

import pytest
from playwright.sync_api import Page, expect
from proxy import stripping_proxy
from serving import Server, free_port, settled
from tuning import upload

from bertlab.ui.app.join_qr import lan_addresses
from bertlab.ui.state.student import COOKIE

PREFIX = "/user/ana/proxy/8501"
ROWS = "text,label\n" + "\n".join(f"so {('good', 'bad')[n % 2]} {n},{n % 2}" for n in range(60))


def test_behind_a_proxy_that_takes_the_prefix_off_all_is_as_without(server: Server, page: Page):
    port = free_port()
    with stripping_proxy(port, PREFIX, server.port):
        root = f"http://127.0.0.1:{port}{PREFIX}/"
        page.goto(f"{root}tokenization")  # a deep link as first request
        settled(page)
        page.get_by_role("button", name="Long words").click()
        expect(page).to_have_url(re.compile(re.escape(f"{root}tokenization?text=")))
        settled(page)
        told = page.url
        page.get_by_role("button", name="Share").click()
        address = page.get_by_role("dialog").locator(".address").first
        lan = lan_addresses()
        if lan:  # the proxy's port and prefix, the page's state, and a host that others reach
            expect(address).to_contain_text("http://")
            shared = address.inner_text()
            assert shared.replace(f"//{lan[0]}:", "//127.0.0.1:") == told.replace("%20", "+")
            expect(page.get_by_alt_text(f"QR code of {shared}")).to_be_visible()
            page.get_by_role("dialog").get_by_role("button", name="Copy").first.click()
            expect(page.get_by_role("dialog").get_by_text("Copied")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_test_id("stSidebarNav").get_by_role("link", name="Fine-tuning").click()
        expect(page).to_have_url(re.compile(re.escape(f"{root}fine_tuning")))
        upload(page, ROWS.encode(), "mine.csv")
        expect(page.get_by_text("60 examples in 2 classes")).to_be_visible()
        kept = {cookie["name"]: cookie["path"] for cookie in page.context.cookies()}
        assert kept[COOKIE] == PREFIX


def test_the_dialog_takes_no_style_sheet_from_the_page(server: Server, page: Page):
    for lesson in ("tokenization", "fine_tuning"):
        page.goto(f"{server.url}/{lesson}")
        settled(page)
        sheets = page.locator("[data-testid=stApp] style").all_text_contents()
        page.get_by_role("button", name="Share").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        settled(page)
        left = page.locator("[data-testid=stApp] style").all_text_contents()
        assert [sheet for sheet in sheets if "place" not in sheet and sheet not in left] == []


@pytest.fixture
def ask(server: Server):
    """Ask the server as a program does; the status of its answer."""

    def ask(method: str, path: str, body: bytes = b"", **headers: str) -> int:
        there = HTTPConnection("127.0.0.1", server.port, timeout=60)
        there.request(method, path, body, headers)
        status = there.getresponse().status
        there.close()
        return status

    return ask


def test_the_app_is_served_under_its_own_names_alone(ask):
    assert ask("GET", "/attention", host="evil.example") == 403
    assert ask("GET", "/_stcore/health", host="evil.example") == 403
    assert ask("GET", "/attention", host="192.168.77.77:8501") == 200
    handshake = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
                 "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA=="}  # fmt: skip
    assert ask("GET", "/_stcore/stream", **handshake, origin="http://evil.example") == 403
    assert ask("GET", "/_stcore/stream", **handshake) == 101


def test_a_file_is_taken_from_a_live_session_with_its_token_alone(server: Server, page: Page, ask):
    page.goto(f"{server.url}/fine_tuning")
    settled(page)
    with page.expect_request(lambda r: r.method == "PUT" and "/upload_file/" in r.url) as sent:
        upload(page, ROWS.encode(), "mine.csv")
    expect(page.get_by_text("60 examples in 2 classes")).to_be_visible()
    path = sent.value.url.removeprefix(server.url)
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "_streamlit_xsrf")
    form = b'--b\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n--b--\r\n'
    right = {"x-xsrftoken": token, "cookie": f"_streamlit_xsrf={token}",
             "content-type": "multipart/form-data; boundary=b"}  # fmt: skip
    other = path.rsplit("/", 1)[0] + "/another-file"
    assert ask("PUT", other, form, **right) == 204
    assert ask("PUT", other, form, **right | {"x-xsrftoken": ""}) == 403
    assert ask("PUT", other, form, **right | {"cookie": ""}) == 403
    assert ask("PUT", other, form, **right, origin="http://evil.example") == 403
    assert ask("PUT", "/_stcore/upload_file/no-session/f", form, **right) == 400
    assert ask("POST", other, form, **right) in (404, 405)
    page.goto("about:blank")  # the session ends
    page.wait_for_timeout(1_000)
    assert ask("PUT", other, form, **right) == 400
