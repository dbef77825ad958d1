"""What is predicted of a text: one label, any number of labels, or a number.

The names are those of `problem_type` in transformers' model configurations.
"""

from collections.abc import Sequence

import pandas as pd

from bertlab.datasets.column_names import is_other_name
from bertlab.datasets.labels.label_sets import find_separator, read_label_set
from bertlab.datasets.labels.numbers import decimal_sign, read_number
from bertlab.datasets.limits import MAX_LABELS

SINGLE_LABEL = "single_label_classification"
MULTI_LABEL = "multi_label_classification"
REGRESSION = "regression"
PROBLEM_TYPES = (SINGLE_LABEL, MULTI_LABEL, REGRESSION)

GUESSED_FROM = 2_000  # rows: enough to tell what a column holds
_NUMBERS = 0.95  # share of the cells that must be numbers
_MOST_GRADES = 20  # different whole numbers that are still taken for classes, such as stars
_MOST_FRACTIONS = 5  # the same for numbers with a fraction


def problem_type_of(frame: pd.DataFrame, column: str) -> str:
    """Guess what a table's label column holds, from its first rows."""
    return guess_problem_type(frame[column].iloc[:GUESSED_FROM].tolist(), column)


def guess_problem_type(cells: Sequence[str], name: str = "") -> str:
    """Guess from the cells of a label column what is to be predicted.

    `["pos", "neg"]` and `["1", "5", "3"]` are single labels, `["art|film", "film", "art"]` sets of
    them, `["0.25", "1.5", "0.75", "3.1", "2.2", "0.1"]` numbers.

    Args:
        cells: As they stand in the file; empty ones say nothing.
        name: Of the column; one called "id" or "date" holds nothing to predict.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or is_other_name(name):
        return SINGLE_LABEL
    if _are_measured(filled):
        return REGRESSION
    return MULTI_LABEL if _are_sets(filled) else SINGLE_LABEL


def _are_sets(cells: Sequence[str]) -> bool:
    """Whether cells combine labels: there are fewer labels than combinations of them.

    Not so `["arts, film", "sport"]`: two names, one of which has a comma.
    """
    separator = find_separator(cells)
    labels = {label for cell in cells for label in read_label_set(cell, separator)}
    return bool(separator) and len(labels) < len(set(cells))


def _are_ids(numbers: Sequence[float]) -> bool:
    """Whether whole numbers are the ids of classes: 0 to 76, or 1 to 77, each several times."""
    different = sorted(set(numbers))
    are_counted = different[0] in (0, 1) and different[-1] - different[0] == len(different) - 1
    return are_counted and len(different) <= MAX_LABELS and len(numbers) >= 2 * len(different)


def _are_measured(cells: Sequence[str]) -> bool:
    """Whether cells are numbers of a scale, rather than classes that are called 0, 1 and 2."""
    sign = decimal_sign(cells)
    read = [read_number(cell, sign) for cell in cells]
    numbers = [number for number in read if number is not None]
    if len(numbers) < _NUMBERS * len(cells):
        return False
    are_whole = all(number.is_integer() for number in numbers)
    if are_whole and _are_ids(numbers):
        return False
    return len(set(numbers)) > (_MOST_GRADES if are_whole else _MOST_FRACTIONS)
