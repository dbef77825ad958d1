"""The pages of `bertlab/docs`, as the Help page shows them."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs"
TOPICS = {  # by file
    "lessons": "The lessons",
    "models": "Models",
    "command_line": "The command line",
    "serving": "Serving a class",
    "security": "Who trusts whom",
    "installing": "Installing",
}
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?://)[^)]*\)")


def help_text(topic: str) -> str:
    """Read a page as Markdown, without its title and with links to the web alone.

    A link to another file, "[On a cluster](serving.md#on-a-cluster)", becomes its words: in a
    browser it would lead nowhere.

    Args:
        topic: One of `TOPICS`.
    """
    text = (FOLDER / f"{topic}.md").read_text(encoding="utf-8")
    return _LINK.sub(r"\1", text.partition("\n")[2].strip())
