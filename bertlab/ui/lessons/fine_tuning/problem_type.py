"""Fine-tuning, first part: what is predicted of a text, and from which columns."""

from dataclasses import replace

import streamlit as st

from bertlab.datasets import (
    MULTI_LABEL,
    PROBLEM_TYPES,
    REGRESSION,
    SINGLE_LABEL,
    Columns,
    Table,
    mark_columns,
)

TITLES = {
    SINGLE_LABEL: "one label",
    MULTI_LABEL: "any number of labels",
    REGRESSION: "a number",
}
NOTES = {
    MULTI_LABEL: "A cell holds labels with a sign such as ; , 、 or / between them, or each "
    "label has a column of 0 and 1. The head answers each label by itself, with a sigmoid.",
    REGRESSION: "Such as stars or a price. The head gives one number and learns from the squared "
    "error; rows whose label is no number are left out.",
}


def choose_problem(table: Table, columns: Columns, *, key: str) -> Columns:
    """Draw the choice of what is predicted; the guess stands first.

    Args:
        table: What the columns are of.
        columns: As chosen so far; the label column's cells have been guessed about.
        key: Of the file and its label column: another one starts from its own guess.

    Returns:
        The columns with `problem_type` and, of several 0/1 columns, `marks`.
    """
    chosen = st.segmented_control(
        "Each text gets", list(PROBLEM_TYPES), format_func=TITLES.__getitem__, required=True,
        default=columns.problem_type, key=f"finetune_problem_{key}", persist_state="session",
        help="One label is the usual case: positive or negative, a topic, a language.",
    )  # fmt: skip
    columns = replace(columns, problem_type=str(chosen))
    if chosen in NOTES:
        st.markdown(NOTES[str(chosen)])
    return _choose_marks(table, columns, key) if chosen == MULTI_LABEL else columns


def _choose_marks(table: Table, columns: Columns, key: str) -> Columns:
    """Offer columns of 0 and 1 where the table has any beside the text."""
    names = [name for name in mark_columns(table) if name != columns.text]
    if not names:
        return columns
    is_one = columns.label in names  # else the label column holds the sets
    marks = st.multiselect(
        "Columns of 0 and 1, each a label", names, names if is_one and len(names) > 1 else [],
        key=f"finetune_marks_{key}", persist_state="session",
        placeholder="none: the label column holds the labels",
    )  # fmt: skip
    if not marks:
        return columns
    group = None if columns.group in marks else columns.group
    return replace(columns, marks=tuple(marks), label=marks[0], group=group)
