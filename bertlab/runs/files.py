"""Files that are never seen half written."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

PATIENCE = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)  # seconds between two tries
BLOCK = 1 << 20  # bytes read at a time, so that a long run's history is never in memory whole


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
        move_over(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def append_from(pending: bytearray, path: Path) -> None:
    r"""Append to a file, and take away from `pending` what the file has.

    pending = bytearray(b"1\n2\n"); append_from(pending, path) -> pending is empty, or b"2\n" where
    the disk was full in the middle: called again, it goes on where it ended, so that the file
    holds every byte once.

    Raises:
        OSError: the disk is full; what is left is in `pending`.
    """
    if not pending:
        return
    with path.open("ab", buffering=0) as file:
        while pending:
            del pending[: file.write(pending)]


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Write a whole folder or nothing.

    with new_folder(run.model_folder) as draft: model.save_pretrained(draft)

    Yields:
        A draft beside it; what was in the folder before is replaced when the block is left.
    """
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        yield draft
        shutil.rmtree(folder, ignore_errors=True)
        move_over(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def remove_drafts(folder: Path) -> None:
    """Remove what a writer left that was killed: large files, named "*.draft"."""
    for path in folder.glob("*.draft"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def move_over(source: Path, target: Path) -> None:
    """Put a file in another one's place at once; patient where a reader has that one open.

    On Windows a file that somebody reads cannot be replaced. Readers here are done within
    milliseconds, so it is tried again for a moment.

    Raises:
        PermissionError: it still cannot be replaced.
    """
    for wait in (*PATIENCE, None):
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if wait is None:
                raise
            time.sleep(wait)


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
    records: list[dict[str, Any]] = []
    for block, end in json_blocks(path, after=after):
        records, after = records + block, end
    return records, after


def json_blocks(path: Path, *, after: int = 0) -> Iterator[tuple[list[dict[str, Any]], int]]:
    """Read as `read_json_lines` does, about a megabyte at a time.

    Yields:
        The records of some whole lines, and the offset behind them.
    """
    try:
        with path.open("rb") as file:
            file.seek(after)
            while whole := _whole_lines(file.read(BLOCK), file):
                after += len(whole)
                yield _records(whole), after
    except OSError:
        return


def _whole_lines(data: bytes, file: BinaryIO) -> bytes:
    """Complete the last line of a block, or leave it out where it is torn."""
    if data and not data.endswith(b"\n"):
        data += file.readline()
    return data[: data.rfind(b"\n") + 1]


def _records(lines: bytes) -> list[dict[str, Any]]:
    """Parse lines: all of them at once, which is quick; one by one where something is broken."""
    try:
        values = json.loads(b"[%b]" % lines.rstrip().replace(b"\n", b","))
        is_whole = len(values) == lines.count(b"\n")
    except (ValueError, RecursionError):
        is_whole = False
    if not is_whole:
        values = [_parse(line) for line in lines.splitlines()]
    return [value for value in values if value and isinstance(value, dict)]


def _parse(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):  # torn by a power cut, or garbage; later lines are whole
        return None
