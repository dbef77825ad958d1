"""A cluster of others: which one BERTLAB_SCHEDULER names, and whether it may be asked.

A Dask scheduler executes what anybody who reaches it sends, and a client unpickles what it
answers. So an address is used only where nobody else can listen in: on this machine, under
TLS, or on a network that whoever runs the app has said to trust.
"""

from __future__ import annotations

import ipaddress
import os
import re
from urllib.parse import urlsplit

from bertlab.errors import RunError

VARIABLE, TRUST = "BERTLAB_SCHEDULER", "BERTLAB_TRUST_NETWORK"
PLAIN, ENCRYPTED = ("tcp", "ws"), ("tls", "wss")
CONNECT_SECONDS = 3.0
ADVICE = (
    "Start scheduler and workers with TLS certificates and write tls:// (bertlab/docs/serving.md). "
    f"On a private network whose every user you trust with this machine, set {TRUST}=1."
)


def remote_scheduler() -> str:
    """Read BERTLAB_SCHEDULER; "" for the engine of this machine."""
    return os.environ.get(VARIABLE, "").strip()


def why_refused(address: str) -> str:
    """Say why an address is not to be used, and what to do; "" where it may be.

    "tcp://127.0.0.1:8786" -> "", "tls://host:8786" -> "",
    "tcp://host:8786" -> "BERTLAB_SCHEDULER is tcp://host:8786, where nothing is encrypted ..."

    Nothing is looked up: a name counts as this machine's only if it is localhost.
    """
    scheme, host = _parts(address)
    if not host or scheme not in (*PLAIN, *ENCRYPTED):
        return f"{VARIABLE} is {address}, which is no address such as tls://host:8786. Correct it."
    if scheme in ENCRYPTED or _is_this_machine(host) or os.environ.get(TRUST) == "1":
        return ""
    return (
        f"{VARIABLE} is {address}, where nothing is encrypted and nobody has to prove who they "
        f"are: whoever reaches that network could run programs as you. {ADVICE}"
    )


def ask_remote(address: str) -> None:
    """Give a cluster a task for what waits.

    Raises:
        RunError: the address is refused, or the cluster cannot be reached.
    """
    if reason := why_refused(address):
        raise RunError(f"{reason} The run stays in the queue.")

    from distributed import Client, fire_and_forget  # half a second, on first use only

    from bertlab.engine.cluster import run_waiting

    try:
        _check_certificates(address)
        with Client(address, timeout=CONNECT_SECONDS, set_as_default=False) as client:
            # A task that no client waits for is dropped unless it is told to be fired.
            fire_and_forget(client.submit(run_waiting, pure=False))
    except (OSError, TimeoutError, RuntimeError) as error:  # the last where Dask wants encryption
        raise RunError(
            f"The scheduler {address} cannot be reached: {error}. The run stays in the queue; "
            f"check {VARIABLE}{_about_certificates(address)} and submit it again."
        ) from error


def _check_certificates(address: str) -> None:
    """Look before Dask does: its client, once made, cannot be thrown away quietly."""
    from distributed.security import Security

    known = Security().get_connection_args("client")  # what Dask's own configuration names
    if _parts(address)[0] in ENCRYPTED and known["ssl_context"] is None:
        raise OSError("no certificates are configured here")


def _parts(address: str) -> tuple[str, str]:
    """Split "host:8786", which Dask reads as tcp://host:8786, and what has a scheme."""
    whole = address if "://" in address else f"tcp://{address}"
    try:
        parts = urlsplit(whole)
        is_port_sound = parts.port is None or parts.port > 0
    except ValueError:
        return "", ""
    is_host_sound = re.fullmatch(r"[\w.:%-]+", parts.hostname or "")
    is_bare = not parts.username and "@" not in parts.netloc
    return parts.scheme, (
        parts.hostname or ""
    ) if is_port_sound and is_host_sound and is_bare else ""


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def _about_certificates(address: str) -> str:
    """Name Dask's own settings where they are the likely cause."""
    if _parts(address)[0] not in ENCRYPTED:
        return ""
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    return f" and the certificates ({prefix}CA_FILE, {prefix}CLIENT__CERT, {prefix}CLIENT__KEY)"
