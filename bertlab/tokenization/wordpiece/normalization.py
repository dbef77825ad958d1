r"""Step 1: normalization, which makes different spellings of a word the same.

``"  Ça va?\t你好"`` -> ``"  ca va?   你  好 "``

Four steps, each of which a model may leave out: clean, space CJK, strip accents, lower case. They
are those of BERT's "BasicTokenizer" (Devlin et al. 2019, "BERT: Pre-training of Deep
Bidirectional Transformers", github.com/google-research/bert, tokenization.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from bertlab.tokenization.wordpiece.aligned import AlignedText, Change, changes_between, rewrite
from bertlab.tokenization.wordpiece.options import WordPieceOptions
from bertlab.tokenization.wordpiece.unicode8 import (
    category,
    combining_class,
    decompose,
    is_white_space,
    lower,
)

# The blocks of Chinese characters, as the real tokenizer has them. Japanese kana and Korean
# Hangul are not among them. 2B820-2B91F is missing there too (Google's code has it).
CJK_BLOCKS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


@dataclass(frozen=True)
class NormalizationStep:
    """What one step of normalization did.

    name: "clean", "space_cjk", "strip_accents" or "lowercase"
    is_active: False where this model leaves the step out
    before, after: the whole text, special tokens included
    changes: one for each original character that reads otherwise after the step
    """

    name: str
    is_active: bool
    before: str
    after: str
    changes: tuple[Change, ...]


@lru_cache(maxsize=20_000)  # a Chinese text has some thousand different characters
def clean_character(char: str) -> str:
    r"""Drop control characters, and make each kind of white space a blank.

    >>> clean_character("\t"), clean_character("\x07"), clean_character("\u200b")
    (' ', '', '')
    """
    if char in "\t\n\r":  # control characters by category, white space by meaning
        return " "
    if char == "\ufffd" or category(char) in ("Cc", "Cf", "Co"):  # NUL is a Cc
        return ""
    return " " if is_white_space(char) else char


@lru_cache(maxsize=20_000)  # a Chinese text has some thousand different characters
def space_cjk_character(char: str) -> str:
    """Put blanks around a Chinese character, so that it becomes a word of its own.

    >>> space_cjk_character("好"), space_cjk_character("a")
    (' 好 ', 'a')
    """
    is_cjk = any(first <= ord(char) <= last for first, last in CJK_BLOCKS)
    return f" {char} " if is_cjk else char


def strip_accents(aligned: AlignedText) -> AlignedText:
    """Take letters and accents apart (NFD), then drop the accents (category Mn).

    "Ça" -> "C", cedilla, "a" -> "Ca". A Korean syllable falls apart into its letters.
    """
    apart = put_marks_in_order(aligned)
    return rewrite(apart, lambda char: "" if category(char) == "Mn" else char)


def put_marks_in_order(aligned: AlignedText) -> AlignedText:
    """Decompose each character and sort the marks behind each base by combining class.

    Sorting makes "dot below, acute" and "acute, dot below" the same (Unicode Standard Annex 15).
    As in the real tokenizer, the origins do not move with the marks: the first mark in the new
    order comes from where the first mark stood.
    """
    parts = [(part, place == 0) for char in aligned.text for place, part in _parts(char)]
    ordered = _sort_marks(parts)
    origins, origin = iter(aligned.origins), 0
    new_origins = []
    for _, is_first in ordered:
        origin = next(origins) if is_first else origin
        new_origins.append(origin)
    return AlignedText("".join(part for part, _ in ordered), tuple(new_origins))


def _parts(char: str) -> Iterator[tuple[int, str]]:
    return enumerate(decompose(char))


def _sort_marks(parts: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Sort each run of marks; base characters (class 0) stay where they are."""
    ordered: list[tuple[str, bool]] = []
    for is_mark, run in groupby(parts, key=lambda part: combining_class(part[0]) > 0):
        found = list(run)
        ordered += sorted(found, key=lambda part: combining_class(part[0])) if is_mark else found
    return ordered


STEPS: tuple[tuple[str, Callable[[AlignedText], AlignedText]], ...] = (
    ("clean", lambda aligned: rewrite(aligned, clean_character)),
    ("space_cjk", lambda aligned: rewrite(aligned, space_cjk_character)),
    ("strip_accents", strip_accents),
    ("lowercase", lambda aligned: rewrite(aligned, lower)),
)


def active_steps(options: WordPieceOptions) -> dict[str, bool]:
    """Say which of the four steps a model takes: name -> True or False."""
    return {
        "clean": options.clean_text,
        "space_cjk": options.space_cjk,
        "strip_accents": options.strip_accents,
        "lowercase": options.lowercase,
    }


def normalize(aligned: AlignedText, options: WordPieceOptions) -> tuple[AlignedText, ...]:
    """Take a text through the four steps; a step that the model leaves out changes nothing.

    "Ça" -> ("Ça", "Ça", "Ça", "Ca", "ca"): the text itself, then after each step.

    Args:
        aligned: a stretch of text without special tokens.
        options: which steps this model takes.

    Returns:
        Five texts: before the first step, then after each of the four.
    """
    is_active = active_steps(options)
    stages = [aligned]
    for name, step in STEPS:
        stages.append(step(stages[-1]) if is_active[name] else stages[-1])
    return tuple(stages)


def describe_step(
    number: int, stretches: Sequence[Sequence[AlignedText]], options: WordPieceOptions
) -> NormalizationStep:
    """Say what step `number` (0 to 3) did to all stretches of a text together.

    Args:
        number: which step, counted from 0.
        stretches: for each stretch of the text its five stages, as `normalize` gives them. A
            special token goes through unchanged: the same text five times.
        options: which steps this model takes.
    """
    name = STEPS[number][0]
    befores = [stages[number] for stages in stretches]
    afters = [stages[number + 1] for stages in stretches]
    return NormalizationStep(
        name=name,
        is_active=active_steps(options)[name],
        before="".join(stretch.text for stretch in befores),
        after="".join(stretch.text for stretch in afters),
        changes=tuple(
            change
            for before, after in zip(befores, afters, strict=True)
            for change in changes_between(before, after)
        ),
    )
