"""Deep links without a detour: the page is told where the server is.

Streamlit's page otherwise looks for its server below the lesson's own address first
(`/attention/_stcore/health`), gets an error, and tries again one level up.

The server does not know its own address: a proxy may have taken a prefix off, as JupyterHub's
does. It knows how deep below that address the page is, and the browser knows the rest.
"""

import re
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bertlab.ui.figures.assets import joined
from bertlab.ui.server.headers import content_policy

# Streamlit's page reads this object, meant for hosts that embed it, before it connects.
SCRIPT = b'<script>window.__streamlit = {BACKEND_BASE_URL: new URL("%s", location).href}</script>'
# What the browser's Back does is settled before the page first writes to its address.
HISTORY = f"<script>{joined('history.js')}</script>".encode()
INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


class TellServerAddress:
    """ASGI middleware that adds a line, and the script of the history, to the page's head.

    The page at `/attention` connects to `/_stcore/stream` at once, the one at
    `/user/ana/proxy/8501/attention` to `/user/ana/proxy/8501/_stcore/stream`.
    """

    def __init__(self, app: ASGIApp, base_path: str = "/") -> None:
        self.app, self.base_path = app, base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through; change HTML documents only."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        plain = [pair for pair in scope["headers"] if pair[0] not in CONDITIONS]
        script = SCRIPT % self._way_up(scope["path"]).encode() + HISTORY
        await self.app({**scope, "headers": plain}, receive, _Inserter(send, script))

    def _way_up(self, path: str) -> str:
        """The app's root from here: "./" from a lesson, "../" from one level below."""
        below = path.removeprefix(self.base_path.rstrip("/")).lstrip("/")
        return "../" * below.count("/") or "./"


# Asked for uncompressed and afresh, as the document that is sent differs from the stored one.
CONDITIONS = (b"accept-encoding", b"if-none-match", b"if-modified-since")


class _Inserter:
    """Holds a response back until it is whole, then sends it with the script in its head."""

    def __init__(self, send: Send, script: bytes) -> None:
        self.send, self.script = send, script
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish()
        else:
            await self.send(message)

    async def _finish(self) -> None:
        assert self.start is not None
        headers = MutableHeaders(scope=self.start)
        body = self.body
        if "text/html" in headers.get("content-type", ""):
            body = body.replace(b"<head>", b"<head>" + self.script, 1)
            headers["content-length"] = str(len(body))
            headers["content-security-policy"] = content_policy(INLINE.findall(body))
            del headers["etag"], headers["last-modified"]
        await self.send(self.start)
        await self.send({"type": "http.response.body", "body": body})
