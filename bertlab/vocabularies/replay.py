"""A training once more, stopped after any number of merges."""

import itertools
from collections import Counter
from dataclasses import dataclass

from bertlab.tokenization.wordpiece import WordPieceOptions, WordPieceTrace, trace_wordpiece
from bertlab.vocabularies.training import (
    FEWEST_SEEN,
    Candidate,
    Rule,
    VocabularyTraining,
    join,
    join_pair,
    order,
    spell,
)
from bertlab.vocabularies.words import LONGEST_WORD

UNKNOWN = "[UNK]"


@dataclass(frozen=True)
class State:
    """The text and the vocabulary after some merges.

    Attributes:
        step: How many merges were made.
        splits: The pieces of each different word, as `VocabularyTraining.words` has them.
        vocabulary: Piece -> id; [UNK] is 0, the alphabet follows, then the pieces as they came.
    """

    step: int
    splits: tuple[tuple[str, ...], ...]
    vocabulary: dict[str, int]


@dataclass(frozen=True)
class Growth:
    """What a word looked like from some merge on.

    Attributes:
        step: The merge that made it so, counted from 1; 0 for the single characters.
        pieces: The word's pieces from then on.
    """

    step: int
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """A piece with the two it was joined from.

    Attributes:
        piece: As it is written.
        step: The merge that first made it, counted from 1; None for a single character.
        parts: Two nodes, or none.
    """

    piece: str
    step: int | None = None
    parts: tuple["Node", ...] = ()


def replay(training: VocabularyTraining, step: int) -> State:
    """Make the first merges of a training again.

    Of {"low": 5, "lower": 2, "newest": 6, "widest": 3} by score, after 2 merges "widest" is
    ("wid", "##e", "##s", "##t") and the vocabulary has two pieces more.

    Args:
        training: From `train_wordpiece`.
        step: From 0 to the number of merges.
    """
    splits = [spell(word) for word in training.words]
    pieces = dict.fromkeys((UNKNOWN, *training.alphabet))
    for merge in training.merges[:step]:
        pieces.setdefault(merge.pair.piece)
        for word in merge.words:
            splits[word] = join_pair(splits[word], merge.pair.left, merge.pair.right)
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    return State(step, tuple(map(tuple, splits)), vocabulary)


def candidates(
    training: VocabularyTraining, state: State, *, rule: Rule | None = None
) -> list[Candidate]:
    """List all pairs that might be joined next, the winner first.

    Args:
        training: From `train_wordpiece`.
        state: From `replay`; `candidates(...)[0]` is the pair of the merge that follows it.
        rule: Another one than the training's, to see whom it would choose.
    """
    pieces: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for split, times in zip(state.splits, training.counts, strict=True):
        for piece in split:
            pieces[piece] += times
        for pair in itertools.pairwise(split):
            pairs[pair] += times
    tokens = pieces.total()
    found = [
        Candidate(
            left, right, count, pieces[left], pieces[right], pieces[join(left, right)], tokens
        )
        for (left, right), count in pairs.items()
        if count >= FEWEST_SEEN
    ]
    return sorted(found, key=lambda one: order(one, rule or training.rule))


def grow(training: VocabularyTraining, word: str) -> tuple[Growth, ...]:
    """Follow one word of the text through all merges: its pieces at the start and at each change.

    "widest" by score: 0 w ##i ##d ##e ##s ##t, 1 w ##id ##e ##s ##t, 2 wid ##e ##s ##t ...
    """
    place = training.words.index(word)
    grown = [Growth(0, tuple(spell(word)))]
    for number, merge in enumerate(training.merges, start=1):
        if place in merge.words:
            pieces = join_pair(grown[-1].pieces, merge.pair.left, merge.pair.right)
            grown.append(Growth(number, tuple(pieces)))
    return tuple(grown)


def merge_tree(training: VocabularyTraining, piece: str) -> Node:
    """Take a learned piece apart into those it was first joined from, down to the characters.

    "wid" by score is (w, (##i, ##d)).
    """
    first: dict[str, tuple[int, Candidate]] = {}
    for number, merge in enumerate(training.merges, start=1):
        first.setdefault(merge.pair.piece, (number, merge.pair))

    def build(name: str) -> Node:
        if name not in first:
            return Node(name)
        number, pair = first[name]
        return Node(name, number, (build(pair.left), build(pair.right)))

    return build(piece)


def first_whole_word(training: VocabularyTraining, *, shortest: int = 4) -> int:
    """Find the merge that first made a whole word, to open a replay with something to look at.

    A word of at least `shortest` characters, else of two. Where there is none before the last
    merge it is the first one, so that something is left to play. Counted from 1; 0 where nothing
    was merged.
    """
    words = set(training.words)
    for length in (shortest, 2):
        for number, merge in enumerate(training.merges[:-1], start=1):
            if len(merge.pair.piece) >= length and merge.pair.piece in words:
                return number
    return min(1, len(training.merges))


def cut_with(state: State, text: str, *, splits_han: bool = True) -> WordPieceTrace:
    """Tokenize any text with the vocabulary learned so far, by BERT's longest match first.

    The search knows the pieces and nothing of the order in which they were joined, so it may cut
    a word otherwise than the merges did.

    Raises:
        InputError: The text cannot be read.
    """
    options = WordPieceOptions(
        vocabulary=state.vocabulary,
        unknown_token=UNKNOWN,
        max_characters=LONGEST_WORD,
        space_cjk=splits_han,
    )
    return trace_wordpiece(text, options)


def missing_characters(state: State, trace: WordPieceTrace) -> tuple[str, ...]:
    """Name the single characters that the vocabulary lacks and that cost a word its spelling.

    Learned from "ab" alone, "ba!" lacks "b" (at the beginning), "##a" and "!".
    """
    spelled = (piece for word in trace.words if word.is_unknown for piece in spell(word.normalized))
    return tuple(dict.fromkeys(piece for piece in spelled if piece not in state.vocabulary))


def words_to_watch(
    training: VocabularyTraining, *, most: int = 8, longest: int = 14
) -> tuple[str, ...]:
    """Choose words of the text whose pieces are worth watching.

    Those with most to join in all their places come first.

    Args:
        training: From `train_wordpiece`.
        most: How many.
        longest: Characters, so that a row holds them.
    """
    counts = dict(zip(training.words, training.counts, strict=True))
    fitting = [word for word in counts if 1 < len(word) <= longest]
    worth = {word: counts[word] * (len(word) - 1) ** 2 for word in fitting}
    return tuple(sorted(fitting, key=lambda word: (-worth[word], word))[:most])
