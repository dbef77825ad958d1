"""What a head for pairs goes by: many pairs of stories, in order, swapped, and put together.

Four pairs are made from each place in the stories; in three of them A is the same: with the B that
follows, with a B of another story, and with a B about something else altogether. The fourth is the
first one swapped. Where a swap passes as
often as the order of the text, the order is not what the head goes by; where a B of another story
passes more often than one of another kind of text, the kind is part of what it goes by (Lan et
al. 2020, section 3.1, make this argument against next sentence prediction).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import torch

from bertlab.errors import InputError
from bertlab.inspection.next_sentence import NextSentenceHead, answer_of
from bertlab.models.collate import model_inputs
from bertlab.tokenization.batch_encoding import encode_ids

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

Kind = Literal["follows", "swapped", "story", "topic"]
KINDS: tuple[Kind, ...] = ("follows", "swapped", "story", "topic")
PASSES = 0.5  # from here on the head says "yes"
LONGEST = 128  # tokens of one pair; three sentences on each side fit
TRIED = 5  # texts of another kind, of which the one of B's length is taken


@dataclass(frozen=True)
class KindedPair:
    """Two passages and how they came together.

    Attributes:
        kind: "follows": B stands behind A in a story; "swapped": the same two the other way
            round; "story": B from another story; "topic": B from other texts.
    """

    kind: Kind
    first: str
    second: str


@dataclass(frozen=True)
class KindResult:
    """What the head said of all pairs of one kind.

    Attributes:
        pairs: As they were drawn.
        probabilities: In 0..1, one for each pair: that B follows A, or that the order is right.
    """

    kind: Kind
    pairs: tuple[KindedPair, ...]
    probabilities: tuple[float, ...]

    @property
    def passed(self) -> int:
        """How many pairs got at least 50 %."""
        return sum(p >= PASSES for p in self.probabilities)

    @property
    def pass_share(self) -> float:
        """The share of pairs that got at least 50 %, in 0..1."""
        return self.passed / len(self.probabilities)

    @property
    def mean(self) -> float:
        """The mean probability, in 0..1."""
        return sum(self.probabilities) / len(self.probabilities)


def draw_kinds(
    stories: Sequence[Sequence[str]],
    elsewhere: Sequence[str],
    *,
    count: int,
    sentences: int,
    joint: str = " ",
    seed: int = 0,
) -> tuple[KindedPair, ...]:
    """Draw places in the stories and make four pairs of each.

    One place and one sentence a side give (a, b), (b, a), (a, b of another story) and (a, a text
    of another kind whose length is near that of b).

    Args:
        stories: Each a row of sentences; at least two with room for both sides.
        elsewhere: Texts about something else.
        count: How many places, each at most once; fewer where the stories have fewer.
        sentences: How many sentences make one side.
        joint: What stands between two sentences: a blank, in Chinese nothing.
        seed: The same seed gives the same pairs.

    Raises:
        InputError: The stories are too short.
    """
    rng = random.Random(seed)
    long_enough = [s for s, story in enumerate(stories) if len(story) >= 2 * sentences]
    if len(long_enough) < 2:
        raise InputError(f"No two stories have {2 * sentences} sentences. Take fewer on a side.")
    places = [(s, at) for s in long_enough for at in range(len(stories[s]) - 2 * sentences + 1)]
    drawn = []
    for story, at in rng.sample(places, min(count, len(places))):
        first = joint.join(stories[story][at : at + sentences])
        second = joint.join(stories[story][at + sentences : at + 2 * sentences])
        other = rng.choice([s for s in long_enough if s != story])
        begin = rng.randrange(len(stories[other]) - sentences + 1)
        stranger = joint.join(stories[other][begin : begin + sentences])
        tried = rng.sample(elsewhere, min(TRIED, len(elsewhere)))
        topic = min(tried, key=lambda text: abs(len(text) - len(second)))
        drawn += [
            KindedPair("follows", first, second),
            KindedPair("swapped", second, first),
            KindedPair("story", first, stranger),
            KindedPair("topic", first, topic),
        ]
    return tuple(drawn)


def ask_pairs(
    loaded: LoadedModel, head: NextSentenceHead, pairs: Sequence[KindedPair]
) -> tuple[float, ...]:
    """Ask the head about many pairs in one forward pass.

    Args:
        loaded: The model.
        head: Its own.
        pairs: Cut at `LONGEST` tokens; padded to the longest of them.

    Returns:
        The probability that B follows A, in 0..1, of each pair in turn.
    """
    rows = encode_ids(
        loaded.tokenizer,
        [pair.first for pair in pairs],
        [pair.second for pair in pairs],
        max_length=min(LONGEST, loaded.max_tokens),
    )
    given = model_inputs(loaded, rows)
    with loaded.lock, torch.inference_mode():  # the lock: nobody else's hooks are on the model
        states = loaded.encoder(**given).last_hidden_state  # (pair, token, hidden)
    return tuple(answer_of(head, cls) for cls in states[:, 0].float().cpu().numpy())


def sort_by_kind(
    pairs: Sequence[KindedPair], probabilities: Sequence[float]
) -> tuple[KindResult, ...]:
    """Put the answers together by kind, in the order of `KINDS`."""
    found = []
    for kind in KINDS:
        own = [(pair, p) for pair, p in zip(pairs, probabilities, strict=True) if pair.kind == kind]
        found.append(KindResult(kind, tuple(x for x, _ in own), tuple(p for _, p in own)))
    return tuple(found)


def surest_mistake(result: KindResult) -> tuple[KindedPair, float]:
    """The pair that a head is most wrong about: of those that follow the lowest, else the highest.

    Of pairs of another story with 10, 80 and 60 % it is the second.
    """
    choose = min if result.kind == "follows" else max
    at = choose(range(len(result.pairs)), key=lambda i: result.probabilities[i])
    return result.pairs[at], result.probabilities[at]
