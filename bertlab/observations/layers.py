"""What there is to notice when the masked-LM head is asked at every layer."""

from collections.abc import Sequence

from bertlab.inspection.layers import DepthAnswer, depth_name, settled_from

CLIMBS_TO = 10  # a hidden word has arrived when it is among the first ten
CLIMBS_BY = 10  # and was at least ten times farther down at the embedding


def lens_notices(
    answers: Sequence[DepthAnswer],
    *,
    position: int,
    is_hidden: bool,
    vocabulary: int,
    agreements: Sequence[int],
    counted: int,
) -> tuple[str, ...]:
    """Say what is true of one token's answers by layer, and how many tokens agree.

    Args:
        answers: From `read_depths`.
        position: The token.
        is_hidden: Whether the watched token is the one that the mask at `position` hides.
        vocabulary: How many tokens there are to answer with.
        agreements: For each depth, how many tokens have the last layer's answer.
        counted: Of how many.
    """
    last = answers[-1]
    watched = _watched(answers, position, vocabulary, is_hidden)
    settled = settled_from(answers)
    answer = last.predictions[0].token
    since = (
        f"from {_after(settled)} on"
        if settled < len(answers) - 1
        else f"only after {depth_name(settled)}"
    )
    found = [watched, f"At position {position} the first answer is “{answer}” {since}."]
    if counted and len(agreements) > 1:
        counts = ", ".join(
            f"{count} after {depth_name(depth)}" if depth else f"{count} at the embedding"
            for depth, count in enumerate(agreements[:-1])
        )
        found.append(f"Of {counted} tokens, these have the last layer's first answer: {counts}.")
    return tuple(found)


def _watched(
    answers: Sequence[DepthAnswer], position: int, vocabulary: int, is_hidden: bool
) -> str:
    """Where the watched token begins and ends; that it climbs only where it was hidden."""
    first, last = answers[0].watched, answers[-1]
    token, place = last.watched.token, depth_name(last.depth)
    start = f"rank {first.rank:,} at the embedding"
    end = f"rank {last.watched.rank:,} after {place}"
    if is_hidden and climbs(answers):
        return f"The hidden word “{token}” climbs from {start} to {end}."
    return f"At position {position} “{token}” has {start} and {end}, of {vocabulary:,}."


def climbs(answers: Sequence[DepthAnswer]) -> bool:
    """Whether the watched token ends among the first ten and began ten times farther down."""
    start, end = answers[0].watched.rank, answers[-1].watched.rank
    return end <= CLIMBS_TO and start >= CLIMBS_BY * end


def _after(depth: int) -> str:
    return depth_name(depth) if depth else "the embedding"
