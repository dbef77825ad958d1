"""What the lesson on heads may say: each sentence is earned by a number that stands in it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bertlab.inspection.heads.entropy import LayerEntropy
from bertlab.inspection.heads.roles import FEWEST_ASKED, FEWEST_INPUTS, WORDS_AT_LEAST, RoleScores
from bertlab.inspection.heads.targets import NEIGHBOURHOOD, REACH, RESTS, ROLES, Role

EVEN_FROM = 0.95  # of ln(tokens): weights this even are as good as even
ENTROPY_BELOW_TWIN = 0.1  # by this share a layer must be more focused than the random twin's


@dataclass(frozen=True)
class Rule:
    """What a role is called, and by how much it must stand out.

    Attributes:
        names: From `role_names`.
        threshold: As in `RoleScores.roles`.
    """

    names: Mapping[Role, str]
    threshold: float


def role_names(cls_token: str, sep_token: str) -> dict[Role, str]:
    """Name what a head of each role looks at, with the model's own special tokens."""
    return {
        "previous": "the previous token",
        "next": "the next token",
        "itself": "the token itself",
        "same": "the same word elsewhere",
        "delimiter": "punctuation",
        "sep": sep_token,
        "cls": cls_token,
    }


def head_title(scores: RoleScores, layer: int, head: int, rule: Rule) -> str:
    """One line about one head: "Head 0.2 looks at the next token: 99.6 % of its weight"."""
    found = scores.roles(layer, head, threshold=rule.threshold)
    name = f"Head {layer}.{head}"
    if is_too_few(scores):
        return f"{name}: {scores.inputs} sentences are too few to state a role"
    if not found:
        return f"{name}: no simple pattern over these {scores.inputs:,} sentences"
    share = scores.score[ROLES.index(found[0]), layer, head]
    verb = "rests on" if found[0] in RESTS else "looks at"
    return f"{name} {verb} {rule.names[found[0]]}: {100 * share:.1f} % of {_whole(scores)}"


def head_detail(scores: RoleScores, layer: int, head: int, rule: Rule) -> str:
    """The numbers that the title rests on, and what they are compared with."""
    above = (scores.score - scores.hurdle)[:, layer, head]  # (roles,)
    found = scores.roles(layer, head, threshold=rule.threshold)
    number = ROLES.index(found[0]) if found else int(above.argmax())
    score, baseline, twin = (
        100 * part[number, layer, head] for part in (scores.score, scores.baseline, scores.twin)
    )
    lead = "" if found else "No role is stated. What comes nearest: "
    also = " and of ".join(rule.names[role] for role in found[1:])
    role = ROLES[number]
    return (
        f"{lead}{score:.1f} % of {_whole(scores)} lies on {rule.names[role]}; "
        f"{compared_with(role)} would give {baseline:.1f} %, the head with random weights gives "
        f"{twin:.1f} %. A role needs {100 * rule.threshold:.0f} points more than both."
        + (_place_alone(scores, found[0], layer, head) if found else "")
        + (f" The same holds of {also}." if also else "")
        + (_words_left(scores.words[layer, head]) if scores.is_aside else "")
    )


def compared_with(role: Role) -> str:
    """What knows nothing of words and is held against a role."""
    if role in NEIGHBOURHOOD:
        return f"even weights up to {REACH} places away"
    return "even weights on all tokens" if role == "cls" else "position alone"


def _place_alone(scores: RoleScores, role: Role, layer: int, head: int) -> str:
    """What a head knows whose role is a place: the place alone, or the tokens too; else ""."""
    if scores.is_aside or compared_with(role) == "position alone":
        return ""
    points = 100 * scores.spread[ROLES.index(role), layer, head]
    varies = f"from token to token the share varies by {points:.1f} points (standard deviation)"
    if scores.knows_place_alone(role, layer, head):
        return f" This head knows position alone: {varies}, whatever the token is."
    return f" The place is not all that it goes by: {varies}."


def _words_left(share: float) -> str:
    said = f" {100 * share:.1f} % of the head's weight lies on words"
    if share < WORDS_AT_LEAST:
        return f"{said}: under {100 * WORDS_AT_LEAST:.0f} % no role is stated."
    return f"{said}."


def _whole(scores: RoleScores) -> str:
    return "its weight on words" if scores.is_aside else "its weight"


def is_too_few(scores: RoleScores) -> bool:
    """Whether there are too few sentences to speak of a habit, whatever the weights are."""
    return scores.inputs < FEWEST_INPUTS


def too_little(scores: RoleScores, rule: Rule) -> str:
    """Say which roles cannot be asked for over these sentences; "" where all can."""
    if is_too_few(scores):
        return f"{_too_few(scores)}."
    rare = [
        f"{rule.names[role]} ({count})"
        for role, count in zip(ROLES, scores.asked, strict=True)
        if count < FEWEST_ASKED and not (scores.is_aside and role in RESTS)
    ]
    if not rare:
        return ""
    return (
        f"Too seldom asked for to be stated, fewer than {FEWEST_ASKED} tokens: {', '.join(rare)}."
    )


def _too_few(scores: RoleScores) -> str:
    return (
        f"{scores.inputs} sentences are too few for a habit: from {FEWEST_INPUTS} on a role may "
        "be stated"
    )


def count_roles(scores: RoleScores, rule: Rule) -> Counter[Role | None]:
    """How many heads have each role as their first; None counts those without one."""
    heads = [(layer, head) for layer in range(scores.layers) for head in range(scores.heads)]
    found = [scores.roles(*place, threshold=rule.threshold) for place in heads]
    return Counter(roles[0] if roles else None for roles in found)


def grid_title(scores: RoleScores, rule: Rule) -> str:
    """How many heads have a role, and how many of them merely rest."""
    counts = count_roles(scores, rule)
    total, resting = counts.total(), sum(counts[role] for role in RESTS)
    among_words = total - counts[None] - resting
    if is_too_few(scores):
        return _too_few(scores)
    if counts[None] == total:
        return f"None of the {total} heads shows a simple pattern"
    rest = "" if scores.is_aside else f"{_count(resting, 'rest')} on a special token, "
    return (
        f"Of {total} heads, {_count(among_words, 'look')} at a place among the words, {rest}"
        f"{_count(counts[None], 'show')} no simple pattern"
    )


def _count(number: int, verb: str) -> str:
    """A number and its verb: `_count(1, "look")` is "1 looks", `_count(4, "look")` "4 look"."""
    return f"{number} {verb}{'s' if number == 1 else ''}"


def role_notices(scores: RoleScores, rule: Rule) -> list[str]:
    """What to notice over all heads."""
    if is_too_few(scores):
        return [f"{_too_few(scores)}.", *_largest_share(scores, rule)]
    heads = [(layer, head) for layer in range(scores.layers) for head in range(scores.heads)]
    counts = count_roles(scores, rule)
    if counts[None] == len(heads):
        noticed = [f"No head shows a simple pattern over these {scores.inputs:,} sentences."]
    else:
        said = [f"{rule.names[role]} {counts[role]}" for role in ROLES if counts[role]]
        none = [f"no simple pattern {counts[None]}"]
        noticed = [f"Heads by what they look at first: {', '.join([*said, *none])}."]
        noticed.append(_clearest(scores, rule))
    twins = sum(bool(scores.twin_roles(*place, threshold=rule.threshold)) for place in heads)
    noticed.append(
        f"The rule put to the test: of the random twin's {len(heads)} heads, which learned "
        f"nothing, {twins} would have a role."
    )
    return noticed


def _largest_share(scores: RoleScores, rule: Rule) -> list[str]:
    """The largest share of any head, as a bare number with its place; none where few were asked."""
    is_asked = (scores.asked >= FEWEST_ASKED)[:, None, None]
    shares = np.where(is_asked, scores.score, -1.0)  # (roles, layers, heads)
    number, layer, head = np.unravel_index(shares.argmax(), shares.shape)
    if shares.max() < 0:
        return []
    return [
        f"The largest share in them: {100 * shares.max():.1f} % of {_whole(scores)} in head "
        f"{layer}.{head} lies on {rule.names[ROLES[number]]}."
    ]


def _clearest(scores: RoleScores, rule: Rule) -> str:
    """The head that beats its hurdle by most, in a role among words where there is one."""
    found = {
        (layer, head): scores.roles(layer, head, threshold=rule.threshold)
        for layer in range(scores.layers)
        for head in range(scores.heads)
    }
    above = scores.score - scores.hurdle

    def rank(place: tuple[int, int]) -> tuple[bool, float]:
        role = found[place][0]
        return role not in RESTS, float(above[(ROLES.index(role), *place)])

    best = max((place for place, roles in found.items() if roles), key=rank)
    title = head_title(scores, *best, rule)
    points = 100 * above[(ROLES.index(found[best][0]), *best)]
    role = found[best][0]
    alone = scores.knows_place_alone(role, *best)
    return (
        f"The clearest: {title}, {points:.1f} points above {compared_with(role)} and random "
        f"weights.{' It knows position alone, no word.' if alone else ''}"
    )


def entropy_title(entropy: LayerEntropy, twin: LayerEntropy) -> str:
    """Which layer is furthest from even weights, where one is."""
    focused = int(entropy.share.argmin())
    share, other = entropy.share[focused], twin.share[focused]
    if share < other - ENTROPY_BELOW_TWIN:
        return (
            f"Layer {focused} is the most focused: its entropy is {100 * share:.1f} % of what even "
            f"weights have, the random twin's {100 * other:.1f} %"
        )
    if entropy.share.min() > EVEN_FROM:
        return (
            f"Nearly even weights in every layer: at least {100 * entropy.share.min():.1f} % of "
            "the entropy there can be"
        )
    return "Attention entropy by layer"
