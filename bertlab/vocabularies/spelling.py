"""How the pieces of a vocabulary are written, and what they read as.

WordPiece marks what continues a word: "##ing". Byte-level BPE writes a blank as "Ġ" and every
other byte as one printable character, so that "好" is "å¥½" (Radford et al. 2019, "Language
Models are Unsupervised Multitask Learners", and its published code). Unigram vocabularies write a
blank as "▁" (Kudo and Richardson 2018, "SentencePiece", arXiv:1808.06226).
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from tokenizers import Tokenizer, models

Spelling = Literal["wordpiece", "byte-level", "metaspace", "plain"]

BLANK = "▁"  # U+2581, a blank in unigram vocabularies
LONE_BLANK = "␣"  # how a piece that is nothing but a blank is read
ONE_BYTE = re.compile(r"<0x([0-9A-F]{2})>")  # how unigram vocabularies write a lone byte


@dataclass(frozen=True, slots=True)
class Reading:
    """What a piece reads as.

    Attributes:
        text: Without the mark; bytes that are no whole character as "E5 A5".
        begins_word: Whether it stands at the beginning of a word.
        is_bytes: Whether it is only a part of a character.
    """

    text: str
    begins_word: bool
    is_bytes: bool = False


def spelling_of(backend: Tokenizer) -> Spelling:
    """Tell how a tokenizer writes its pieces: "wordpiece" for BERT, "byte-level" for RoBERTa."""
    if isinstance(backend.model, models.WordPiece):
        return "wordpiece"
    kinds = {
        part.get("type") for part in (*_parts(backend.decoder), *_parts(backend.pre_tokenizer))
    }
    if "ByteLevel" in kinds:
        return "byte-level"
    return "metaspace" if "Metaspace" in kinds else "plain"


def _parts(step: Any) -> list[dict[str, Any]]:
    """The parts of a tokenizer's step, those of a sequence one by one; [] where there is none."""
    if step is None:
        return []
    state = json.loads(step.__getstate__())
    return state.get("decoders") or state.get("pretokenizers") or [state]


def read_piece(piece: str, spelling: Spelling, *, prefix: str = "##") -> Reading:
    """Read a piece as a person would.

    >>> read_piece("##ing", "wordpiece").text, read_piece("Ġthe", "byte-level").text
    ('ing', 'the')
    >>> read_piece("å¥½", "byte-level").text, read_piece("å¥", "byte-level").text
    ('好', 'E5 A5')
    >>> read_piece("▁the", "metaspace").begins_word, read_piece("##ing", "wordpiece").begins_word
    (True, False)

    Args:
        piece: As it stands in the vocabulary.
        spelling: From `spelling_of`.
        prefix: What marks a continuation in WordPiece.
    """
    if spelling == "wordpiece":
        is_inside = piece.startswith(prefix) and len(piece) > len(prefix)
        return Reading(piece.removeprefix(prefix) if is_inside else piece, not is_inside)
    if spelling == "byte-level":
        return _read_bytes(piece)
    if spelling == "metaspace":
        if found := ONE_BYTE.fullmatch(piece):
            return Reading(found[1], False, is_bytes=True)
        text = piece.removeprefix(BLANK).replace(BLANK, " ")
        return Reading(text or LONE_BLANK, piece.startswith(BLANK))
    return Reading(piece, True)


def _read_bytes(piece: str) -> Reading:
    try:
        data = bytes(BYTES[character] for character in piece)
    except KeyError:  # no byte is written like this: a special token, say
        return Reading(piece, True)
    begins = data.startswith(b" ")
    bare = data[1:] if begins else data
    try:
        return Reading(bare.decode("utf-8") or LONE_BLANK, begins)
    except UnicodeDecodeError:
        return Reading(bare.hex(" ").upper(), begins, is_bytes=True)


def describe_kind(backend: Tokenizer) -> str:
    """Name the algorithm: "WordPiece, uncased", "byte-level BPE", "unigram"."""
    model: Any = backend.model
    if isinstance(model, models.WordPiece):
        is_uncased = backend.normalizer is not None and (
            backend.normalizer.normalize_str("A") == "a"
        )
        return f"WordPiece, {'uncased' if is_uncased else 'cased'}"
    if isinstance(model, models.BPE):
        return "byte-level BPE" if spelling_of(backend) == "byte-level" else "BPE"
    return "unigram" if isinstance(model, models.Unigram) else type(model).__name__


def _byte_alphabet() -> dict[str, int]:
    """The printable character that stands for each byte -> the byte; 256 entries.

    Bytes that are printable in Latin-1 stand for themselves, the others for U+0100 and up.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(0x100 + place): byte for place, byte in enumerate(others)
    }


BYTES = _byte_alphabet()
