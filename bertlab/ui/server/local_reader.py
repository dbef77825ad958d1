"""Whether the reader sits at the server's own machine: only there its folders mean anything."""

import ipaddress
from urllib.parse import urlsplit

import streamlit as st

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
ADDRESSES = ("host", "origin")  # of the connection: what the browser believes to talk to


def is_here() -> bool:
    """Whether the page is open on the machine that serves it.

    Behind a proxy every connection comes from this machine; so the headers that a proxy adds, and
    the address that the browser names, must not speak of another one.
    """
    headers = {name.lower(): value for name, value in st.context.headers.to_dict().items()}
    if any(name in headers for name in FORWARDED):
        return False
    names = [headers[name] for name in ADDRESSES if name in headers]
    came_from = st.context.ip_address or "localhost"
    return all(_is_loopback(name) for name in (came_from, *names))


def _is_loopback(address: str) -> bool:
    """Whether a name, host or origin means this machine: "http://127.0.0.1:8501", "localhost".

    (`urlsplit` wants brackets around an IPv6 address, which a bare one lacks.)
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        pass
    host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
