"""`bertlab serve`: the app in a browser, from any folder."""

import argparse
import os
import subprocess
import sys
from typing import Any

from bertlab.app_folder import APP
from bertlab.cli.arguments import add_plain_command


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_plain_command(commands, "serve", run, help_text="start the app in the browser")
    parser.add_argument("--port", type=_port, default=8501, metavar="P", help="default: 8501")
    parser.add_argument(
        "--host", metavar="H", help="the address to listen on; default: all of this machine's"
    )
    parser.add_argument(
        "--path-prefix", default="", metavar="X",
        help="the path under which a proxy hands the app on, as in /bertlab",
    )  # fmt: skip
    parser.add_argument(
        "--open", action=argparse.BooleanOptionalAction, default=True,
        help="open a browser (the default), or do not",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C, with the settings that lie beside the app.

    Streamlit takes this process's place, so that who ends it ends the server.
    """
    line = [sys.executable, "-m", "streamlit", "run", str(APP / "app.py"), *flags(arguments)]
    if sys.platform == "win32":  # there a new process would be begun, and this one would end
        return subprocess.call(line)
    os.execv(sys.executable, line)


def flags(arguments: argparse.Namespace) -> list[str]:
    """Streamlit's options for what was asked."""
    options = {
        "server.port": arguments.port,
        "server.headless": str(not arguments.open).lower(),
        "server.address": arguments.host,
        "server.baseUrlPath": arguments.path_prefix.strip("/"),
    }
    return [f"--{name}={value}" for name, value in options.items() if value not in (None, "")]


def _port(text: str) -> int:
    number = int(text) if text.strip().isdecimal() else 0
    if not 0 < number < 65_536:
        raise argparse.ArgumentTypeError(f'"{text}" is no port: a whole number from 1 to 65535')
    return number
