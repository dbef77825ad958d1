"""The command line in this process, for the tests of all commands."""

import io
import json
import sys

import pytest

from bertlab import cli


@pytest.fixture
def bertlab(capsys, monkeypatch):
    """Run a command in this process: `status, out, err = bertlab("fill", "a [MASK]")`."""

    def call(*argv: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            status = cli.main(list(argv))
        except SystemExit as end:  # argparse's way out
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return call


@pytest.fixture
def answer(bertlab):
    """Run a command with --json and return its one answer."""

    def call(*argv: str) -> dict:
        status, out, err = bertlab(*argv, "--json")
        assert status == 0, err
        (line,) = out.splitlines()
        return json.loads(line)

    return call


@pytest.fixture
def refused(bertlab):
    """Run a command that must be refused: exit 2, one line on stderr, nothing on stdout."""

    def call(*argv: str) -> str:
        status, out, err = bertlab(*argv)
        assert (status, out) == (2, "")
        assert err.startswith("bertlab")
        assert err.count("\n") == 1
        assert "Traceback" not in err
        return err

    return call
