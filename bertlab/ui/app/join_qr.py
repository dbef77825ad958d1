"""The address under which others on the same network reach the app, with its QR code."""

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
import segno
import streamlit as st

from bertlab.errors import InputError
from bertlab.ui.server.hosts import VARIABLE, public_url

CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
# Network cards that other machines do not reach: of containers and virtual machines.
INNER_CARDS = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "lxc", "cni", "podman")
IN_CONTAINER = (
    "BertLab runs in a container and may not know the address of its machine. If this one does "
    f"not answer, start BertLab with {VARIABLE}=http://ADDRESS:PORT/."
)
EVERYWHERE = ("0.0.0.0", "::")
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-prefix", "x-real-ip", "forwarded")


@dataclass(frozen=True)
class Reach:
    """How other devices reach the app.

    Attributes:
        root: The home page's address, with a slash at its end; "" where others cannot reach it.
        others: The same under the machine's other addresses, in case the first does not answer.
        advice: What to do where there is no address, or a doubtful one; else "".
    """

    root: str = ""
    others: tuple[str, ...] = ()
    advice: str = ""


def reach(page: str = "") -> Reach:
    """Find the app's address as others reach it.

    Asked of the setting, of the browser's own address and of the network cards, not of an outside
    host, so it works without the internet.

    Args:
        page: The path of the page that is open, below the home page's.
    """
    try:
        if public := public_url():
            return Reach(public)
    except InputError as problem:  # the server would not have started
        return Reach(advice=str(problem))
    here = _root_in_browser(page)
    parts = urlsplit(here)
    if not _is_loopback(parts.hostname or ""):
        return Reach(here)
    bound = st.get_option("server.address") or ""
    if _is_loopback(bound) and bound not in EVERYWHERE and not _is_proxied():
        return Reach(advice=f"BertLab listens on this machine alone. Start it without "
                            f"--server.address={bound} to let others join.")  # fmt: skip
    hosts = lan_addresses()
    if not hosts:
        return Reach(advice="This machine is on no network just now, so nobody else can join.")
    around = _as_proxied(here) if _is_proxied() else _as_served()
    first, *others = (around.format(host) for host in hosts)
    return Reach(first, tuple(others), IN_CONTAINER if _is_in_container() else "")


def page_address(root: str, page: str, state: dict[str, list[str]]) -> str:
    """The address of a page in its present state.

    `page_address("http://10.0.0.5/", "heads", {"head": ["2.1"]})` is
    "http://10.0.0.5/heads?head=2.1".
    """
    query = urlencode(state, doseq=True)
    return f"{root}{page}{'?' if query else ''}{query}"


def lan_addresses() -> tuple[str, ...]:
    """The machine's IPv4 addresses on networks that it shares with others."""
    states = psutil.net_if_stats()
    return tuple(
        entry.address
        for name, entries in psutil.net_if_addrs().items()
        for entry in entries
        if entry.family == socket.AF_INET
        and not entry.address.startswith(("127.", "169.254."))
        and not name.startswith(INNER_CARDS)
        and (name not in states or states[name].isup)
    )


def qr_svg(address: str) -> str:
    """The address as a QR code in SVG, dark on light in both themes so that phones read it.

    Raises:
        ValueError: The address is longer than a QR code can hold, about 2,900 letters.
    """
    code = segno.make(address, error="l" if len(address) > 300 else "m", boost_error=False)
    return code.svg_inline(scale=5, border=2, dark="#111111", light="#FFFFFF", omitsize=True)


def _root_in_browser(page: str) -> str:
    """The home page's address in the browser that asks, a proxy's prefix included."""
    here = (st.context.url or _as_served().format("localhost")).rstrip("/")
    return f"{here.removesuffix(f'/{page}') if page else here}/"


def _is_in_container() -> bool:
    return any(mark.exists() for mark in CONTAINER_MARKS)


def _is_proxied() -> bool:
    return any(name in st.context.headers for name in FORWARDED)


def _as_proxied(here: str) -> str:
    """The browser's address with another host: the proxy is on this machine too."""
    parts = urlsplit(here)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{{}}{port}{parts.path}"


def _as_served() -> str:
    """The server's own address, whatever tunnel the browser may have come through."""
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    base = st.get_option("server.baseUrlPath").strip("/")
    return f"{scheme}://{{}}:{st.get_option('server.port')}/{base}{'/' if base else ''}"


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
