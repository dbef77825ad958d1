"""Words of two senses in sentences of our own: the bundled ones, and what a student pastes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from bertlab.app_folder import SAMPLES
from bertlab.errors import InputError
from bertlab.runs.text_store import LONGEST

MOST_LINES = 200  # own sentences; all pairs of them are compared a thousand times
MOST_SENSES = 8  # each takes 0.8 MB in a chunk of shuffles, several times over


@dataclass(frozen=True)
class SenseSet:
    """One word's sentences.

    Attributes:
        word: What stands in all of them.
        senses: Each sentence's sense; "" where none was given.
        sentences: As many.
    """

    word: str
    senses: tuple[str, ...]
    sentences: tuple[str, ...]


@cache  # two files of 20 kB
def bundled_senses(language: str) -> tuple[SenseSet, ...]:
    """Read the bundled words of a language, "en" or "zh", in the file's order.

    `bundled_senses("en")[0].word` is "bank".
    """
    text = (SAMPLES / f"senses_{language}.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()[1:]]  # the first line names the columns
    words = dict.fromkeys(word for word, _, _ in rows)
    return tuple(
        SenseSet(
            word,
            tuple(sense for other, sense, _ in rows if other == word),
            tuple(sentence for other, _, sentence in rows if other == word),
        )
        for word in words
    )


def read_own_senses(word: str, text: str) -> SenseSet:
    r"""Read a student's own sentences: one a line, its sense before a tab or a bar.

    >>> read_own_senses("bat", "animal | A bat flew.\nThe bat broke.").senses
    ('animal', '')

    Raises:
        InputError: There is no sentence, there are more than `MOST_LINES` or more senses than
            `MOST_SENSES`, or more characters than `LONGEST`.
    """
    if len(text) > LONGEST:
        raise InputError(
            f"The sentences have {len(text):,} characters; at most {LONGEST:,} are read at once. "
            "Take some away."
        )
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError("There are no sentences yet. Write some, one a line.")
    if len(lines) > MOST_LINES:
        raise InputError(
            f"There are {len(lines):,} sentences; at most {MOST_LINES} are compared at once. "
            "Take some away."
        )
    parts = [_split(line) for line in lines]
    named = list(dict.fromkeys(sense for sense, _ in parts if sense))
    if len(named) > MOST_SENSES:
        raise InputError(
            f"There are {len(named):,} senses; at most {MOST_SENSES} are compared at once. "
            f"“{named[MOST_SENSES][:40]}” is one too many: give its sentences another sense."
        )
    return SenseSet(word.strip(), tuple(s for s, _ in parts), tuple(t for _, t in parts))


def write_lines(senses: SenseSet) -> str:
    """The sentences as `read_own_senses` reads them: "animal | A bat flew." and so on."""
    pairs = zip(senses.senses, senses.sentences, strict=True)
    return "\n".join(f"{sense} | {sentence}" if sense else sentence for sense, sentence in pairs)


def _split(line: str) -> tuple[str, str]:
    for mark in ("\t", "|"):
        sense, found, sentence = line.partition(mark)
        if found and sentence.strip():
            return sense.strip(), sentence.strip()
    return "", line
