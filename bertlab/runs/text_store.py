"""Texts too long for an address, stored under a random id in the runs' folder."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from bertlab.runs import runs_root

LONGEST = 100_000  # characters of one stored text
KEPT = 1_000  # texts, at most 400 MB; beyond that those go that nobody looked at for longest


def save_text(text: str) -> str:
    """Store a text and return its id: `load_text(save_text("a")) == "a"`.

    Half surrogate pairs become "?": no page could send them to a browser.
    """
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text_id = secrets.token_urlsafe(12)
    (folder / f"{text_id}.txt").write_bytes(text[:LONGEST].encode("utf-8", "replace"))
    for file in sorted(folder.glob("*.txt"), key=_last_use)[:-KEPT]:
        file.unlink(missing_ok=True)
    return text_id


def load_text(text_id: str) -> str | None:
    """The text of an id, or None where there is none (any more)."""
    if not re.fullmatch(r"[\w-]{16}", text_id):
        return None
    file = _folder() / f"{text_id}.txt"
    with suppress(OSError):
        text = file.read_bytes().decode("utf-8", "replace")
        os.utime(file)  # a link that a class uses stays
        return text
    return None


def _last_use(file: Path) -> float:
    """When a text was last stored or read; 0 where another session has just removed it."""
    with suppress(OSError):
        return file.stat().st_mtime
    return 0.0


def _folder() -> Path:
    return runs_root() / "texts"
