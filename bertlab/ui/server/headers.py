"""What a browser may do with our pages, said in the headers of every answer."""

from collections.abc import Iterable
from typing import Any, ClassVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from bertlab.views.bertviz.offline_script import FRAME_SCRIPTS, script_hash

# Everything comes from this server. Streamlit sets styles from scripts, makes pictures from data
# and loads the scripts of components from memory (blob:).
POLICY = {
    "default-src": "'self'",
    "script-src": f"'self' blob: {FRAME_SCRIPTS}",  # a frame inherits the policy of its page
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",  # JupyterLab on the same address may show us
}


def content_policy(scripts: Iterable[bytes] = ()) -> str:
    """The Content-Security-Policy of a document with these inline scripts, and no others.

    `content_policy([b"alert(1)"])` names 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='
    beside the scripts of bertviz's frames.
    """
    hashes = "".join(f" {script_hash(script)}" for script in scripts)
    parts = {**POLICY, "script-src": POLICY["script-src"] + hashes}
    return "; ".join(f"{name} {value}" for name, value in parts.items())


class SafeHeaders:
    """ASGI middleware that adds the headers to every answer; one that is there already stays."""

    HEADERS: ClassVar[dict[str, str]] = {
        "content-security-policy": content_policy(),
        "x-content-type-options": "nosniff",
        # A run's secret id stands in its address, so no other site may learn the address.
        "referrer-policy": "same-origin",
    }

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers where an HTTP answer begins."""

        async def send_safely(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_safely)
