"""A teaching trainer of WordPiece: which two pieces are joined next, and why.

Begin with single characters and join, again and again, one pair of neighbouring pieces. Google
never published the trainer that learned BERT's vocabulary. Three rules are here:

- likelihood: the pair that raises the likelihood of the text most, which is the criterion that was
  published (Schuster and Nakajima 2012, "Japanese and Korean voice search"). Here the text's
  likelihood is that of its pieces drawn one by one, each with its share of all pieces.
- score: count(ab) / (count(a) * count(b)), how much more often the two stand together than their
  own counts would make them: a reconstruction, from the Hugging Face course.
- frequency: count(ab), which is byte-pair encoding (Sennrich, Haddow and Birch 2016,
  arXiv:1508.07909) and what the trainer for WordPiece in the library `tokenizers` does.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Rule = Literal["score", "frequency", "likelihood"]
Pair = tuple[str, str]

PREFIX = "##"
FEWEST_SEEN = 2  # a pair that occurs once teaches nothing
DIGITS = 6  # of a gain in nats: what is equal to so many is equal, and the next rule decides


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair of neighbouring pieces, and what each rule thinks of it.

    Attributes:
        left, right: The two pieces, ## included.
        count: How often they stand side by side in the text.
        left_count, right_count: How often each occurs at all.
        piece_count: How often the piece that they become is there already, from another pair.
        tokens: Pieces of the whole text.
    """

    left: str
    right: str
    count: int
    left_count: int
    right_count: int
    piece_count: int = field(default=0, compare=False)
    tokens: int = field(default=0, compare=False)

    @property
    def gain(self) -> float:
        """By how much joining the two raises ln p of the text, in nats.

        With every piece drawn by its share, ln p = sum over pieces of c ln c, minus N ln N: the
        counts c of three pieces change, and N, the number of all. "low" alone, five times over:
        from 15 ln(1/3) to 10 ln(1/2) is a gain of 9.55. Of a piece beside itself, as in "www", at
        most half can be joined.
        """
        same = self.left == self.right
        joined = min(self.count, self.left_count // 2) if same else self.count
        rise = _weight(self.piece_count + joined) - _weight(self.piece_count)
        if same:
            rise += _weight(self.left_count - 2 * joined) - _weight(self.left_count)
        else:
            for count in (self.left_count, self.right_count):
                rise += _weight(count - joined) - _weight(count)
        return rise - (_weight(self.tokens - joined) - _weight(self.tokens))

    @property
    def score(self) -> float:
        """The Hugging Face course's score: count(ab) / (count(a) * count(b)), within 0 and 1."""
        return self.count / (self.left_count * self.right_count)

    @property
    def piece(self) -> str:
        """What the two become: "##i" and "##ng" are "##ing"."""
        return join(self.left, self.right)


@dataclass(frozen=True, slots=True)
class Merge:
    """One step of learning: a pair became a piece.

    Attributes:
        pair: The winner, with its counts before the step.
        words: Indices of the words that it changed.
        is_new: Whether the piece is new; another pair may have made the same one before.
        vocabulary_size: Pieces after the step, special tokens left out.
        tokens: Pieces of the whole text after the step.
    """

    pair: Candidate
    words: tuple[int, ...]
    is_new: bool
    vocabulary_size: int
    tokens: int


@dataclass(frozen=True)
class VocabularyTraining:
    """A vocabulary's way from single characters.

    Attributes:
        rule: Which pair won.
        words, counts: The different words of the text, and how often each occurs.
        alphabet: The pieces at the start, sorted: every character, with ## where it is inside.
        merges: In order; fewer than asked for where no pair occurs twice any more.
    """

    rule: Rule
    words: tuple[str, ...]
    counts: tuple[int, ...]
    alphabet: tuple[str, ...]
    merges: tuple[Merge, ...]

    def tokens_per_word(self) -> tuple[float, ...]:
        """Pieces a word of the text after 0, 1, 2 ... merges; at least 1."""
        in_text = sum(self.counts)
        start = sum(len(word) * n for word, n in zip(self.words, self.counts, strict=True))
        return tuple(tokens / in_text for tokens in (start, *(m.tokens for m in self.merges)))


def _weight(count: int) -> float:
    """Compute c ln c, which is 0 for nothing."""
    return count * math.log(count) if count > 0 else 0.0


def join(left: str, right: str) -> str:
    """Join two pieces: `join("un", "##able")` is "unable"."""
    return left + right.removeprefix(PREFIX)


def spell(word: str) -> list[str]:
    """Cut a word into single characters: `spell("cat")` is ["c", "##a", "##t"]."""
    return [word[0], *(PREFIX + character for character in word[1:])]


def join_pair(pieces: Sequence[str], left: str, right: str) -> list[str]:
    """Join a pair wherever it stands in a word, from left to right.

    >>> join_pair(["b", "##a", "##a", "##a"], "##a", "##a")
    ['b', '##aa', '##a']
    """
    joined: list[str] = []
    place = 0
    while place < len(pieces):
        has_next = place + 1 < len(pieces)
        if has_next and pieces[place] == left and pieces[place + 1] == right:
            joined.append(join(left, right))
            place += 2
        else:
            joined.append(pieces[place])
            place += 1
    return joined


def order(candidate: Candidate, rule: Rule) -> tuple[float, int, str, str]:
    """The key by which candidates are sorted, the winner first.

    Of equals the commoner pair wins, then the one that comes first in the alphabet.
    """
    worth = {
        "score": lambda: candidate.score,
        "likelihood": lambda: round(candidate.gain, DIGITS),
        "frequency": lambda: 0.0,
    }[rule]()
    return -worth, -candidate.count, candidate.left, candidate.right


def train_wordpiece(
    counts: Mapping[str, int], *, merges: int, rule: Rule = "score"
) -> VocabularyTraining:
    """Learn pieces from counted words.

    >>> text = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
    >>> [merge.pair.piece for merge in train_wordpiece(text, merges=3).merges]
    ['##id', 'wid', 'lo']
    >>> [m.pair.piece for m in train_wordpiece(text, merges=3, rule="frequency").merges]
    ['##es', '##est', '##ow']

    Args:
        counts: Word -> how often it occurs, from `count_words`.
        merges: How many pairs to join at most.
        rule: "likelihood" as published for WordPiece, "score" as the Hugging Face course
            reconstructs it, "frequency" as in byte-pair encoding.
    """
    text = _Text(counts, rule)
    alphabet = tuple(sorted(text.pieces))
    known, done = set(alphabet), list[Merge]()
    while len(done) < merges and (winner := text.best()):
        changed = text.join(winner.left, winner.right)
        is_new = winner.piece not in known
        known.add(winner.piece)
        done.append(Merge(winner, changed, is_new, len(known), text.tokens))
    return VocabularyTraining(rule, text.words, text.counts, alphabet, tuple(done))


class _Text:
    """The text while pieces are joined; what a step changes is counted anew, and nothing else."""

    def __init__(self, counts: Mapping[str, int], rule: Rule) -> None:
        self.rule = rule
        self.words, self.counts = tuple(counts), tuple(counts.values())
        self.splits = [spell(word) for word in self.words]
        self.tokens = 0  # pieces of the whole text
        self.pieces: Counter[str] = Counter()  # piece -> count
        self.pairs: Counter[Pair] = Counter()  # pair -> count
        self.where: defaultdict[Pair, set[int]] = defaultdict(set)  # pair -> words that have it
        self.around: defaultdict[str, set[Pair]] = defaultdict(set)  # piece -> pairs with it
        self.makes: defaultdict[str, set[Pair]] = defaultdict(set)  # piece -> pairs that become it
        for word in range(len(self.words)):
            self._count(word, +1)
        self.heap: list[tuple[tuple[float, int, str, str], Pair]] = []
        self._push(self.pairs)

    def candidate(self, pair: Pair) -> Candidate:
        left, right = pair
        return Candidate(
            left,
            right,
            self.pairs[pair],
            self.pieces[left],
            self.pieces[right],
            self.pieces[join(left, right)],
            self.tokens,
        )

    def best(self) -> Candidate | None:
        """The winner; entries of the heap that have changed since they were pushed are corrected.

        A gain in likelihood falls with the number of all pieces, so it is never above what the heap
        has: an entry that is still first when it is reckoned anew is the winner.
        """
        while self.heap:
            key, pair = self.heap[0]
            if self.pairs[pair] < FEWEST_SEEN:
                heapq.heappop(self.heap)
                continue
            found = self.candidate(pair)
            now = order(found, self.rule)
            if now == key:
                is_loss = self.rule == "likelihood" and found.gain <= 0
                return None if is_loss else found  # the best one makes the text less likely
            if now > key and self.rule == "likelihood":
                heapq.heapreplace(self.heap, (now, pair))
            else:
                heapq.heappop(self.heap)
        return None

    def join(self, left: str, right: str) -> tuple[int, ...]:
        """Join a pair in all words; give the words that changed."""
        changed = tuple(sorted(self.where[left, right]))
        touched: set[Pair] = set()
        for word in changed:
            touched |= self._count(word, -1)
            self.splits[word] = join_pair(self.splits[word], left, right)
            touched |= self._count(word, +1)
        if (
            self.rule != "frequency"
        ):  # the counts of both parts have changed, so has all they are in
            joined = join(left, right)
            touched |= self.around[left] | self.around[right]
            touched |= self.around[joined] | self.makes[joined]
        self._push(touched)
        return changed

    def _count(self, word: int, sign: int) -> set[Pair]:
        """Count a word in (+1) or out (-1); give its pairs."""
        split, times = self.splits[word], sign * self.counts[word]
        self.tokens += times * len(split)
        for piece in split:
            self.pieces[piece] += times
        pairs = list(itertools.pairwise(split))
        for pair in pairs:
            self.pairs[pair] += times
            if sign > 0:
                self.where[pair].add(word)
                self.makes[join(*pair)].add(pair)
                for piece in pair:
                    self.around[piece].add(pair)
            else:
                self.where[pair].discard(word)
                self._forget(pair)
        return set(pairs)

    def _forget(self, pair: Pair) -> None:
        if not self.pairs[pair]:
            for piece in pair:
                self.around[piece].discard(pair)

    def _push(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            if self.pairs[pair] >= FEWEST_SEEN:
                heapq.heappush(self.heap, (order(self.candidate(pair), self.rule), pair))
