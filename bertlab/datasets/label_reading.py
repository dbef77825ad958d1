"""A label column to the labels of each row, by what is to be predicted."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from bertlab.datasets.label_sets import commonest_separator, join_labels, read_label_set
from bertlab.datasets.labels import clean_label
from bertlab.datasets.limits import MAX_LABEL_CHARACTERS
from bertlab.datasets.numbers import read_number, write_number
from bertlab.datasets.problem_types import MULTI_LABEL, REGRESSION
from bertlab.datasets.table import shown

Read = tuple[str, str]  # the label as it is used, and why the row cannot be used ("" if it can)


def read_labels(
    cells: Sequence[str], problem_type: str, label_map: Mapping[str, str]
) -> list[Read]:
    """Read a column: for each cell its label, or why there is none.

    Of single labels `[" pos ", ""]` gives `[("pos", ""), ("", "the label is empty")]`; of several
    labels `["film|art", ""]` gives `[("art|film", ""), ("", "")]`, as no label is an answer too;
    of numbers `["4,50", "good"]` gives `[("4.5", ""), ("", "the label “good” is no number")]`.

    Args:
        cells: As they stand in the file.
        problem_type: One of `PROBLEM_TYPES`.
        label_map: New names of labels; "" takes one out.
    """
    read = _reader(cells, problem_type, label_map)
    return [read(cell) for cell in cells]


def _reader(
    cells: Sequence[str], problem_type: str, label_map: Mapping[str, str]
) -> Callable[[str], Read]:
    if problem_type == REGRESSION:
        return _number
    if problem_type == MULTI_LABEL:
        separator = commonest_separator([cell.strip() for cell in cells if cell.strip()])
        return lambda cell: _label_set(cell, separator, label_map)
    return lambda cell: _single(cell, label_map)


def _single(cell: str, label_map: Mapping[str, str]) -> Read:
    was = clean_label(cell)
    label = label_map.get(was, was)
    if not label:
        return "", f"the label {shown(was)} was taken out" if was else "the label is empty"
    return label, _too_long([label])


def _label_set(cell: str, separator: str, label_map: Mapping[str, str]) -> Read:
    read = read_label_set(cell, separator)
    labels = sorted({name for label in read if (name := label_map.get(label, label))})
    if read and not labels:
        return "", f"every label of it was taken out ({shown(', '.join(read))})"
    return join_labels(labels), _too_long(labels)


def _number(cell: str) -> Read:
    if not cell.strip():
        return "", "the label is empty"
    number = read_number(cell)
    if number is None:
        return "", f"the label {shown(cell.strip())} is no number"
    return write_number(number), ""


def _too_long(labels: Iterable[str]) -> str:
    longest = max(map(len, labels), default=0)
    if longest <= MAX_LABEL_CHARACTERS:
        return ""
    return f"the label has {longest:,} characters; at most {MAX_LABEL_CHARACTERS} fit"
