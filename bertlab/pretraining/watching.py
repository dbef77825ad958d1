"""What became of the watched blanks over a run, read from its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bertlab.pretraining.settings import Blank


@dataclass(frozen=True)
class Answer:
    """What the model said about one blank at one time.

    Args:
        step: optimizer steps taken until then.
        predictions: (token, probability 0 to 1), the five likeliest, best first.
        right: the probability of all right answers together; None where none is known.
        rank: of the best of them, from 1 on; None likewise.
    """

    step: int
    predictions: tuple[tuple[str, float], ...]
    right: float | None
    rank: int | None


@dataclass(frozen=True)
class Watched:
    """One blank over the whole run so far.

    Args:
        sentence: with its [MASK].
        answers: the words that are right; may be empty.
        history: at least one answer, oldest first.
    """

    sentence: str
    answers: tuple[str, ...]
    history: tuple[Answer, ...]

    @property
    def first(self) -> Answer:
        """The answer of the random weights, where the run was watched from its start."""
        return self.history[0]

    @property
    def last(self) -> Answer:
        """The newest answer."""
        return self.history[-1]


def watched_blanks(
    events: Sequence[Mapping[str, Any]], blanks: Sequence[Blank] = ()
) -> tuple[Watched, ...]:
    """Gather the answers blank by blank; none before the first "blanks" event.

    Args:
        events: the run's history.
        blanks: from its settings, for the right answers.
    """
    looks = [event for event in events if event["kind"] == "blanks"]
    if not looks:
        return ()
    right = {blank.sentence: blank.answers for blank in blanks}
    return tuple(
        Watched(
            sentence=row["sentence"],
            answers=right.get(row["sentence"], ()),
            history=tuple(_answer(look["step"], look["blanks"][number]) for look in looks),
        )
        for number, row in enumerate(looks[-1]["blanks"])
    )


def _answer(step: int, row: Mapping[str, Any]) -> Answer:
    predictions = tuple((str(token), float(share)) for token, share in row["predictions"])
    return Answer(step, predictions, row["right"], row["rank"])
