"""What there is to notice when heads are off: sentences that hold for these numbers, or nothing."""

from collections.abc import Sequence

import numpy as np

from bertlab.inspection.ablation.ablation import Head
from bertlab.inspection.ablation.explanations import METHODS, Explanations, Method
from bertlab.inspection.ablation.importance import HeadImportance, MedianImportance
from bertlab.inspection.ablation.prediction_shift import from_to

CLEAR = 0.1  # nats: a factor of 1.1 in probability
LIKELY = 0.01  # a word with less than 1 % before and after is no answer worth explaining
MOSTLY, FEWEST = 0.75, 10  # of the sentences; of fewer than that nothing is said
ALIKE = 0.7  # a rank correlation


def head_notices(found: HeadImportance, word: str) -> list[str]:
    """The heads that matter most for one word, either way, and how many hardly do."""
    change, said = found.change, []
    worst, best = _place(change.argmin(), change), _place(change.argmax(), change)
    for head, does in ((worst, "costs"), (best, "helps")):
        after = found.probability * float(np.exp(change[head]))
        is_clear = change[head] <= -CLEAR if does == "costs" else change[head] >= CLEAR
        if is_clear and max(found.probability, after) >= LIKELY:
            first, second = from_to(found.probability, after)
            said.append(
                f"Of all heads, turning head {_name(head)} off {does} “{word}” most: alone it "
                f"takes it from {first} to {second}."
            )
    if not said:
        return [_largest_change(found, word)]
    idle = int((np.abs(change) < CLEAR).sum())
    if idle:
        said.append(
            f"{idle} of {change.size} heads can be off alone and change ln p by less than "
            f"{CLEAR} nats."
        )
    return said


def _largest_change(found: HeadImportance, word: str) -> str:
    """What came out where no head alone makes a difference worth naming: a bare number."""
    head = _place(np.abs(found.change).argmax(), found.change)
    change = float(found.change[head])
    after = found.probability * float(np.exp(change))
    first, second = from_to(found.probability, after)
    return (
        f"No head alone changes ln p of “{word}” by {CLEAR} nats and has it at {LIKELY:.0%} or "
        f"more, before or after: the largest change is head {_name(head)}'s, {_signed(change)} "
        f"nats, from {first} to {second}."
    )


def together_notice(
    found: HeadImportance, heads: frozenset[Head], change: float, word: str
) -> list[str]:
    """Whether heads together do what they do alone.

    Heads that change ln p by -1 and -2 alone and by -5 together make up for each other: either one
    can do what both can.

    Args:
        found: Of each head alone.
        heads: Those that are off.
        change: What they do to ln p together, in nats.
        word: The watched word.
    """
    alone = float(sum(found.change[head] for head in heads))
    after = found.probability * float(np.exp(change))
    if len(heads) < 2 or max(found.probability, after) < LIKELY:
        return []
    if abs(change - alone) < CLEAR or abs(change) < CLEAR:
        return []
    return [
        f"Alone, the {len(heads)} heads that are off change ln p of “{word}” by {_signed(alone)} "
        f"nats in sum, together by {_signed(change)}: what heads do does not add up."
    ]


def median_notices(found: MedianImportance) -> list[str]:
    """The head that many sentences miss most, or that none is missed clearly, and by how much."""
    median = found.median
    head = _place(median.argmin(), median)
    if found.sentences < FEWEST:
        return [
            f"{found.sentences} sentences are too few to say which head is missed most: from "
            f"{FEWEST} on."
        ]
    if median[head] > -CLEAR or found.share_below[head] < MOSTLY:
        return [
            f"Over {found.sentences} sentences no head is missed by {CLEAR} nats at the median "
            f"and in {MOSTLY:.0%} of them: head {_name(head)} comes nearest, with "
            f"{_signed(median[head])} nats and {found.share_below[head]:.0%}."
        ]
    return [
        f"Over {found.sentences} sentences head {_name(head)} is missed most: the median of its "
        f"changes is {_signed(median[head])} nats, and the hidden word lost in "
        f"{found.share_below[head]:.0%} of them."
    ]


def explanation_notices(
    found: Explanations, tokens: Sequence[str], names: dict[Method, str]
) -> list[str]:
    """Where the methods agree and where they do not. True or not of any weights: of methods."""
    said = [_first_choices(found, tokens, names)] if found.ranked else []
    chance = 1.96 / np.sqrt(max(1, len(found.ranked) - 1))
    pairs = [
        (found.correlation[i, j], names[METHODS[i]], names[METHODS[j]])
        for j in range(len(METHODS))
        for i in range(j)
        if np.isfinite(found.correlation[i, j])
    ]
    if not pairs:
        return [*said, "There are too few tokens to compare orders."]
    best, worst = max(pairs), min(pairs)
    if best[0] >= max(ALIKE, chance):
        said.append(
            f"{_upper(best[1])} and {best[2]} order the {len(found.ranked)} tokens much alike: "
            f"rank correlation {best[0]:.2f}."
        )
    if worst[0] < chance:
        said.append(
            f"{_upper(worst[1])} and {worst[2]} order them no more alike than chance might: "
            f"{_signed(worst[0])}, where shuffled orders stay below {chance:.2f} in 39 of 40 draws."
        )
    return said


def _first_choices(found: Explanations, tokens: Sequence[str], names: dict[Method, str]) -> str:
    ranked = list(found.ranked)
    best = {m: ranked[int(np.abs(found.values[m][ranked]).argmax())] for m in METHODS}
    if len(set(best.values())) == 1:
        at = best["occlusion"]
        return f"All four methods give “{tokens[at]}” ({at}) the largest weight."
    listed = "; ".join(f"{names[m]}: “{tokens[at]}” ({at})" for m, at in best.items())
    return f"The largest weight goes to different tokens. {_upper(listed)}."


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _name(head: Head) -> str:
    return f"{head[0]}.{head[1]}"


def _place(index: np.intp, grid: np.ndarray) -> Head:
    layer, head = np.unravel_index(index, grid.shape)
    return int(layer), int(head)
