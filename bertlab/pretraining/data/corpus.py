"""Text files as documents of sentences."""

from __future__ import annotations

import html
import lzma
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from bertlab.errors import InputError
from bertlab.pretraining.settings import Source

_OF_A_WORD = r"[^\W\u3400-\u9fff]"  # a letter or digit that is no hanzi
# Behind a full stop with a space and a capital; Chinese sentences need neither. What closes a
# quotation stays with the sentence it ends.
_ENDS = re.compile(
    r"([.!?][\"'”’)]*)\s+(?=[\"'“‘(]?[A-Z0-9])"  # He left. "Why?" she said.
    r"|([。！？])(?![”’」』）])"  # 他走了。“为什么？”她问。
)
KEPT_NAMES = 1 / 25  # so often a frequent name stays itself


def read_documents(source: Source, *, seed: int = 0) -> Iterator[list[str]]:
    r"""Read a file as documents, each a list of sentences.

    "It rains. We stay.\n\nGood night." -> ["It rains.", "We stay."], ["Good night."]

    HTML entities become characters, lines become sentences, blank lines end documents.

    Args:
        source: the file and how to read it.
        seed: fixes which names take turns.

    Raises:
        InputError: the file is missing, empty, or not UTF-8.
    """
    rng = random.Random(f"{seed} {Path(source.file).name}")
    document: list[str] = []
    is_empty = True
    for line in _lines(Path(source.file)):
        text = html.unescape(html.unescape(line)).strip()  # some entities were escaped twice
        if text and source.rename:
            text = rename(text, source.rename, rng)
        is_empty = is_empty and not text
        if text and source.lines_stand_alone:
            yield [text]
        elif text:
            document += split_sentences(text)
        elif document:
            yield document
            document = []
    if document:
        yield document
    if is_empty:
        raise InputError(f"{source.file} is empty. Give a file with text, a sentence a line.")


def split_sentences(line: str) -> list[str]:
    """Cut a paragraph into sentences.

    "It rains. We stay." -> ["It rains.", "We stay."]; "下雨了。我们不走。" -> two likewise
    """
    marked = _ENDS.sub(lambda found: f"{found[1] or found[2]}\n", line)
    return [part for part in (piece.strip() for piece in marked.split("\n")) if part]


def rename(text: str, names: Mapping[str, tuple[str, ...]], rng: random.Random) -> str:
    """Let other names take turns in a line; within the line each stays the same.

    "Tom says Tom left.", {"Tom": ("Ben", "Ali")} -> "Ali says Ali left."; beside hanzi there are
    no spaces: "汤姆在家。", {"汤姆": ("小明",)} -> "小明在家。"
    """
    for name, others in names.items():
        if name in text and others and rng.random() >= KEPT_NAMES:
            whole = rf"(?<!{_OF_A_WORD}){re.escape(name)}(?!{_OF_A_WORD})"
            text = re.sub(whole, rng.choice(others), text)
    return text


def _lines(path: Path) -> Iterator[str]:
    """The lines of a .txt or .txt.xz file."""
    number = 1
    try:
        with _open(path) as file:
            for line in file:
                yield line
                number += 1
    except FileNotFoundError as error:
        raise InputError(f"There is no file {path}.") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 (near line {number:,}). Save it as UTF-8 and start again."
        ) from error
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error


def _open(path: Path) -> IO[str]:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")
