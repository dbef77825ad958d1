"""A cluster is used only where nobody else can listen in: on this machine, or under TLS."""

import os
import socket
import subprocess
import sys

import pytest
from clusters import Cluster, wait_for
from distributed.security import Security
from tiny_data import FOUR_ROWS

from bertlab import cli, doctor
from bertlab.datasets import Split
from bertlab.engine import engine_status, remote, submit
from bertlab.engine.remote import why_refused
from bertlab.errors import RunError
from bertlab.runs import Settings, create_run

ROLES = ("SCHEDULER", "WORKER", "CLIENT")
COMMAND = "import sys; from bertlab import cli; sys.exit(cli.main(sys.argv[1:]))"


def make_run(model="tiny-bert"):
    settings = Settings(model=model, batch_size=4, epochs=2, device="cpu")
    return create_run(settings, Split(FOUR_ROWS, FOUR_ROWS, FOUR_ROWS))


@pytest.mark.parametrize(
    "address",
    [
        "tcp://127.0.0.1:8786",
        "127.0.0.1:8786",
        "tcp://127.8.8.8:8786",
        "tcp://localhost:8786",
        "tcp://[::1]:8786",
        "tls://gpu-server:8786",
        "tls://192.0.2.1",
    ],
)
def test_this_machine_and_tls_are_used(address):
    assert why_refused(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "tcp://gpu-server:8786",
        "gpu-server:8786",
        "tcp://192.0.2.1:8786",
        "tcp://[2001:db8::1]:8786",
        "tcp://localhost.evil.example:8786",
        "tcp://127.0.0.1.evil.example:8786",
        "tcp://0.0.0.0:8786",
        "ws://gpu-server:8786",
    ],
)
def test_a_plain_address_on_a_network_is_used_only_where_the_network_is_trusted(
    address, monkeypatch
):
    reason = why_refused(address)
    assert "tls://" in reason
    assert "BERTLAB_TRUST_NETWORK=1" in reason
    assert address in reason
    monkeypatch.setenv("BERTLAB_TRUST_NETWORK", "1")
    assert why_refused(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "tcp://",
        "http://localhost:8786",
        "tcp://localhost:port",
        "tcp://localhost:99999",
        "tcp://localhost@gpu-server:8786",
        "inproc://1/2",
        "hello world",
    ],
)
def test_what_is_no_address_is_refused_even_where_the_network_is_trusted(address, monkeypatch):
    monkeypatch.setenv("BERTLAB_TRUST_NETWORK", "1")
    assert "is no address" in why_refused(address)


def test_a_refused_cluster_is_not_called_and_the_run_stays_in_the_queue(monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        # Not by its own name: to who knows only the address this is some machine of a network.
        address = f"tcp://0.0.0.0:{listener.getsockname()[1]}"
        monkeypatch.setenv("BERTLAB_SCHEDULER", address)
        run = make_run()
        with pytest.raises(RunError, match=r"nothing is encrypted.*stays in the queue"):
            submit(run)
        assert cli.main(["runs", "resume", run.id]) == 2
        with pytest.raises(TimeoutError):
            listener.accept()
    assert run.status().phase == "queued"
    told = capsys.readouterr().err
    assert "BERTLAB_TRUST_NETWORK" in told
    assert told.count("\n") == 1
    assert (engine_status().state, engine_status().address) == ("remote", address)
    check = next(one for one in doctor.check() if one.name == "engine")
    assert check.state == "problem"
    assert "nothing is encrypted" in check.text


def test_a_trusted_network_is_called(monkeypatch):
    monkeypatch.setenv("BERTLAB_SCHEDULER", "tcp://no-such-host.invalid:8786")
    monkeypatch.setenv("BERTLAB_TRUST_NETWORK", "1")
    monkeypatch.setattr(remote, "CONNECT_SECONDS", 0.2)
    with pytest.raises(RunError, match="cannot be reached"):
        submit(make_run())


def certificates(folder):
    """Dask's settings for certificates of an authority of its own, which they also are."""
    pem = Security.temporary()
    folder.mkdir()
    (folder / "certificate.pem").write_text(pem.tls_ca_file)
    (folder / "key.pem").write_text(pem.tls_client_key)
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    found = {f"{prefix}CA_FILE": str(folder / "certificate.pem")}
    for role in ROLES:
        found[f"{prefix}{role}__CERT"] = str(folder / "certificate.pem")
        found[f"{prefix}{role}__KEY"] = str(folder / "key.pem")
    return found


def resume(run, address, environment=()):
    """`bertlab runs resume` in a process of its own, as Dask reads its settings at its start."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "runs", "resume", run.id],
        env={**os.environ, "BERTLAB_SCHEDULER": address, **dict(environment)},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.exhaustive
def test_under_tls_a_run_finishes_and_who_has_no_certificate_is_refused(tiny_bert_name, tmp_path):
    own, others = certificates(tmp_path / "own"), certificates(tmp_path / "others")
    cluster = Cluster(tmp_path, protocol="tls", environment=own)
    try:
        cluster.start_scheduler()
        run = make_run(tiny_bert_name)
        plain = cluster.address.replace("tls://", "tcp://")
        attempts = [(cluster.address, {}), (cluster.address, others), (plain, own)]
        for address, environment in attempts:
            done = resume(run, address, environment)
            assert (done.returncode, done.stdout) == (2, "")
            assert "cannot be reached" in done.stderr
            assert done.stderr.count("\n") == 1
            assert ("CLIENT__CERT" in done.stderr) == (address == cluster.address)
            assert run.status().phase == "queued"

        cluster.start_worker()
        wait_for(lambda: run.status().is_final, "the end of what waited")
        second = make_run(tiny_bert_name)
        done = resume(second, cluster.address, own)
        assert done.returncode == 0, done.stderr
        wait_for(lambda: second.status().is_final, "the end of the run")
        assert [one.status().phase for one in (run, second)] == ["finished", "finished"]
        assert "Registered to: " in cluster.said()
        assert "tcp://" not in cluster.said()
    finally:
        cluster.stop()
