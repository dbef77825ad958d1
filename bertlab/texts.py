"""Texts too long for an address, stored under a random id in the runs' folder."""

import re
import secrets
from pathlib import Path

from bertlab.runs import runs_root

LONGEST = 200_000  # characters of one stored text
KEPT = 2_000  # texts; beyond that the oldest go


def save_text(text: str) -> str:
    """Store a text and return its id: `load_text(save_text("a")) == "a"`.

    Half surrogate pairs become "?": no page could send them to a browser.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    text_id = secrets.token_urlsafe(12)
    (folder / f"{text_id}.txt").write_bytes(text[:LONGEST].encode("utf-8", "replace"))
    oldest_first = sorted(folder.glob("*.txt"), key=lambda file: file.stat().st_mtime)
    for file in oldest_first[:-KEPT]:
        file.unlink(missing_ok=True)
    return text_id


def load_text(text_id: str) -> str | None:
    """The text of an id, or None where there is none (any more)."""
    if not re.fullmatch(r"[\w-]{16}", text_id):
        return None
    try:
        return (_folder() / f"{text_id}.txt").read_bytes().decode("utf-8", "replace")
    except OSError:
        return None


def _folder() -> Path:
    return runs_root() / "texts"
