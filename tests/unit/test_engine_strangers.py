"""Whoever has not the credentials of an engine's start gets nothing from any of its ports."""

import contextlib
import socket
import ssl
import subprocess
import sys
import time

import psutil
import pytest
from clusters import wait_for
from cryptography import x509
from tiny_data import FOUR_ROWS

from bertlab.datasets import Split
from bertlab.engine import engine_status, ensure_engine, stop_engine, submit
from bertlab.engine.credentials import fresh_credentials
from bertlab.runs import Settings, create_run

# Another user of this machine, who knows each port: Dask's own client, and its protocol spoken by
# hand to whatever listens, with a function to be executed.
STRANGER = """
import asyncio, sys
from pathlib import Path
from distributed import Client
from distributed.core import connect
from distributed.protocol.pickle import dumps
from distributed.security import Security
from bertlab.engine.credentials import fresh_credentials

WAYS = {"tcp": Security(), "tls": fresh_credentials()}
write = Path(sys.argv[1]).touch

async def call(address, security, operation):
    comm = await connect(address, timeout=3, **security.get_connection_args("client"))
    function = {"function": dumps(write), "args": dumps(()), "kwargs": dumps({})}
    await comm.write({"op": operation, "reply": True, **function})
    return await comm.read()

async def submit(address, security, _):
    async with Client(address, security=security, asynchronous=True, timeout=3) as client:
        return await client.submit(write)

async def main():
    for port in sys.argv[2:]:
        for scheme, security in WAYS.items():
            for operation in ("run", "run_function", "identity", "submit"):
                do = submit if operation == "submit" else call
                try:
                    address = f"{scheme}://127.0.0.1:{port}"
                    answer = await asyncio.wait_for(do(address, security, operation), 10)
                    print("answered", scheme, port, operation, answer, flush=True)
                except (OSError, TimeoutError) as error:
                    print("refused", scheme, port, operation, type(error).__name__, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def engine(tiny_bert_name):
    """An engine that has executed a run, so all of it is up."""
    run = create_run(
        Settings(model=tiny_bert_name, batch_size=4, device="cpu"),
        Split(FOUR_ROWS, FOUR_ROWS, FOUR_ROWS),
    )
    submit(run)
    wait_for(lambda: run.status().is_final, "the end of the run")
    assert run.status().phase == "finished"
    yield ensure_engine()
    stop_engine()


def listening(pid: int) -> list[tuple[str, int]]:
    """Where a process and its children can be reached."""
    parent = psutil.Process(pid)
    return [
        (one.laddr.ip, one.laddr.port)
        for process in [parent, *parent.children(recursive=True)]
        for one in process.net_connections()
        if one.status == psutil.CONN_LISTEN
    ]


def ask(port: int, context: ssl.SSLContext | None) -> bytes:
    """Connect, ask for a page, and return what comes back; b"" where the line is cut."""
    with contextlib.ExitStack() as lines:
        line = lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
        try:
            if context:
                line = lines.enter_context(context.wrap_socket(line))
            line.sendall(b"GET /json/counts.json HTTP/1.0\r\n\r\n")
            return line.recv(100)
        except OSError:  # ssl.SSLError is one
            return b""


def test_strangers_of_the_same_machine_reach_nothing(engine, tmp_path):
    places = listening(engine.pid)
    assert {ip for ip, _ in places} == {"127.0.0.1"}
    ports = [port for _, port in places]
    assert len(ports) == 3  # scheduler, nanny, worker: no page of figures or logs beside them
    marker = tmp_path / "executed"

    command = [sys.executable, "-c", STRANGER, str(marker), *map(str, ports)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=500).stdout
    assert told.count("\n") == told.count("refused ") == 3 * 2 * 4, told
    assert not marker.exists()

    anonymous = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # takes any certificate and shows none
    anonymous.check_hostname, anonymous.verify_mode = False, ssl.CERT_NONE
    assert [ask(port, way) for port in ports for way in (None, anonymous)] == [b""] * 6
    assert engine_status() == engine  # and nobody was disturbed


def test_each_start_has_credentials_of_its_own():
    first, second = fresh_credentials(), fresh_credentials()
    assert first.require_encryption
    assert second.require_encryption
    assert first.tls_client_key == first.tls_scheduler_key == first.tls_worker_key
    assert first.tls_client_key != second.tls_client_key
    assert first.tls_ca_file != second.tls_ca_file


def test_a_clock_that_is_set_does_not_outdate_the_credentials():
    """Ones that began when they were made would be of tomorrow: a new worker would be refused."""
    made = x509.load_pem_x509_certificate(fresh_credentials().tls_ca_file.encode())
    year = 366 * 86_400
    assert made.not_valid_before_utc.timestamp() < time.time() - year
    assert made.not_valid_after_utc.timestamp() > time.time() + 10 * year
