"""Bytes to text: which encoding is it, found also for files of a few short Chinese lines."""

import codecs
import logging
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from bertlab.datasets.reading.hanzi import COMMON
from bertlab.errors import TableError

BROKEN = "\udcff"  # marks bytes that the encoding does not allow; no decoded text contains it

_BOMS = (  # the longer first: UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ("gb18030", "big5", "latin-1", "cp1252", "cp950", "big5hkscs")  # ties: the earlier
_VARIANTS = ("cp950", "big5hkscs")  # supersets of Big5, for files that hold what it lacks
_SAMPLE_BYTES = 65_536
_UTF16_ASCII_ZEROS = 0.3  # UTF-16 that is also valid UTF-8 is ASCII, of which half is zero bytes
_USUAL = re.compile(
    "[\t\n\r -\u052f\u2000-\u206f\u3000-\u9fff\uac00-\ud7a3\uff00-\uffef\U00010000-\U0010ffff]"
)
_SURE = 0.45  # a lower score than this is no more than a guess
_IDEOGRAPHS = ("\u3400", "\u9fff")
_PUNCTUATION = frozenset("，。！？、：；（）《》“”‘’…—·～「」『』【】〈〉￥％　")
_WESTERN_SIGNS = frozenset("’‘“”„…–—•€£§°«»¿¡©®™·\xa0½¼¾²³ºª×´")


@dataclass(frozen=True)
class Decoded:
    """A file's text, where `BROKEN` stands for bytes that could not be read.

    Attributes:
        text: The text without a byte order mark.
        encoding: Python's name of the encoding.
        is_sure: False where the encoding is a guess that the user should look at.
    """

    text: str
    encoding: str
    is_sure: bool


def decode(data: bytes, *, encoding: str | None = None) -> Decoded:
    """Turn a file's bytes into text.

    `"好".encode("gb18030")` in a file of such lines is found to be GB18030. A byte order mark
    decides; then zero bytes at every second place (UTF-16); then UTF-8 if it fits strictly; then
    whichever of GB18030, Big5 and Latin-1 gives the most plausible text.

    Args:
        data: The whole file.
        encoding: Skips the search, for a file that was guessed wrongly.

    Raises:
        TableError: `encoding` is not the name of an encoding.
    """
    if encoding is not None:
        return _decode_as(data, encoding)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _decode_as(data, name)
    without_mark = _utf16_without_mark(data)
    if without_mark is not None:
        return _decode_as(data, without_mark)
    if is_strict_utf8(data):
        return _decode_as(data, "utf-8")
    sample = _telling_lines(data)
    return _decode_as(data, "utf-8") if _is_nearly_utf8(sample) else _guess(data, sample)


def is_unicode(data: bytes) -> bool:
    """Say whether the bytes are UTF-8, UTF-16 or UTF-32 beyond doubt."""
    has_mark = any(data.startswith(mark) for mark, _ in _BOMS)
    return has_mark or _utf16_without_mark(data) is not None or is_strict_utf8(data)


def is_strict_utf8(data: bytes) -> bool:
    """Say whether the bytes are valid UTF-8 throughout."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mark_broken(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BROKEN, error.end


codecs.register_error("bertlab-mark", _mark_broken)


def _decode_as(data: bytes, encoding: str, *, is_sure: bool = True) -> Decoded:
    try:
        text = data.decode(encoding, errors="bertlab-mark")
    except (LookupError, UnicodeError, ValueError) as error:
        raise TableError(
            f"Nothing can be read with the encoding {encoding!r}. Choose utf-8, gb18030, big5, "
            "utf-16 or latin-1, or leave it out to have it found."
        ) from error
    return Decoded(text.removeprefix("\ufeff"), encoding, is_sure)


def _utf16_without_mark(data: bytes) -> str | None:
    r"""Find UTF-16 by its line ends: `b"\n\0"` (little-endian) or `b"\0\n"`, in step.

    The parity of zero bytes alone would not do: `一` is U+4E00 and has one at the other place.
    """
    sample = data[:_SAMPLE_BYTES]
    zeros = sample.count(0)
    if not zeros or len(data) % 2:
        return None
    if zeros < _UTF16_ASCII_ZEROS * len(sample) and is_strict_utf8(data):
        return None  # ordinary text with a stray zero byte
    return next((name for name in ("utf-16-le", "utf-16-be") if _reads_as(sample, name)), None)


def _reads_as(sample: bytes, name: str) -> bool:
    """Say whether UTF-16 in this byte order gives lines of letters."""
    try:
        text = sample.decode(name)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 2:  # a pair that the sample's end cuts is no error
            return False
        text = sample[: error.start].decode(name)
    if "\0" in text or not ("\n" in text or "\r" in text):
        return False
    odd = sum(not _USUAL.match(character) for character in text)
    return odd <= 0.1 * len(text)


def _is_nearly_utf8(sample: bytes) -> bool:
    """Say whether it is UTF-8 with a few broken places in much that is right."""
    text = sample.decode("utf-8", errors="bertlab-mark")
    broken = text.count(BROKEN)
    right = sum(character > "\x7f" for character in text) - broken
    return right >= 10 * broken


def _guess(data: bytes, sample: bytes) -> Decoded:
    """Take the candidate under which the lines with non-ASCII bytes read most plausibly."""
    scores = {name: _plausibility(sample, name) for name in _CANDIDATES}
    best = max(_CANDIDATES, key=lambda name: scores[name])
    if scores[best] >= _SURE:
        return _decode_as(data, best)
    return _decode_as(data, _other_encoding(sample) or best, is_sure=False)


def _telling_lines(data: bytes) -> bytes:
    """Join the first lines that hold bytes above 127; cuts at line feeds, which no trail byte is.

    A GB18030 trail byte is 0x30 or more and a Big5 one 0x40 or more, so no character is cut.
    """
    kept: list[bytes] = []
    size = 0
    for line in re.split(rb"[\r\n]+", data):
        if not line.isascii():
            kept.append(line)
            size += len(line)
            if size > _SAMPLE_BYTES:
                break
    return b"\n".join(kept)[: 4 * _SAMPLE_BYTES]


def _plausibility(sample: bytes, encoding: str) -> float:
    """Score a decoding: the mean over its non-ASCII characters, 1 for plausible, -2 for broken."""
    text = sample.decode(encoding, errors="bertlab-mark")
    rate = _rate_western if encoding in ("latin-1", "cp1252") else _rate_chinese
    rates = [
        rate(character, text[max(0, at - 2) : at], text[at + 1 : at + 3])
        for at, character in enumerate(text)
        if character > "\x7f"
    ]
    handicap = 0.05 if encoding in _VARIANTS else 0.0
    return sum(rates) / len(rates) - handicap if rates else 0.0


def _rate_chinese(character: str, before: str, after: str) -> float:
    """Rate one character of a text read as Chinese.

    A lone ideograph between Latin letters is a European letter read wrongly (`don抰`).
    """
    if character == BROKEN:
        return -2.0
    if _is_ascii_letter(before[-1:]) and _is_ascii_letter(after[:1]):
        return -1.0
    if character in COMMON or character in _PUNCTUATION or "！" <= character <= "～":
        return 1.0
    if _IDEOGRAPHS[0] <= character <= _IDEOGRAPHS[1]:
        return 0.0
    return -0.5  # private use, box drawing, kana, Cyrillic: possible, but not in a Chinese review


def _rate_western(character: str, before: str, after: str) -> float:
    """Rate one character of a text read as Western European.

    Accented letters stand beside ASCII letters; three non-ASCII letters in a row hardly occur.
    """
    if character == BROKEN or "\x80" <= character <= "\x9f":
        return -2.0
    if character in _WESTERN_SIGNS:
        return 0.8 if _stands_alone(before, after) else 0.0
    if not character.isalpha():
        return -0.5
    if not _stands_alone(before, after):
        return -0.5
    beside_letter = _is_ascii_letter(before[-1:]) or _is_ascii_letter(after[:1])
    is_odd_capital = character.isupper() and before[-1:].islower()
    return 1.0 if beside_letter and not is_odd_capital else 0.2


def _stands_alone(before: str, after: str) -> bool:
    """Say whether the character is in a run of at most two non-ASCII ones."""
    if before[-1:].isascii():
        return after[:1].isascii() or after[1:].isascii()
    return after[:1].isascii() and before[:-1].isascii()


def _is_ascii_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


def _other_encoding(sample: bytes) -> str | None:
    """Ask charset-normalizer, for what none of ours fits: Cyrillic, Japanese, Korean ..."""
    logging.getLogger("charset_normalizer").setLevel(logging.WARNING)
    match = from_bytes(sample).best()
    if match is None or match.encoding.startswith("utf"):  # those were tried before, and strictly
        return None
    return match.encoding
