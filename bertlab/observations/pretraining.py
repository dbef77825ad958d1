"""What there is to notice about a pre-training run, and about one draw of the masking game."""

import math
from collections.abc import Sequence

from bertlab.inspection.masking_game import Asked, mean_loss
from bertlab.pretraining.blanks import Watched
from bertlab.pretraining.data.masking import KEPT, REPLACED_BY_MASK, REPLACED_BY_RANDOM
from bertlab.pretraining.heldout import HeldoutScores
from bertlab.pretraining.result import PretrainingResult
from bertlab.runs.events import Event, TrainEvent, ValidationEvent, of_kind

SURE = 0.5  # more than half of all belief
TIMES_CHANCE = 20  # a probability at least this many times a blind guess's stands out


def game_notices(asked: Sequence[Asked], vocabulary: int) -> list[str]:
    """Say what is true of these answers; what any weights would show is said as a bare number.

    Args:
        asked: What `masking_game.play` returned.
        vocabulary: The number of tokens that share the probability.
    """
    found = [
        f"The mean loss of this draw is {mean_loss(asked):.3f}; a blind guess among "
        f"{vocabulary:,} pieces would have ln {vocabulary:,} = {math.log(vocabulary):.3f}."
    ]
    found += [sentence for kind in (REPLACED_BY_MASK, REPLACED_BY_RANDOM, KEPT)
              for sentence in _of_kind(asked, kind, vocabulary)]  # fmt: skip
    worst = max(asked, key=lambda one: one.loss)
    if len(asked) > 1 and worst.loss > sum(one.loss for one in asked) / 2:
        found.append(
            f"More than half of the sum comes from position {worst.position}: “{worst.original}” "
            f"got {worst.probability:.2%}."
        )
    return found


def _of_kind(asked: Sequence[Asked], kind: int, vocabulary: int) -> list[str]:
    """Where answers of one kind stand out, say how many, by its best example."""
    right = [one for one in asked if one.kind == kind and _stands_out(one, vocabulary)]
    if not right:
        return []
    best = max(right, key=lambda one: one.probability)
    words = {
        REPLACED_BY_MASK: f"Behind [MASK] at position {best.position} it finds",
        REPLACED_BY_RANDOM: f"It is not fooled by the random “{best.seen}” at position "
        f"{best.position}: its best answer is",
        KEPT: f"At position {best.position} nothing was hidden, and it believes the piece that it "
        "sees:",
    }
    return [f"{words[kind]} “{best.original}” with {best.probability:.1%}."]


def _stands_out(one: Asked, vocabulary: int) -> bool:
    """Whether the original is the best answer, far above a blind guess."""
    return one.rank == 1 and one.probability > TIMES_CHANCE / vocabulary


ROSE = 1.02  # a last held-out loss this many times the best one has risen again
ROSE_MUCH = 1.1  # a mean training loss jumps about more than that of held-out text
BLOCKS = 20  # a twentieth of a run is averaged
SHOWN = 0.0006  # nats: losses this far apart differ in the three decimals that are shown
FEW_PAIRS = 30  # below that a share of pairs says little


def run_notices(
    result: PretrainingResult,
    events: Sequence[Event],
    watched: Sequence[Watched],
    *,
    earlier_steps: int = 0,
) -> list[str]:
    """Say what is true of this run's figures.

    Args:
        result: its figures.
        events: The run's history.
        watched: Its blanks.
        earlier_steps: How many of its steps belong to the model that it went on from.
    """
    checks = of_kind(events, ValidationEvent)
    found = [*_of_blanks(watched), *_of_start(checks, result.vocabulary)]
    found += _of_sample(checks, result.heldout)
    found += _of_losses(checks)
    found += _of_going_on(checks, earlier_steps)
    found += _of_pairs(result.heldout)
    if result.was_stopped:
        found.append(f"The run was stopped after {result.steps:,} steps, before its end.")
    if not found:
        found.append(
            f"The run took {result.steps:,} steps. Nothing was held out to measure it on, and "
            "no blank with a right answer was watched."
        )
    return found


def positions_notices(
    events: Sequence[Event], *, learned_positions: int, earlier_steps: int = 0
) -> list[str]:
    """Say why a run's training loss rose towards its end, where its last inputs were long.

    Args:
        events: The history, of both runs if there were two.
        learned_positions: How many positions the run, the first of two, learned; 0 says nothing.
        earlier_steps: How many steps the first of two had; 0 for a single one.
    """
    steps = of_kind(events, TrainEvent)
    last = earlier_steps or max((event.step for event in steps), default=0)
    losses = [event.loss for event in steps if event.step <= last]
    size = len(losses) // BLOCKS
    if not size or not learned_positions:
        return []
    means = [sum(losses[at : at + size]) / size for at in range(0, len(losses) - size + 1, size)]
    low = means.index(min(means))
    high = max(means[low:])
    if high <= ROSE_MUCH * means[low]:
        return []
    told = (
        f"The training loss rose from {means[low]:.3f} to {high:.3f} towards the end of the "
        f"{'first ' if earlier_steps else ''}run. Longer inputs do that: it had learned no more "
        f"than its first {learned_positions} positions. The held-out text comes in short inputs."
    )
    then = " The second run began with the others set to what continues these."
    return [told + then if earlier_steps else told]


def _of_blanks(watched: Sequence[Watched]) -> list[str]:
    """Count the right answers that come first, or among five, before and after."""
    known = [one for one in watched if one.first.rank is not None and one.last.rank is not None]
    if not known:
        return []
    before, after = [_within(known, "first", n) for n in (1, 5)], [
        _within(known, "last", n) for n in (1, 5)
    ]  # fmt: skip
    found = [
        f"Of the {len(known)} blanks with a right answer, {before[0]} had it first at step "
        f"{known[0].first.step:,} and {after[0]} at step {known[0].last.step:,}; among the best "
        f"five it was for {before[1]}, then for {after[1]}."
    ]
    fell = [one for one in known if (one.last.right or 0) < (one.first.right or 0)]
    if fell:
        found.append(
            f"For {len(fell)} of them the right answer is less likely than it was at first, as for "
            f"“{fell[0].sentence}”."
        )
    return found


def _within(watched: Sequence[Watched], when: str, limit: int) -> int:
    return sum(getattr(one, when).rank <= limit for one in watched)


def _of_start(checks: Sequence[ValidationEvent], vocabulary: int) -> list[str]:
    """Hold the first loss against a blind guess's."""
    if not checks or checks[0].step != 0:
        return []
    return [
        f"Before the first step the held-out loss was {checks[0].loss:.3f}. A blind guess "
        f"among {vocabulary:,} pieces has ln {vocabulary:,} = {math.log(vocabulary):.3f}. The last "
        f"one measured on the way is {checks[-1].loss:.3f}."
    ]


def _of_sample(checks: Sequence[ValidationEvent], heldout: HeldoutScores | None) -> list[str]:
    """Name both held-out losses where they are two."""
    if not heldout or not checks or abs(checks[-1].loss - heldout.loss) < SHOWN:
        return []
    return [
        f"Two held-out losses: {checks[-1].loss:.3f} at the last look on the way, which asks "
        f"about a sample of each held-out text, and {heldout.loss:.3f} over all "
        f"{heldout.tokens:,} blanks of them at the end."
    ]


def _of_losses(checks: Sequence[ValidationEvent]) -> list[str]:
    """Tell where the held-out loss rose again."""
    if len(checks) < 3:
        return []
    best, last = min(checks, key=lambda event: event.loss), checks[-1]
    if last.loss <= ROSE * best.loss:
        return []
    return [
        f"The held-out loss was lowest at step {best.step:,} ({best.loss:.3f}) and ended at "
        f"{last.loss:.3f}: from there on the model learned its text by heart rather than "
        "something that helps with new ones."
    ]


def _of_going_on(checks: Sequence[ValidationEvent], earlier: int) -> list[str]:
    """Tell how the held-out loss rose where a second run began with large steps again."""
    before = [event for event in checks if event.step <= earlier]
    after = [event for event in checks if event.step > earlier]
    if not earlier or not before or not after:
        return []
    ended, following = before[-1], after[0]
    if following.loss <= ROSE * ended.loss:
        return []
    return [
        f"The first run ended at step {earlier:,} with a held-out loss of {ended.loss:.3f}. At "
        f"the next look, step {following.step:,}, it was {following.loss:.3f}, at the end "
        f"{after[-1].loss:.3f}: a second run begins with a learning rate that rises anew, and "
        "large steps undo some of what small ones had refined."
    ]


def _of_pairs(heldout: HeldoutScores | None) -> list[str]:
    """Say whether next sentence is told apart better than by a coin, as far as the count bears."""
    if not heldout or not heldout.pairs or heldout.next_accuracy is None:
        return []
    pairs, share = heldout.pairs, heldout.next_accuracy
    margin = 1.96 * 0.5 / math.sqrt(pairs)  # of a coin's share, 95 %
    told = f"Of {pairs:,} held-out pairs {share:.1%} were told apart rightly"
    if pairs < FEW_PAIRS or abs(share - 0.5) <= margin:
        return [f"{told}: with so few pairs that is within what a coin would reach."]
    return [f"{told}: {'more' if share > 0.5 else 'fewer'} than a coin would reach."]
