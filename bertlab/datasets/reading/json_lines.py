"""JSON to records: an object a line (JSON Lines), or one list of objects."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from bertlab.datasets.limits import MAX_COLUMNS, MAX_JSON_CELLS, MAX_LINES, MAX_ROWS
from bertlab.datasets.reading.delimited import doubts, lines_of
from bertlab.datasets.reading.encodings import decode
from bertlab.datasets.reading.records import Record
from bertlab.datasets.reading.source import RecordSource
from bertlab.errors import TableError

_START = re.compile(rb'\s*(\[\s*)?\{\s*"[^"\n]*"\s*:')
_BETWEEN = re.compile(r"[\s,]*")
_EXAMPLE = '{"text": "...", "label": "..."}'
_NO_OBJECT = f"it is no JSON object such as {_EXAMPLE}"


def is_json(data: bytes) -> bool:
    """Say whether a file begins as a JSON object, or as a list of them."""
    return _START.match(data[:2000].removeprefix(codecs.BOM_UTF8)) is not None


def open_json(data: bytes, *, encoding: str | None = None) -> RecordSource:
    r"""Make a record of each object, under the names of all objects.

    `{"text": "so", "label": 1}` gives the cells `so` and `1`. What an object lacks is an empty
    cell; a list or an object inside one is written as JSON.

    Args:
        data: The whole file.
        encoding: Skips the search for the encoding.

    Raises:
        TableError: there is no object, a list that breaks off, or more names than columns.
    """
    decoded = decode(data, encoding=encoding)
    lines = lines_of(decoded.text)
    is_list = decoded.text.lstrip().startswith("[")
    found, names = _within_limits(_elements(decoded.text) if is_list else _lines(lines))
    header = Record(0, 0, names)
    return RecordSource(
        records=chain([header], (_record(names, *each) for each in found)),
        excerpt=lambda record: lines[record.line - 1],
        form="json",
        is_named=True,
        encoding=decoded.encoding,
        warnings=doubts(decoded),
    )


_Found = tuple[int, dict[str, Any] | None, str]  # line, object, why there is none


def _within_limits(elements: Iterator[_Found]) -> tuple[list[_Found], list[str]]:
    """Collect the objects and the names of all, and give up where no table comes of them.

    Names are counted object by object: files in which each object has a name of its own would
    otherwise make as many columns as rows.
    """
    found: list[_Found] = []
    names: dict[str, None] = {}
    for each in elements:
        found.append(each)
        names.update(dict.fromkeys(each[1] or ()))
        if len(names) > MAX_COLUMNS:
            raise TableError(
                f"Up to line {each[0]:,} the objects have {len(names):,} different names; a table "
                f"has at most {MAX_COLUMNS:,} columns. Give all objects the same names, such as "
                f"{_EXAMPLE}."
            )
        if len(found) > MAX_LINES:
            raise TableError(f"There are more than {MAX_LINES:,} objects. Take some of them.")
    if not names:
        raise TableError(f"No object with names was found. Write lines such as {_EXAMPLE}.")
    _refuse_sparse(min(len(found), MAX_ROWS), len(names))
    return found, list(names)


def _refuse_sparse(objects: int, names: int) -> None:
    if objects * names > MAX_JSON_CELLS:
        raise TableError(
            f"{objects:,} objects with {names:,} names in all would make a table of "
            f"{objects * names:,} cells; at most {MAX_JSON_CELLS:,} are read. Keep the names of "
            "the text and the label only."
        )


def _lines(lines: Sequence[str]) -> Iterator[_Found]:
    """Read JSON Lines; a broken line costs no other."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, None, f"it is not valid JSON ({_reason(error)})"
            continue
        yield (number, value, "") if isinstance(value, dict) else (number, None, _NO_OBJECT)


def _elements(text: str) -> Iterator[_Found]:
    """Read a list of objects one by one, so that each has its line."""
    decoder = json.JSONDecoder()
    at, line, seen = text.index("[") + 1, 1, 0
    while True:
        match = _BETWEEN.match(text, at)
        at = match.end() if match else at
        line, seen = line + text.count("\n", seen, at), at
        if text[at : at + 1] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise TableError(
                f"The list of objects is broken at line {line:,} ({_reason(error)}). Correct it, "
                "or write one object a line (JSON Lines), where a broken line costs no other."
            ) from error
        yield (line, value, "") if isinstance(value, dict) else (line, None, _NO_OBJECT)


def _record(names: Sequence[str], line: int, value: dict[str, Any] | None, problem: str) -> Record:
    cells = [] if value is None else [_cell(value.get(name)) for name in names]
    return Record(line, line, cells, problem)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "too deeply nested"
