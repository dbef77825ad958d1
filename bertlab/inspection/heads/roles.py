"""What each head does over many inputs, and when that may be said."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bertlab.inspection.heads.baseline import positional_baseline
from bertlab.inspection.heads.measures import Measured
from bertlab.inspection.heads.targets import NEIGHBOURHOOD, RESTS, ROLES, Role

FEWEST_INPUTS = 5  # a habit seen in fewer is an anecdote
FEWEST_ASKED = 20  # queries that a role must have a place for
THRESHOLD = 0.2  # of the weight: by how much a role must beat what it is compared with
STEADY = 0.1  # of the weight: a standard deviation from token to token that a fixed place has
WORDS_AT_LEAST = 0.1  # of the weight: from less a role among words alone would be made of crumbs


@dataclass(frozen=True)
class RoleScores:
    """Each head's share of weight on what each role asks for, beside two that know no words.

    Attributes:
        score: float64 (roles, layers, heads), in 0..1, in the order of `ROLES`.
        spread: float64 (roles, layers, heads): the standard deviation of that share from token to
            token, of all the weight.
        baseline: What it is compared with: even weights close by for previous, next and itself,
            even weights on all tokens for [CLS], position alone for the others (see
            `positional_baseline`).
        twin: The same heads of a model with random weights, over the same inputs.
        twin_baseline: The same comparison, for the twin.
        words: float64 (layers, heads): the share of weight on ordinary tokens, in 0..1.
        asked: int (roles,): how many tokens were asked.
        inputs: How many inputs there are.
        is_aside: Whether shares are of the weight on ordinary tokens alone.
    """

    score: np.ndarray = field(repr=False)
    spread: np.ndarray = field(repr=False)
    baseline: np.ndarray = field(repr=False)
    twin: np.ndarray = field(repr=False)
    twin_baseline: np.ndarray = field(repr=False)
    words: np.ndarray = field(repr=False)
    asked: np.ndarray
    inputs: int
    is_aside: bool = False

    @property
    def layers(self) -> int:
        """The number of layers."""
        return int(self.score.shape[1])

    @property
    def heads(self) -> int:
        """The number of heads in each layer."""
        return int(self.score.shape[2])

    @property
    def hurdle(self) -> np.ndarray:
        """The higher of the two that a score is compared with: (roles, layers, heads)."""
        higher: np.ndarray = np.maximum(self.baseline, self.twin)
        return higher

    def roles(self, layer: int, head: int, *, threshold: float = THRESHOLD) -> tuple[Role, ...]:
        """Name the roles of a head, the clearest first; none is "no simple pattern".

        A score of 0.62 where position explains 0.20 and the twin 0.09 is a role up to a threshold
        of 0.42. A place of rest, [SEP] or [CLS], stands behind all others.

        Args:
            layer: Counted from 0.
            head: Counted from 0.
            threshold: What a score must have above both.
        """
        if self.is_aside and self.words[layer, head] < WORDS_AT_LEAST:
            return ()
        above = (self.score - self.hurdle)[:, layer, head]  # (roles,)
        return self._pass(above, threshold)

    def knows_place_alone(self, role: Role, layer: int, head: int) -> bool:
        """Whether a head looks at a place of its own whatever the token is.

        "The next token" is an offset, and whoever knows it needs to know no word. A head that
        gives it 99 % at every token has learned the offset; one that gives it 98 % after some
        tokens and 2 % after others (60 % on average) looks at the tokens too. Said only where the
        shares are of all the weight.
        """
        is_place = role in NEIGHBOURHOOD or role == "cls"
        spread = self.spread[ROLES.index(role), layer, head]
        return is_place and not self.is_aside and bool(spread <= STEADY)

    def twin_roles(
        self, layer: int, head: int, *, threshold: float = THRESHOLD
    ) -> tuple[Role, ...]:
        """The same rule for the twin's own head, against position alone: a test of the rule."""
        return self._pass((self.twin - self.twin_baseline)[:, layer, head], threshold)

    def _pass(self, above: np.ndarray, threshold: float) -> tuple[Role, ...]:
        if self.inputs < FEWEST_INPUTS:
            return ()
        order = sorted(
            range(len(ROLES)), key=lambda number: (ROLES[number] in RESTS, -above[number])
        )
        return tuple(
            ROLES[number]
            for number in order
            if above[number] >= threshold and self.asked[number] >= FEWEST_ASKED
        )


def score_roles(
    measured: Sequence[Measured], twin: Sequence[Measured], *, is_aside: bool = False
) -> RoleScores:
    """Score every head for every role over many inputs.

    The score is the mean, over all tokens that a role has a place for, of the weight that they give
    to it; a long sentence counts more than a short one. Clark et al. (2019) and Kovaleva et al.
    (2019) found such heads in BERT-base.

    Args:
        measured: The model's inputs, two or more.
        twin: The same inputs of its random twin.
        is_aside: Whether [CLS] and [SEP] are left aside: then every share, of the baselines too, is
            one of the weight that lies on ordinary tokens, and nobody is asked for the two.
    """
    asked = np.sum([one.asked for one in measured], axis=0)  # (roles,)
    rests = np.array([role in RESTS for role in ROLES])
    everyone = ROLES.index("itself")  # each ordinary token has this place
    on_words = np.sum([one.on_words[everyone] for one in measured], axis=0)  # (layers, heads)
    return RoleScores(
        score=_pooled(measured, is_aside),
        spread=_spread(measured),
        baseline=positional_baseline(measured, is_aside=is_aside),
        twin=_pooled(twin, is_aside),
        twin_baseline=positional_baseline(twin, is_aside=is_aside),
        words=on_words / asked[everyone],
        asked=np.where(rests & is_aside, 0, asked),
        inputs=len(measured),
        is_aside=is_aside,
    )


def _pooled(measured: Sequence[Measured], is_aside: bool) -> np.ndarray:
    sums = np.sum([one.sums for one in measured], axis=0)  # (roles, layers, heads)
    asked = np.sum([one.asked for one in measured], axis=0)[:, None, None]  # (roles, 1, 1)
    on_words = np.sum([one.on_words for one in measured], axis=0)  # (roles, layers, heads)
    return np.asarray(sums / np.maximum(on_words if is_aside else asked, 1e-12))


def _spread(measured: Sequence[Measured]) -> np.ndarray:
    """The standard deviation of the tokens' weights on each role's places."""
    count = np.maximum(np.sum([one.asked for one in measured], axis=0)[:, None, None], 1)
    mean = np.sum([one.sums for one in measured], axis=0) / count
    square = np.sum([one.squares for one in measured], axis=0) / count
    return np.asarray(np.sqrt(np.maximum(square - mean**2, 0.0)))
