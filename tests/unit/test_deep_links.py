"""The middleware that tells a page where its server is: HTML changes, nothing else does."""

import base64
import hashlib
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from bertlab.ui.server.deep_links import HISTORY, TellServerAddress

PAGE = b"<!doctype html><html><head><title>x</title></head><body>\xe4\xb8\xad</body></html>"
LINE = b'<script>window.__streamlit = {BACKEND_BASE_URL: new URL("./", location).href}</script>'


def app_of(body: bytes, content_type: str, seen: list[dict] | None = None) -> Any:
    async def app(scope, receive, send) -> None:
        if seen is not None:
            seen.append(scope)
        headers = [
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"etag", b'"1"'),
            (b"last-modified", b"Fri, 20 Nov 2026 10:00:00 GMT"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        half = len(body) // 2  # in two parts, as a large file comes
        await send({"type": "http.response.body", "body": body[:half], "more_body": True})
        await send({"type": "http.response.body", "body": body[half:]})

    return app


def test_a_document_gets_one_line_first_in_its_head():
    client = TestClient(TellServerAddress(app_of(PAGE, "text/html; charset=utf-8")))
    answer = client.get("/attention", headers={"accept": "text/html"})
    assert answer.content == PAGE.replace(b"<head>", b"<head>" + LINE + HISTORY)
    assert answer.headers["content-length"] == str(len(PAGE) + len(LINE) + len(HISTORY))
    assert "etag" not in answer.headers
    assert "last-modified" not in answer.headers


@pytest.mark.parametrize(
    ("base_path", "path", "way"),
    [
        ("/", "/", "./"),
        ("/", "/attention", "./"),
        ("/", "/no/such/page", "../../"),
        ("/lab/", "/lab/", "./"),
        ("/lab/", "/lab/attention", "./"),
        ("/lab/", "/lab/no/page", "../"),
    ],
)
def test_the_way_to_the_root_is_told_from_the_page_on(base_path, path, way):
    """An absolute path would be wrong behind a proxy that has taken a prefix off."""
    client = TestClient(TellServerAddress(app_of(PAGE, "text/html"), base_path=base_path))
    answer = client.get(path, headers={"accept": "text/html"})
    assert f'new URL("{way}", location)'.encode() in answer.content


def test_the_policy_of_a_document_names_its_inline_scripts_by_their_hashes():
    own = b"<html><head></head><body><script>window.x = 1</script></body></html>"
    client = TestClient(TellServerAddress(app_of(own, "text/html")))
    answer = client.get("/", headers={"accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    scripts = re.findall(rb"<script>(.*?)</script>", answer.content, re.DOTALL)
    assert len(scripts) == 3  # the address, the history and the page's own
    for script in scripts:
        named = base64.b64encode(hashlib.sha256(script).digest()).decode()
        assert f"'sha256-{named}'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("*/*", "text/html"), ("text/html", "application/json"), ("application/json", "text/plain")],
)
def test_anything_else_passes_unchanged(accept, content_type):
    client = TestClient(TellServerAddress(app_of(PAGE, content_type)))
    answer = client.get("/x", headers={"accept": accept})
    assert answer.content == PAGE
    assert answer.headers["etag"] == '"1"'


def test_a_document_is_asked_for_uncompressed_and_afresh():
    seen: list[dict] = []
    client = TestClient(TellServerAddress(app_of(PAGE, "text/html", seen)))
    client.get("/", headers={"accept": "text/html", "if-none-match": '"1"', "x-own": "kept"})
    names = [name for name, _ in seen[0]["headers"]]
    assert b"x-own" in names
    assert not {b"accept-encoding", b"if-none-match", b"if-modified-since"} & set(names)


def test_websockets_are_left_alone():
    seen: list[dict] = []

    async def app(scope, receive, send) -> None:
        seen.append(scope)
        await send({"type": "websocket.accept"})

    client = TestClient(TellServerAddress(app))
    headers = {"accept": "text/html", "if-none-match": '"1"'}  # a document would lose the second
    with client.websocket_connect("/_stcore/stream", headers=headers):
        pass
    assert seen[0]["type"] == "websocket"
    assert (b"if-none-match", b'"1"') in seen[0]["headers"]
