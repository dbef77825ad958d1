"""Simple sentences with one blank: does the model know the word that anybody would say?

Two kinds. A cloze has its right answers: "the sun is shining in the [MASK]." -> sky. A pair is
the same frame twice with another word in it, and the answer has to follow: "i loved the movie,
it was [MASK]." -> good, "i hated the movie, it was [MASK]." -> bad. A model that says "good"
whatever stands before it does well on clozes and badly on pairs.

Both are read from tab-separated files without quoting: a header, then a sentence or a pair a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bertlab.errors import InputError, ModelError
from bertlab.inspection.masked_lm import (
    Prediction,
    predict_blanks,
    softmax,
    use_mask_token,
    why_no_blanks,
)
from bertlab.inspection.masked_words import score_guess
from bertlab.inspection.trace import Trace, run_trace
from bertlab.tokenization.encoding import encode

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

BLANK = "[MASK]"
CLOZE_HEADER = ("sentence", "answers", "theme")
PAIR_HEADER = ("first", "first_word", "second", "second_word", "theme")
TOP = 5


@dataclass(frozen=True)
class Cloze:
    """A sentence with one [MASK].

    Attributes:
        sentence: With "[MASK]" in it exactly once.
        answers: The words that fit equally well, at least one.
        theme: What it is about, as "food".
    """

    sentence: str
    answers: tuple[str, ...]
    theme: str


@dataclass(frozen=True)
class ClozePair:
    """Two sentences in one frame: one word differs, and so does the answer.

    Attributes:
        first: With "[MASK]" in it exactly once.
        first_word: The word that has to beat `second_word` in the first sentence.
        second: The other sentence, with one "[MASK]".
        second_word: The word that has to beat `first_word` in the second.
        theme: What differs, as "tense".
    """

    first: str
    first_word: str
    second: str
    second_word: str
    theme: str


@dataclass(frozen=True)
class ClozeAnswer:
    """What the model said to one cloze.

    Attributes:
        cloze: The question.
        tokens: The five most probable tokens, best first, as the vocabulary spells them.
        rank: 1 where a right answer is the most probable token; None where the vocabulary splits
            every right answer. A token that is just as probable counts as better.
    """

    cloze: Cloze
    tokens: tuple[str, ...]
    rank: int | None


@dataclass(frozen=True)
class ClozeScores:
    """What the model said to all clozes; `top1` and `top5` are shares in 0..1 of `count`."""

    top1: float
    top5: float
    count: int
    answers: tuple[ClozeAnswer, ...]


@dataclass(frozen=True)
class ClozePairAnswer:
    """What the model said to one pair: four probabilities in 0..1 over the whole vocabulary.

    0 stands for a word that the vocabulary splits.

    Attributes:
        pair: The question.
        first_right: Of `first_word` in the first sentence.
        first_wrong: Of `second_word` in the first sentence.
        second_right: Of `second_word` in the second sentence.
        second_wrong: Of `first_word` in the second sentence.
    """

    pair: ClozePair
    first_right: float
    first_wrong: float
    second_right: float
    second_wrong: float

    @property
    def is_hit(self) -> bool:
        """Whether the right word beats the other one in both sentences."""
        return self.first_right > self.first_wrong and self.second_right > self.second_wrong


@dataclass(frozen=True)
class PairScores:
    """What the model said to all pairs; `share` in 0..1 is that of the hits among `count`."""

    share: float
    count: int
    answers: tuple[ClozePairAnswer, ...]


def read_clozes(path: Path | str) -> tuple[Cloze, ...]:
    r"""Read sentences with a blank and their right answers.

    The line "fish can [MASK].\tswim|jump\tanimals" -> Cloze("fish can [MASK].",
    ("swim", "jump"), "animals").

    Raises:
        InputError: The file is missing, is not UTF-8, has no rows or another header; or a row has
            other cells, not exactly one [MASK], or an empty answer. It names file and line.
    """
    return tuple(_cloze(cells, where) for where, cells in _rows(Path(path), CLOZE_HEADER))


def read_pairs(path: Path | str) -> tuple[ClozePair, ...]:
    r"""Read pairs of sentences with the word that each asks for.

    The line "i loved it, it was [MASK].\tgood\ti hated it, it was [MASK].\tbad\tsentiment" has
    five cells, those of a `ClozePair`.

    Raises:
        InputError: As `read_clozes`.
    """
    return tuple(_pair(cells, where) for where, cells in _rows(Path(path), PAIR_HEADER))


def score_clozes(loaded: LoadedModel, clozes: Sequence[Cloze]) -> ClozeScores:
    """Count how often a right answer is the best one, and how often it is among the best five.

    With two clozes, one answered at rank 1 and the other at rank 3: top1 0.5, top5 1.0.

    A blank holds one token, so a right answer that the vocabulary splits can never be hit; it
    counts as a miss, as a vocabulary without the everyday words is the model's own choice.

    Raises:
        InputError: There is nothing to score, or a sentence has not exactly one blank.
        ModelError: The model has no masked-LM head, or its answers are not numbers.
    """
    _check_count(clozes)
    answers = tuple(_answer_cloze(loaded, cloze) for cloze in clozes)
    return ClozeScores(
        top1=_share([_is_within(answer, 1) for answer in answers]),
        top5=_share([_is_within(answer, TOP) for answer in answers]),
        count=len(answers),
        answers=answers,
    )


def score_pairs(loaded: LoadedModel, pairs: Sequence[ClozePair]) -> PairScores:
    """Count the pairs in which the answer follows the sentence.

    A model that prefers "good" after both "loved" and "hated" has one of the two sentences right,
    and no hit. By chance alone a model that cannot tell the two sentences apart has none at all;
    one that answers each with a coin has a quarter.

    Raises:
        InputError: As `score_clozes`.
        ModelError: As `score_clozes`.
    """
    _check_count(pairs)
    answers = tuple(_answer_pair(loaded, pair) for pair in pairs)
    return PairScores(_share([answer.is_hit for answer in answers]), len(answers), answers)


def _rows(path: Path, header: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    """Read a file's rows as ("FILE, line 2", cells)."""
    lines = _read(path).split("\n")
    names, *rest = [tuple(line.rstrip("\r").split("\t")) for line in lines]
    if names != header:
        raise InputError(
            f"{path}, line 1: the header must be {', '.join(header)}, separated by tabs; "
            f"it is {', '.join(names) or 'empty'}."
        )
    if rest and rest[-1] == ("",):  # what follows the last line's end
        rest.pop()
    if not rest:
        raise InputError(f"{path} has a header but no rows. Add one sentence a line.")
    rows = [(f"{path}, line {number}", cells) for number, cells in enumerate(rest, start=2)]
    for where, cells in rows:
        if len(cells) != len(header):
            raise InputError(
                f"{where}: {len(cells)} cells, but the header has {len(header)}. Separate "
                f"{', '.join(header)} by tabs."
            )
    return rows


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")  # -sig: Excel puts a mark at the start
    except FileNotFoundError:
        raise InputError(f"{path} is not there. Check the name and the folder.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: this is not UTF-8. Save it as UTF-8.") from None


def _cloze(cells: tuple[str, ...], where: str) -> Cloze:
    sentence, answers, theme = cells
    _check_blank(sentence, where)
    words = tuple(word.strip() for word in answers.split("|"))
    _check_words(words, where)
    return Cloze(sentence, words, theme)


def _pair(cells: tuple[str, ...], where: str) -> ClozePair:
    first, first_word, second, second_word, theme = cells
    _check_blank(first, where)
    _check_blank(second, where)
    words = (first_word.strip(), second_word.strip())
    _check_words(words, where)
    return ClozePair(first, words[0], second, words[1], theme)


def _check_blank(sentence: str, where: str) -> None:
    count = sentence.count(BLANK)
    if count != 1:
        raise InputError(
            f'{where}: "{sentence[:60]}" has {count} blanks. Write {BLANK} exactly once.'
        )


def _check_words(words: Sequence[str], where: str) -> None:
    if not all(words):
        raise InputError(f"{where}: an answer is empty. Give a word, or several as one|another.")


def _check_count(questions: Sequence[Cloze] | Sequence[ClozePair]) -> None:
    if not questions:
        raise InputError("There are no sentences to score. Give at least one.")


def _answer_cloze(loaded: LoadedModel, cloze: Cloze) -> ClozeAnswer:
    trace = _ask(loaded, cloze.sentence)
    (blank,) = predict_blanks(loaded, trace, top_k=TOP)
    guesses = [_look_up(loaded, trace, answer) for answer in cloze.answers]
    known = [guess.probability for guess in guesses if guess is not None]
    return ClozeAnswer(
        cloze=cloze,
        tokens=tuple(prediction.token for prediction in blank.predictions),
        rank=_rank(trace, max(known)) if known else None,
    )


def _answer_pair(loaded: LoadedModel, pair: ClozePair) -> ClozePairAnswer:
    probabilities = []
    for sentence in (pair.first, pair.second):
        trace = _ask(loaded, sentence)
        guesses = [_look_up(loaded, trace, word) for word in (pair.first_word, pair.second_word)]
        probabilities.append([0.0 if guess is None else guess.probability for guess in guesses])
    (first_right, first_wrong), (second_wrong, second_right) = probabilities
    return ClozePairAnswer(pair, first_right, first_wrong, second_right, second_wrong)


def _ask(loaded: LoadedModel, sentence: str) -> Trace:
    """Run the model on a sentence with one blank."""
    if not loaded.has_mlm_head:
        raise ModelError(why_no_blanks(loaded))
    _check_blank(sentence, "A sentence to score")
    text = use_mask_token(sentence, loaded.tokenizer)
    trace = run_trace(loaded, encode(loaded.tokenizer, text))
    if len(trace.masked) != 1:
        raise ModelError(f"The tokenizer of {loaded.info.name} does not know {BLANK} as a blank.")
    if trace.logits is None or not np.isfinite(trace.logits).all():
        raise ModelError(
            f"{loaded.info.name} answers with what is not a number: its training went wrong. "
            "Take an earlier checkpoint."
        )
    return trace


def _look_up(loaded: LoadedModel, trace: Trace, word: str) -> Prediction | None:
    """Find a word among the answers for the blank; None where the vocabulary splits it."""
    try:
        return score_guess(loaded, trace, trace.masked[0], word)
    except InputError:
        return None


def _rank(trace: Trace, probability: float) -> int:
    """Count the tokens that are at least as probable: a model that says nothing is never right."""
    assert trace.logits is not None
    return int((softmax(trace.logits[0]) >= probability).sum())


def _is_within(answer: ClozeAnswer, limit: int) -> bool:
    return answer.rank is not None and answer.rank <= limit


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)
