"""What whoever runs the app allows a run to take: told, and held before Start."""

from collections.abc import Mapping

import streamlit as st

from bertlab.datasets import Examples
from bertlab.datasets.limits import MIN_TRAIN_TEXTS
from bertlab.datasets.splitting.subsample import subsample
from bertlab.errors import InputError
from bertlab.runs.limits import FINETUNING, limits

FEWEST = MIN_TRAIN_TEXTS + 2  # that can be split in three


def within_rows(examples: Examples, *, brought: int) -> Examples:
    """As many rows as a run may take here; of a larger table a part, with a word about it.

    Args:
        examples: Of the table.
        brought: Rows of the student's own validation and test files, which count as well.

    Raises:
        InputError: The files alone have more than that, or the limits cannot be read.
    """
    most = limits().rows
    left = most - brought
    if len(examples) <= left:
        return examples
    if left < FEWEST:
        raise InputError(
            f"Here a run may take {most:,} rows, and your own validation and test files have "
            f"{brought:,} of them. Bring smaller ones."
        )
    st.warning(
        f"The table has {len(examples):,} rows; here a run may take {most:,}. {left:,} of them, "
        "drawn at random, are used; the others are left out. It is the same draw each time.",
        icon=":material/content_cut:",
    )
    return _drawn(examples, left)


def tell_limits(names: Mapping[str, str] = FINETUNING) -> None:
    """One line, where whoever runs the app has set any limit.

    Args:
        names: Of the limits that hold, FINETUNING or PRETRAINING.
    """
    told = limits().describe(names)
    if told:
        st.markdown(f"**Set for this class:** {told}.")


def _drawn(examples: Examples, rows: int) -> Examples:
    """The same object while neither changes: what is computed of it is kept by its identity."""
    kept = st.session_state.get("finetune_drawn")
    if kept is None or kept[0] is not examples or kept[1] != rows:
        kept = (examples, rows, subsample(examples, rows))
        st.session_state["finetune_drawn"] = kept
    drawn: Examples = kept[2]
    return drawn
