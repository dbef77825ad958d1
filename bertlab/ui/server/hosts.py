"""The names that this server goes by.

A page of a stranger can let its own name point at this machine (DNS rebinding) and would then be
"the same site" to the browser. It gives itself away by that name, which is none of ours.
"""

import ipaddress
import os
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from bertlab.errors import InputError

VARIABLE = "BERTLAB_PUBLIC_URL"
DEFAULT_PORTS = {"http": 80, "https": 443}
RESOLVER = Path("/etc/resolv.conf")  # on Linux and macOS
_HOST = re.compile(r"[\w.-]+|\[[0-9a-f:.]+\]", re.IGNORECASE)


def public_url() -> str:
    """Read BERTLAB_PUBLIC_URL, the address that others use; "" where it is not set.

    "https://bert.example/lab" -> "https://bert.example/lab/"

    Raises:
        InputError: It is no such address.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        return ""
    host = _split(given)[0] if given.lower().startswith(("http://", "https://")) else ""
    if not host or {"?", "#"} & set(given):
        raise InputError(
            f"{VARIABLE} is {given}, which is no address such as https://bert.example/lab/. "
            "Write it as others type it into their browser, http:// or https:// included."
        )
    return given.rstrip("/") + "/"


@dataclass(frozen=True)
class ServedHosts:
    """What may stand in the Host and Origin of a request.

    Attributes:
        names: Host names beside the machine's own, "*.bert.example" and "*" included.
        origins: Further pages that may connect, such as "https://portal.example".
    """

    names: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, addresses: Iterable[str], origins: Iterable[str] = ()) -> "ServedHosts":
        """Take names from addresses or bare names: "https://bert.example/lab/", "*.example"."""
        hosts = (_split(a)[0] if "://" in a else a.strip().lower() for a in addresses)
        return cls(frozenset(filter(None, hosts)), frozenset(origins))

    def answers(self, host: str) -> bool:
        """Whether a request for this host is for us: `answers("192.168.1.5:8501")` is True.

        An IP address cannot be rebound: who asks for it means the machine that has it.
        """
        name = "" if set("/?#") & set(host) else _split(f"//{host}")[0]
        return bool(name) and (_is_ip(name) or self._is_ours(name))

    def trusts(self, origin: str, host: str) -> bool:
        """Whether a page from `origin` may talk to us at `host`.

        Its own server may, and so may another port of this machine (a proxy that does not pass the
        Host): browsers send a host's cookies to all its ports, so nothing else keeps those apart.
        A foreign address may not, be it an IP or not.
        """
        if origin in self.origins:
            return True
        name, port = _split(origin)
        scheme = urlsplit(origin).scheme if name else ""
        asked, asked_port = _split(f"//{host}")
        default = DEFAULT_PORTS.get(scheme)
        is_same = name == asked and (port or default) == (asked_port or default)
        return bool(name) and (is_same or self._is_ours(name) or name in own_addresses())

    def _is_ours(self, name: str) -> bool:
        if name in own_names() or name.endswith(".localhost") or {name, "*"} & self.names:
            return True
        return any(n.startswith("*.") and name.endswith(n[1:]) for n in self.names)


@cache  # a machine's name does not change while its server runs
def own_names() -> frozenset[str]:
    """What the machine is called on its own network: "pc7", "pc7.local", "pc7.school.example".

    The endings are those that its resolver completes names with; no server is asked.
    """
    name = socket.gethostname().lower().rstrip(".")
    short = name.partition(".")[0]
    endings = ("local", *_search_domains())
    return frozenset({"localhost", name, short, *(f"{short}.{ending}" for ending in endings)})


def own_addresses() -> frozenset[str]:
    """The IP addresses of the machine's network cards as of now, loopback included."""
    cards = psutil.net_if_addrs().values()
    families = (socket.AF_INET, socket.AF_INET6)
    return frozenset(
        entry.address.partition("%")[0].lower()
        for entries in cards
        for entry in entries
        if entry.family in families
    )


def _search_domains() -> tuple[str, ...]:
    try:
        lines = RESOLVER.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    words = [line.lower().split() for line in lines]
    return tuple(
        domain.strip(".")
        for keyword, *domains in filter(None, words)
        if keyword in ("search", "domain")
        for domain in domains
        if domain.strip(".")
    )


def _split(address: str) -> tuple[str, int | None]:
    """The host, in lower case, and the port of an address; "" for what is none."""
    try:
        parts = urlsplit(address)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        return "", None
    is_bare = parts.netloc.rpartition("@")[0] == "" and "\\" not in address
    is_host = _HOST.fullmatch(name) or _is_ip(name)
    return (name.rstrip("."), port) if is_bare and is_host else ("", None)


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
