"""What `bertlab evaluate` prints for people."""

from typing import TYPE_CHECKING, Any

from bertlab.cli.output import Answer

if TYPE_CHECKING:
    from bertlab.evaluation.cloze import ClozeAnswer, ClozeScores, PairScores

Misses = tuple["ClozeScores | None", "PairScores | None"]
MISSING = "-"


def show(answer: Answer, *, misses: Any = None) -> str:
    """A block a part, and what was answered wrongly where that is asked for.

    Args:
        answer: What the JSON holds.
        misses: The scores of clozes and pairs with every answer, or None.
    """
    blocks = [[answer["model"]]]
    if answer["heldout"]:
        blocks.append(_heldout(answer["heldout"]))
    blocks.append(_questions(answer))
    if answer["transfer"]:
        blocks.append(_transfer(answer["transfer"]))
    if misses is not None:
        blocks.append(_misses(misses))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _heldout(heldout: Answer) -> list[str]:
    rows = [*heldout["files"].items(), ("together", heldout["together"])]
    width = max(len(name) for name, _ in rows)
    head = f"{'Held-out text':<{width}}   masked    loss   right    pairs   next sentence"
    lines = [
        f"{name:<{width}} {one['tokens']:>8,} {one['loss']:>7.3f} {one['accuracy']:>7.1%} "
        f"{one['pairs'] or MISSING:>8} {_percent(one['next_accuracy']):>15}"
        for name, one in rows
    ]
    mean = f"Mean of the files, each counting alike: {heldout['mean_accuracy']:.1%} right."
    return [head, *lines, mean]


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{share:.1%}"


def _questions(answer: Answer) -> list[str]:
    lines = []
    if answer["cloze"]:
        cloze = answer["cloze"]
        lines.append(
            f"Blanks: a right word is the first answer to {cloze['top1']:.1%} of "
            f"{cloze['count']} sentences, and among the first five of {cloze['top5']:.1%}."
        )
    if answer["pairs"]:
        pairs = answer["pairs"]
        lines.append(
            f"Sensitive pairs: the answer follows the sentence in {pairs['share']:.1%} "
            f"of {pairs['count']}."
        )
    return lines


def _transfer(sets: Answer) -> list[str]:
    width = max(len("Fine-tuned"), *map(len, sets))
    head = f"{'Fine-tuned':<{width}}    rows  pretrained  random          gain   seed by seed"
    return [head] + [f"{name:<{width}} {_transfer_row(one)}" for name, one in sets.items()]


def _transfer_row(one: Answer) -> str:
    error = one["standard_error"]
    gain = f"{one['gain']:+.1f}" + ("" if error is None else f" ± {error:.1f}")
    seeds = ", ".join(
        f"{a:.1%} against {b:.1%}" for a, b in zip(one["pretrained"], one["random"], strict=True)
    )
    return (
        f"{one['rows']:>7,} {one['pretrained_mean']:>11.1%} {one['random_mean']:>7.1%} "
        f"{gain:>13}   {seeds}"
    )


def _misses(misses: Misses) -> list[str]:
    clozes, pairs = misses
    lines = []
    if clozes is not None:
        wrong = [one for one in clozes.answers if one.rank != 1]
        lines += [f"Blanks with another first answer ({len(wrong)}):", *map(_cloze, wrong)]
    if pairs is not None:
        missed = [one for one in pairs.answers if not one.is_hit]
        lines += [f"Pairs missed ({len(missed)}):", *map(_pair, missed)]
    return lines


def _cloze(answer: "ClozeAnswer") -> str:
    place = "not in the vocabulary" if answer.rank is None else f"rank {answer.rank}"
    return (
        f"  {answer.cloze.sentence}  {'|'.join(answer.cloze.answers)}: {place}; "
        f"it says {', '.join(answer.tokens)}"
    )


def _pair(answer: "PairAnswer") -> str:
    pair = answer.pair
    return (
        f"  {pair.first}  {pair.first_word} {answer.first_right:.1%}, "
        f"{pair.second_word} {answer.first_wrong:.1%}\n"
        f"  {pair.second}  {pair.second_word} {answer.second_right:.1%}, "
        f"{pair.first_word} {answer.second_wrong:.1%}"
    )
