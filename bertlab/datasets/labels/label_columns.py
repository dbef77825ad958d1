"""A label column to the labels of each row, by what is to be predicted."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bertlab.datasets.labels.checks import clean_label
from bertlab.datasets.labels.label_sets import (
    commonest_separator,
    join_labels,
    read_label_set,
    safe_name,
)
from bertlab.datasets.labels.numbers import decimal_sign, read_number, write_number
from bertlab.datasets.labels.problem_types import MULTI_LABEL, REGRESSION
from bertlab.datasets.limits import MAX_LABEL_CHARACTERS
from bertlab.datasets.table import shown

Read = tuple[str, str]  # the label as it is used, and why the row cannot be used ("" if it can)


def found_sign(cells: Sequence[str], problem_type: str) -> str:
    """Find the sign that a label column is read with: between labels, or before fractions.

    Of several labels `["a;b", "a"]` give ";", of numbers `["0,5", "2"]` ","; of one label "".
    """
    if problem_type == MULTI_LABEL:
        return commonest_separator([cell.strip() for cell in cells if cell.strip()])
    return decimal_sign(cells) if problem_type == REGRESSION else ""


def read_labels(
    cells: Sequence[str],
    problem_type: str,
    label_map: Mapping[str, str],
    *,
    sign: str | None = None,
) -> list[Read]:
    """Read a column: for each cell its label, or why there is none.

    Of single labels `[" pos ", ""]` gives `[("pos", ""), ("", "the label is empty")]`; of several
    labels `["film|art", ""]` gives `[("art|film", ""), ("", "")]`, as no label is an answer too;
    of numbers `["4,50", "good"]` gives `[("4.5", ""), ("", "the label “good” is no number")]`.

    Args:
        cells: As they stand in the file.
        problem_type: One of `PROBLEM_TYPES`.
        label_map: New names of labels; "" takes one out.
        sign: Between labels or before fractions; None to find it.
    """
    sign = found_sign(cells, problem_type) if sign is None else sign
    read = _reader(problem_type, label_map, sign)
    return [read(cell) for cell in cells]


def _reader(problem_type: str, label_map: Mapping[str, str], sign: str) -> Callable[[str], Read]:
    if problem_type == REGRESSION:
        return lambda cell: _number(cell, sign)
    if problem_type == MULTI_LABEL:
        return lambda cell: _label_set(cell, sign, label_map)
    return lambda cell: _single(cell, label_map)


def _single(cell: str, label_map: Mapping[str, str]) -> Read:
    was = clean_label(cell)
    label = label_map.get(was, was)
    if not label:
        return "", f"the label {shown(was)} was taken out" if was else "the label is empty"
    return label, _too_long([label])


def _label_set(cell: str, separator: str, label_map: Mapping[str, str]) -> Read:
    read = read_label_set(cell, separator)
    renamed = {safe_name(label_map.get(label, label)) for label in read}
    labels = sorted(renamed - {""})
    if read and not labels:
        return "", f"every label of it was taken out ({shown(', '.join(read))})"
    return join_labels(labels), _too_long(labels)


def _number(cell: str, sign: str) -> Read:
    if not cell.strip():
        return "", "the label is empty"
    number = read_number(cell, sign)
    if number is None:
        return "", f"the label {shown(cell.strip())} is no number"
    return write_number(number), ""


def _too_long(labels: Iterable[str]) -> str:
    longest = max(map(len, labels), default=0)
    if longest <= MAX_LABEL_CHARACTERS:
        return ""
    return f"the label has {longest:,} characters; at most {MAX_LABEL_CHARACTERS} fit"
