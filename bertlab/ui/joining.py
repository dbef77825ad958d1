"""The address under which others on the same network join, with its QR code."""

import socket
from urllib.parse import urlsplit

import psutil
import segno
import streamlit as st

LOCAL = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")


def join_address() -> str | None:
    """The app's address as others on the network reach it; None where there is no network.

    Asked of the network cards, not of an outside host, so it works without the internet.
    """
    here = urlsplit(st.context.url or "http://localhost:8501")
    if here.hostname not in LOCAL:
        return f"{here.scheme}://{here.netloc}/"
    address = _own_address()
    return f"{here.scheme}://{address}:{here.port or 8501}/" if address else None


def _own_address() -> str | None:
    cards = psutil.net_if_addrs()
    states = psutil.net_if_stats()
    found = [
        entry.address
        for name, entries in cards.items()
        for entry in entries
        if entry.family == socket.AF_INET
        and not entry.address.startswith(("127.", "169.254."))
        and (name not in states or states[name].isup)
    ]
    is_virtual = {"172.17.0.1", "172.18.0.1"}  # Docker's own bridges: nobody else reaches them
    return next((address for address in found if address not in is_virtual), None)


def qr_svg(address: str) -> str:
    """The address as a QR code in SVG, dark on light in both themes so that phones read it."""
    code = segno.make(address, error="m")
    return code.svg_inline(scale=5, border=2, dark="#111111", light="#FFFFFF", omitsize=True)
