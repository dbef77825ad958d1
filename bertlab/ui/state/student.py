"""A student is a browser: a random id in a cookie. It is no login, and names nobody."""

import re
import secrets
from http.cookies import CookieError, SimpleCookie

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "bertlab_student"
DAYS = 180
_ID = re.compile(r"[A-Za-z0-9_-]{22}")  # 16 random bytes


class KnowStudent:
    """ASGI middleware that gives a browser its id with the first page that it asks for.

    A refresh, a second tab and another lesson keep it; an id that is none is replaced.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through; a document for a browser without an id sets the cookie."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "text/html" not in headers.get("accept", "") or student_in(headers.get("cookie", "")):
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", self._cookie())
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _cookie(self) -> str:
        """Scripts cannot read it and other sites cannot send it.

        Without a Path a browser takes the folder of the page's address, which is right behind a
        proxy that takes a prefix off as well.
        """
        return (
            f"{COOKIE}={secrets.token_urlsafe(16)}; Max-Age={DAYS * 86_400}; HttpOnly; SameSite=Lax"
        )


def student_in(cookies: str) -> str:
    """Read the id out of a Cookie header; "" where there is none, or what is no id."""
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found and _ID.fullmatch(found.value) else ""


def student_id() -> str:
    """The id of the browser that asks; of a browser that keeps no cookies, of this session."""
    if value := _cookie_id():
        return value
    return str(st.session_state.setdefault("owner", secrets.token_urlsafe(16)))


def keeps_cookies() -> bool:
    """Whether the browser will be known again after a reload."""
    return bool(_cookie_id())


def _cookie_id() -> str:
    value = str(st.context.cookies.get(COOKIE, ""))
    return value if _ID.fullmatch(value) else ""
