"""What there is to notice about all heads in one sentence."""

from collections.abc import Sequence

from bertlab.inspection.attention import PATTERN_SHARE, HeadStatistics, Notice

NAMED = 3  # of the heads that show a pattern


def pattern_notices(
    statistics: Sequence[HeadStatistics], patterns: Sequence[Notice]
) -> tuple[str, ...]:
    """Name the clearest heads; where none shows a pattern, the one that comes nearest.

    Args:
        statistics: From `head_statistics`.
        patterns: What `describe` says of each.
    """
    clear = [pattern for pattern in patterns if pattern.pattern]
    if not clear:
        best = max(range(len(patterns)), key=lambda i: patterns[i].share)
        name = f"{statistics[best].layer}.{statistics[best].head}"
        return (
            f"No head shows one of the five simple patterns in this sentence. Head {name} comes "
            f"nearest. {patterns[best].detail} A pattern needs {PATTERN_SHARE:.0%} and twice as "
            "much as even weights.",
        )
    return (
        f"{len(clear)} of {len(patterns)} heads show one of five simple patterns in this "
        "sentence; the others do not.",
        *(one.text + "." for one in sorted(clear, key=lambda one: -one.share)[:NAMED]),
    )
