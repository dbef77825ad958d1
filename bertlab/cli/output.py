"""What the commands print: answers on standard output, all else on standard error."""

import io
import json
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any

from bertlab.errors import InputError

Answer = dict[str, Any]

# Some programs take these for line ends, inside JSON too; escaped they mean the same.
LINE_ENDS = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def use_utf8() -> None:
    """Write UTF-8 whatever the terminal's setting, and never fail on half a character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def note(text: str) -> None:
    """Say something on standard error, on one line: progress, a warning, what went wrong."""
    print("bertlab: " + " ".join(text.split()), file=sys.stderr, flush=True)


def to_json(value: Any) -> str:
    r"""Write one line of JSON, Chinese as it is: `to_json({"text": "好"})` is `{"text": "好"}`.

    A number that JSON does not know (NaN, infinity) becomes null.
    """
    return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False).translate(LINE_ENDS)


def emit(answer: Answer, show: Callable[[Answer], str], *, as_json: bool) -> None:
    """Print one answer, for people or as JSON, at once."""
    print(to_json(answer) if as_json else show(answer), flush=True)


def answer_texts(
    text: str, answer: Callable[[str], Answer], show: Callable[[Answer], str], *, as_json: bool
) -> int:
    """Answer one text, or with "-" each line of standard input, in order.

    Every line gets an answer. One that cannot be answered gets `{"text": ..., "error": ...}` in
    JSON, so that line n of the output belongs to line n of the input, and a line on standard
    error; the others are answered all the same, and the exit status is 2.

    Args:
        text: The text, or "-".
        answer: Computes one answer; an `InputError` of it concerns this text alone.
        show: Turns an answer into what people read.
        as_json: Whether to print JSON.

    Returns:
        The exit status.
    """
    if text != "-":
        emit(answer(check_text(text)), show, as_json=as_json)
        return 0
    failures = 0
    for number, line in enumerate(read_lines(), start=1):
        try:
            emit(answer(check_text(line)), show, as_json=as_json)
        except InputError as error:
            failures += 1
            note(f"Line {number}: {error}")
            if as_json:
                text = line.encode("utf-8", errors="replace").decode()
                print(to_json({"text": text, "error": str(error)}), flush=True)
    return 2 if failures else 0


def read_lines() -> Iterator[str]:
    """Read standard input as UTF-8, one text a line; a bad byte spoils its own line only."""
    for number, line in enumerate(sys.stdin.buffer):
        text = line.decode("utf-8", errors="surrogateescape").rstrip("\r\n")
        yield text.removeprefix("\ufeff") if number == 0 else text


def check_text(text: str) -> str:
    """Return the text, if it is one; Python keeps bytes that are not UTF-8 as half characters.

    Raises:
        InputError: Some bytes of it were not UTF-8.
    """
    for place, character in enumerate(text, start=1):
        if "\udc80" <= character <= "\udcff":
            byte = ord(character) - 0xDC00
            raise InputError(
                f"The text is not UTF-8: character {place} is the byte {byte:02X}. "
                "Convert it to UTF-8 first."
            )
    return text


def require_words(text: str) -> None:
    """Refuse a text that is empty or white space only.

    Raises:
        InputError: There is nothing in it.
    """
    if not text.strip():
        raise InputError("The text is empty. Give one with at least one word.")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
