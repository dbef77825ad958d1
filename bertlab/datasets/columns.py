"""Which column holds the text and which the label: by their names, then by what is in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bertlab.datasets.column_names import (
    LABEL_NAMES,
    PAIR_NAMES,
    TEXT_NAMES,
    is_other_name,
    name_rank,
    plain_name,
)
from bertlab.datasets.labels.label_columns import found_sign
from bertlab.datasets.labels.problem_types import GUESSED_FROM, SINGLE_LABEL, guess_problem_type
from bertlab.datasets.limits import MAX_LABELS
from bertlab.datasets.table import Table, shown
from bertlab.errors import TableError

_DATE = re.compile(r"\d{1,4}([-/.年])\d{1,2}([-/.月])\d{1,4}日?([ T].*)?|\d{1,2}:\d{2}(:\d{2})?")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")


@dataclass(frozen=True)
class Columns:
    """The names of the columns to learn from.

    Attributes:
        text: The text, or the first of two.
        label: What is to be predicted.
        pair: The second text, for tasks on two sentences.
        group: Whose rows stay on one side of the split: a customer, a document, an author.
        problem_type: What the label column holds, one of `PROBLEM_TYPES`.
        marks: Columns of 0 and 1, each a label; they take the label column's place.
        sign: What the label column is read with, see `found_sign`; None to find it out.
    """

    text: str
    label: str
    pair: str | None = None
    group: str | None = None
    problem_type: str = SINGLE_LABEL
    marks: tuple[str, ...] = ()
    sign: str | None = None


def guess_columns(table: Table) -> Columns:
    """Guess the text and the label column; a second text only where the names say so.

    `评论内容, 情感标签, 日期` gives the first two. Without telling names the text is the column of
    long, varied cells and the label the one of few, repeated values. Whether its cells are
    single labels, sets of labels or numbers is guessed too.
    """
    names = [str(name) for name in table.frame.columns]
    first, second = _named_pair(names)
    text = first or _text_column(table, names)
    others = [name for name in names if name not in (text, second)]
    label = _label_column(table, others or names)
    return Columns(
        text, label, second, problem_type=guess_problem_type(_cells(table, label), label)
    )


def check_columns(table: Table, columns: Columns) -> None:
    """Hold that the chosen columns are there and differ.

    Raises:
        TableError: one is not in the table, or one is chosen twice.
    """
    names = [str(name) for name in table.frame.columns]
    label = columns.marks or (columns.label,)
    named = (columns.text, columns.pair, *label, columns.group)
    chosen = [name for name in named if name is not None]
    for name in chosen:
        if name not in names:
            listed = ", ".join(map(shown, names[:20]))
            raise TableError(f"There is no column {shown(name)}. The table has: {listed}.")
    if len(set(chosen)) < len(chosen):
        twice = next(name for name in chosen if chosen.count(name) > 1)
        raise TableError(
            f"The column {shown(twice)} is chosen twice. "
            "Choose different columns for the text and the label."
        )


def with_sign(table: Table, columns: Columns) -> Columns:
    """Settle what the label column is read with, so that other files are read in the same way.

    Of several labels `a;b` the sign is ";", of numbers `0,5` it is ",".
    """
    if columns.marks or columns.sign is not None or columns.label not in table.frame.columns:
        return columns
    cells = table.frame[columns.label].tolist()
    return replace(columns, sign=found_sign(cells, columns.problem_type))


def label_candidates(table: Table) -> tuple[str, ...]:
    """Name the columns that could hold labels, the most likely first."""
    scored = [(_label_score(name, _cells(table, name)), name) for name in table.frame.columns]
    return tuple(str(name) for score, name in sorted(scored, key=lambda pair: -pair[0]) if score)


def label_position(columns: Sequence[Sequence[str]]) -> int:
    """Return which of some nameless columns holds the labels: the one of few, repeated values."""
    scores = [(_label_score("", cells), -sum(map(len, cells))) for cells in columns]
    return max(range(len(scores)), key=lambda at: scores[at])  # a tie goes to the shorter cells


def _named_pair(names: Sequence[str]) -> tuple[str | None, str | None]:
    by_plain = {plain_name(name): name for name in names}
    for first, second in PAIR_NAMES:
        if first in by_plain and second in by_plain:
            return by_plain[first], by_plain[second]
    return None, None


def _by_name(names: Sequence[str], known: tuple[str, ...]) -> str | None:
    ranked = [(rank, name) for name in names if (rank := name_rank(name, known)) is not None]
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _text_column(table: Table, names: Sequence[str]) -> str:
    exact_label = [name for name in names if plain_name(name) in LABEL_NAMES]
    named = _by_name([name for name in names if name not in exact_label], TEXT_NAMES)
    if named is not None:
        return named
    return max(names, key=lambda name: _text_score(name, _cells(table, name)))


def _label_column(table: Table, names: Sequence[str]) -> str:
    named = _by_name(names, LABEL_NAMES)
    if named is not None:
        return named
    return max(names, key=lambda name: _label_score(name, _cells(table, name)))


def _cells(table: Table, name: str) -> list[str]:
    return [cell for cell in map(str.strip, table.frame[name].iloc[:GUESSED_FROM]) if cell]


def _text_score(name: str, cells: Sequence[str]) -> float:
    """Score a column as text: its mean length times the share of different cells.

    Chinese says in one character what takes English four, and texts hold several words.
    """
    if not cells or is_other_name(name) or _share(_DATE, cells) > 0.9:
        return 0.0
    length = sum(map(len, cells)) / len(cells)
    return length * len(set(cells)) / len(cells) * (1 - 0.9 * _share(_NUMBER, cells))


def _label_score(name: str, cells: Sequence[str]) -> float:
    """Score a column as labels: from 0 (impossible) to 1 (few values, each often)."""
    different = len(set(cells))
    if not 2 <= different <= MAX_LABELS or is_other_name(name) or _share(_DATE, cells) > 0.9:
        return 0.0
    repeated = 1 - different / len(cells)
    length = sum(map(len, cells)) / len(cells)
    return repeated / (1 + length / 50)


def _share(pattern: re.Pattern[str], cells: Sequence[str]) -> float:
    return sum(pattern.fullmatch(cell) is not None for cell in cells) / len(cells)
