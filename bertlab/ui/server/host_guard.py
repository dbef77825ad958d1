"""Requests under names and from pages that are not ours are refused, and it is said what to do."""

import logging
from html import escape
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bertlab.ui.server.hosts import VARIABLE, ServedHosts

log = logging.getLogger(__name__)

READING = ("GET", "HEAD", "OPTIONS")
MAX_TOLD = 20  # refused names that are written to the log, each once: strangers may send any
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>BertLab</title>
<style>:root {{ color-scheme: light dark }} body {{ font: 18px/1.5 sans-serif; margin: 3rem auto;
max-width: 42rem; padding: 0 1rem }} code {{ overflow-wrap: anywhere }}</style>
<h1>BertLab does not know this address</h1>
<p>You asked for <code>{host}</code>. A foreign page could lead you here under its own name, so
BertLab answers only under names that it knows: this machine's name and its IP addresses.</p>
<p>Is it your BertLab, behind a proxy or under another name? Start it with</p>
<p><code>{variable}={url}</code></p>
<p>Otherwise ask the person who runs it for the address, or use its IP address.</p></html>
"""


class CheckAddress:
    """ASGI middleware that looks at Host and Origin before anything else does."""

    def __init__(self, app: ASGIApp, served: ServedHosts) -> None:
        self.app, self.served = app, served
        self.told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what is meant for us; Streamlit then need not judge the Origin again."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin", "")
        is_changing = scope["type"] == "websocket" or scope["method"] not in READING
        if host and not self.served.answers(host):
            await self._refuse(host, _guess_url(headers), scope, receive, send)
        elif origin and is_changing and not self.served.trusts(origin, host):
            await self._refuse(origin, f"{origin}/", scope, receive, send)
        else:
            await self.app(_as_own_page(scope, headers), receive, send)

    async def _refuse(
        self, name: str, url: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if name not in self.told and len(self.told) < MAX_TOLD:
            self.told.add(name)
            log.warning("Refused a request for or from %r. If it is right: %s=%s",
                        name[:200], VARIABLE, url[:200])  # fmt: skip
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        page = PAGE.format(host=escape(name[:200]), variable=VARIABLE, url=escape(url[:400]))
        await HTMLResponse(page, status_code=403)(scope, receive, send)


def _guess_url(headers: Headers) -> str:
    """What BERTLAB_PUBLIC_URL would have to be, from what a proxy tells about itself."""
    scheme = headers.get("x-forwarded-proto", "http").partition(",")[0].strip()
    prefix = headers.get("x-forwarded-prefix", "").strip("/")
    scheme = scheme if scheme in ("http", "https") else "http"
    return f"{scheme}://{headers['host']}/{quote(prefix) + '/' if prefix else ''}"


def _as_own_page(scope: Scope, headers: Headers) -> Scope:
    """Replace a trusted websocket's Origin by the Host.

    Otherwise Streamlit compares it with the machine's outside address, which it asks a host on the
    internet for.
    """
    if scope["type"] != "websocket" or not headers.get("origin"):
        return scope
    own = b"http://" + headers.get("host", "").encode()
    kept = [(name, value) for name, value in scope["headers"] if name != b"origin"]
    return {**scope, "headers": [*kept, (b"origin", own)]}
