"""Fewer rows of a table than it has, drawn at random."""

from dataclasses import replace

import numpy as np

from bertlab.datasets.examples import Examples
from bertlab.datasets.labels.problem_types import REGRESSION
from bertlab.datasets.table import shown
from bertlab.errors import TableError

SEED = 0  # the same rows each time, so that two runs on them can be compared


def subsample(examples: Examples, rows: int) -> Examples:
    """Draw rows at random, in the order of the table; fewer examples than that come back as is.

    Of 2,000 rows at most 500: 500, the same ones at each call. Every second row would not do: in
    a table of "pos", "neg", "pos", "neg" one class would be lost. A label without a row left is
    no class any more.

    Args:
        examples: From `check_examples`.
        rows: At least 1.

    Raises:
        TableError: all rows that are drawn have the same label.
    """
    if len(examples) <= rows:
        return examples
    chosen = np.random.default_rng(SEED).permutation(len(examples))[:rows]
    drawn = examples.subset(sorted(chosen.tolist()))
    if len(set(drawn.labels)) == 1:
        raise TableError(
            f"Of {len(examples):,} rows {rows:,} may be used here, and a random draw of so few has "
            f"one label alone ({shown(drawn.shown_label(0))}). Bring a table with more rows of the "
            "others."
        )
    if examples.problem_type == REGRESSION:
        return drawn
    names = tuple(name for name, count in drawn.counts().items() if count)
    return replace(drawn, label_names=names)
