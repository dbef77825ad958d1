"""What a split keeps in about the same shares: classes, rare labels, or ranges of numbers."""

from collections import Counter

import numpy as np

from bertlab.datasets.examples import Examples
from bertlab.datasets.labels.problem_types import MULTI_LABEL, REGRESSION

BINS = 10  # ranges of numbers


def strata(examples: Examples) -> list[str]:
    """Name the stratum of each example; each stratum is split in the same shares.

    Of single labels it is the label. Of several it is the rarest of them, which most needs to be
    on both sides: of `a|b` with more `a` than `b` it is `b` (after Sechidis et al. 2011, who take
    the rarest label first). Of numbers it is one of at most ten ranges with equally many rows.
    """
    if examples.problem_type == REGRESSION:
        return _ranges(examples.numbers())
    if examples.problem_type == MULTI_LABEL:
        counts = Counter(label for labels in examples.label_sets() for label in labels)
        return [
            min(labels, key=lambda label: (counts[label], label), default="")
            for labels in examples.label_sets()
        ]
    return list(examples.labels)


def _ranges(numbers: list[float]) -> list[str]:
    """At most ten, and none with fewer than three rows where it can be helped."""
    values = np.asarray(numbers)
    count = max(1, min(BINS, len(values) // 3))
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1]))
    return [str(number) for number in np.searchsorted(edges, values, side="right")]
