"""The sentences that ship, for statistics that one sentence is too short for."""

from dataclasses import dataclass
from functools import cache

from bertlab.app_folder import SAMPLES


@dataclass(frozen=True)
class Sentence:
    """One input: a text, and a second one where it is a pair."""

    text: str
    pair: str | None = None


@cache  # two files of 20 kB
def bundled_sentences(language: str) -> tuple[Sentence, ...]:
    """Read the bundled sentences of a language, "en" or "zh"; a tab stands before a second one.

    `bundled_sentences("en")[0].text` is a sentence.
    """
    lines = (SAMPLES / f"sentences_{language}.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.partition("\t") for line in lines if line.strip())
    return tuple(Sentence(text, pair or None) for text, _, pair in parts)
