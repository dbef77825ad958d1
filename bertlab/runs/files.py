"""Files that are never seen half written."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any


def replace_text(path: Path, text: str, *, is_durable: bool = True) -> None:
    """Write a whole file or nothing: readers see the old text or the new one.

    replace_text(folder / "status.json", '{"phase": "queued"}')

    Args:
        path: the file.
        text: all of it.
        is_durable: wait until the disk has it; too slow for what changes several times a second.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            if is_durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; a file that is missing or torn reads as {}."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def read_json_lines(path: Path, *, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    r"""Read the whole lines behind a byte offset, and tell where the next ones will begin.

    b'{"a": 1}\n{"a": 2' -> ([{"a": 1}], 9): the torn last line waits for the next call.

    Args:
        path: a file of one JSON object per line.
        after: the offset that the last call returned; 0 to begin.

    Returns:
        The records, and the offset behind the last whole line.
    """
    try:
        with path.open("rb") as file:
            file.seek(after)
            data = file.read()
    except OSError:
        return [], after
    whole = data[: data.rfind(b"\n") + 1]
    return [record for line in whole.splitlines() if (record := _parse(line))], after + len(whole)


def _parse(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:  # a write torn by a power cut, followed by later whole lines
        return {}
    return value if isinstance(value, dict) else {}
