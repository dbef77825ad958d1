"""Who sits at the server's machine, and what is told to the others."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from bertlab import doctor
from bertlab.runs import runs_root
from bertlab.ui.server import local_reader

HOME = {"Host": "localhost:8501", "Origin": "http://localhost:8501"}


@pytest.fixture
def connected(monkeypatch):
    """Connect from an address with these headers; None is how Streamlit names this machine."""

    def connect(address: str | None, headers: dict[str, str]) -> bool:
        told = SimpleNamespace(to_dict=lambda: headers)
        context = SimpleNamespace(ip_address=address, headers=told)
        monkeypatch.setattr(local_reader.st, "context", context)
        return local_reader.is_here()

    return connect


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (None, {}),
        (None, HOME),
        ("127.0.0.5", {"Host": "127.0.0.1:8501", "Origin": "http://127.0.0.1:8501"}),
        (None, {"Host": "[::1]:8501", "Origin": "http://[::1]:8501"}),
    ],
)
def test_a_browser_on_the_machine_itself(connected, address, headers):
    assert connected(address, headers)


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.168.1.7", HOME),
        ("2001:db8::1", HOME),
        ("nonsense", HOME),
        (None, HOME | {"Host": "lab.example.org"}),
        (None, HOME | {"Origin": "http://192.168.1.2:8501"}),  # behind a proxy that says nothing
        (None, HOME | {"Origin": "http://localhost.evil.example"}),
        (None, HOME | {"x-forwarded-for": "192.168.1.7"}),
        (None, HOME | {"Forwarded": "for=192.168.1.7"}),
        (None, HOME | {"X-Real-IP": "192.168.1.7"}),
    ],
)
def test_a_browser_on_another_machine(connected, address, headers):
    assert not connected(address, headers)


def test_what_is_told_abroad_names_no_place_of_this_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("BERTLAB_MODELS", os.pathsep.join([str(tmp_path), "/missing/models"]))
    places = [str(runs_root()), str(Path.home()), str(tmp_path), "/missing", os.environ["HF_HOME"]]
    (runs_root()).mkdir(parents=True)
    for address in ("", "tcp://127.0.0.1:9", "tcp://gpu.example:8786"):
        monkeypatch.setenv("BERTLAB_SCHEDULER", address)
        for one in doctor.check():
            told = one.abroad or one.text
            assert not [place for place in (*places, "127.0.0.1", "gpu.example") if place in told]
    monkeypatch.setenv("BERTLAB_RUNS", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    runs = next(one for one in doctor.check() if one.name == "runs")
    assert runs.state == "problem"
    assert str(tmp_path) in runs.text
    assert runs.abroad == "their folder cannot be written to"


def test_a_check_that_fails_tells_others_no_more_than_that(monkeypatch):
    def broken():
        raise OSError("/secret/place is gone")

    found = doctor._safely(broken)
    assert found is not None
    assert "/secret" in found.text
    assert "/secret" not in found.abroad
