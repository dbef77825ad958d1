"""BertLab in JupyterLab and JupyterHub: what jupyter-server-proxy asks for.

It finds `setup` by the entry point of pyproject.toml, starts the app on a free port when somebody
opens it, and hands it on below its own address, with that part of the path taken off.
"""

from pathlib import Path
from typing import Any

ICON = Path(__file__).parent / "assets" / "icon.svg"


def setup() -> dict[str, Any]:
    """Say how the app is started and what its button in the launcher shows.

    setup()["command"][:2] -> ["bertlab", "serve"]; "{port}" is filled in by the proxy.
    """
    return {
        "command": ["bertlab", "serve", "--no-open", "--host", "127.0.0.1", "--port", "{port}"],
        "timeout": 120,  # seconds until it answers; a shared disk is slow to read PyTorch from
        "launcher_entry": {"title": "BertLab", "icon_path": str(ICON)},
    }
