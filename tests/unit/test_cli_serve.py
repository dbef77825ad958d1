"""What `bertlab serve` hands to Streamlit; that it serves is shown in tests/browser."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from bertlab.app_folder import APP, PAGES, SAMPLES, find_app_folder
from bertlab.cli import build_parser
from bertlab.cli.serve import flags


def asked(*line):
    return flags(build_parser().parse_args(["serve", *line]))


def test_a_browser_opens_on_8501_unless_told_otherwise():
    assert asked() == ["--server.port=8501", "--server.headless=false"]


def test_everything_that_can_be_told():
    line = ("--port", "80", "--host", "0.0.0.0", "--path-prefix", "/lab/one/", "--no-open")
    assert asked(*line) == [
        "--server.port=80",
        "--server.headless=true",
        "--server.address=0.0.0.0",
        "--server.baseUrlPath=lab/one",
    ]


def test_jupyters_proxy_finds_a_command_that_can_be_read():
    (entry,) = entry_points(group="jupyter_serverproxy_servers", name="bertlab")
    told = entry.load()()
    program, *line = [part.format(port=8765) for part in told["command"]]
    assert program == "bertlab"
    assert flags(build_parser().parse_args(line)) == [
        "--server.port=8765",
        "--server.headless=true",
        "--server.address=127.0.0.1",
    ]
    assert Path(told["launcher_entry"]["icon_path"]).is_file()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "８５０１x", "1.5", ""])
def test_what_is_no_port_is_said_to_be_none(port, capsys):
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["serve", "--port", port])
    assert ended.value.code == 2
    assert "no port" in capsys.readouterr().err or port == "-1"


def test_the_app_is_found_in_a_clone_and_in_an_installed_package(tmp_path):
    package = tmp_path / "bertlab"
    assert find_app_folder(package) == package / "app"
    (tmp_path / "app.py").touch()  # another program's, beside the installed package
    assert find_app_folder(package) == package / "app"
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "tokenization.py").touch()
    assert find_app_folder(package) == tmp_path
    assert Path(__file__).parents[2] == APP
    assert (PAGES / "home.py").is_file()
    assert (SAMPLES / "movie_reviews.csv").is_file()
