"""Checked examples: what a model learns from, and how they are kept on disk."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bertlab.datasets.labels.label_sets import split_labels
from bertlab.datasets.labels.problem_types import MULTI_LABEL, REGRESSION, SINGLE_LABEL
from bertlab.datasets.table import LeftOut
from bertlab.errors import TableError

_MAX_FIELD = 2**31 - 1  # the csv module's own limit of 131,072 characters would stop long texts


@dataclass(frozen=True)
class Examples:
    """Texts with their labels, one of each per example.

    Attributes:
        texts: The texts, exactly as in the file.
        pairs: The second texts, or None for tasks on one text.
        labels: The labels, stripped of white space.
        label_names: All labels there are, sorted; the place is the class's number. A part of a
            split keeps the names of the whole, so it may lack some of them.
        rows: The line of the file on which each example begins.
        left_out: Every row of the file that is not among the examples, with its reason.
        warnings: What else the user should know, as sentences.
        problem_type: What is predicted, one of `PROBLEM_TYPES`. Of several labels `labels` holds
            them joined ("art|film", or "" for none), of numbers each number as text; the one
            label name is then what the number is called.
        groups: What must stay on one side of a split, such as the customer of each row; "" for a
            row that belongs to none.
    """

    texts: tuple[str, ...]
    pairs: tuple[str, ...] | None
    labels: tuple[str, ...]
    label_names: tuple[str, ...]
    rows: tuple[int, ...]
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    problem_type: str = SINGLE_LABEL

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.texts)

    def counts(self) -> dict[str, int]:
        """Count the examples of each class, 0 included: `{"neg": 3, "pos": 0}`.

        An example of several labels counts for each of them; numbers have no classes.
        """
        if self.problem_type == REGRESSION:
            return {}
        found = Counter(name for names in self.label_sets() for name in names)
        return {name: found[name] for name in self.label_names}

    def label_sets(self) -> list[tuple[str, ...]]:
        """List the labels of each example: one, or of several labels any number of them."""
        if self.problem_type == MULTI_LABEL:
            return [split_labels(label) for label in self.labels]
        return [(label,) for label in self.labels]

    def shown_label(self, at: int) -> str:
        """Write an example's label for people: "art, food", or "none" of several labels."""
        if self.problem_type != MULTI_LABEL:
            return self.labels[at]
        return ", ".join(split_labels(self.labels[at])) or "none"

    def numbers(self) -> list[float]:
        """List the numbers to be predicted, of a table of numbers."""
        return [float(label) for label in self.labels]

    def subset(self, indices: Iterable[int]) -> "Examples":
        """Take some examples, in the order given; label names stay, notes on the file do not."""
        chosen = list(indices)
        return Examples(
            texts=tuple(self.texts[at] for at in chosen),
            pairs=None if self.pairs is None else tuple(self.pairs[at] for at in chosen),
            labels=tuple(self.labels[at] for at in chosen),
            label_names=self.label_names,
            rows=tuple(self.rows[at] for at in chosen),
            groups=None if self.groups is None else tuple(self.groups[at] for at in chosen),
            problem_type=self.problem_type,
        )

    def sample(self, most: int) -> "Examples":
        """Take examples from all over, at most so many: of 10 at most 4 are 0, 3, 6 and 9."""
        step = max(1, -(-len(self) // max(1, most)))
        return self.subset(range(0, len(self), step))


def save_examples(examples: Examples, path: Path) -> None:
    """Write examples as a UTF-8 CSV with the columns text, (pair,) label, row and (group).

    Everything is quoted, so that any text comes back exactly; nothing is escaped for spreadsheet
    programs, since this file is BertLab's own. The notes on the file are not kept.
    """
    names = ["text", "label", "row"]
    columns: list[Sequence[object]] = [examples.texts, examples.labels, examples.rows]
    if examples.pairs is not None:
        names.insert(1, "pair")
        columns.insert(1, examples.pairs)
    if examples.groups is not None:
        names.append("group")
        columns.append(examples.groups)
    # surrogatepass: half a character pair, as some programs write, is kept as it is
    with open(path, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(zip(*columns, strict=True))


def load_examples(
    path: Path,
    *,
    label_names: Sequence[str] | None = None,
    problem_type: str = SINGLE_LABEL,
) -> Examples:
    """Read what `save_examples` wrote.

    Args:
        path: The file.
        label_names: The names of the whole data set, for a part that may lack a class; by default
            the sorted labels of this file.
        problem_type: What is predicted, which the file does not say.

    Raises:
        TableError: the file is not there, or not written by `save_examples`.
    """
    csv.field_size_limit(_MAX_FIELD)
    try:
        with open(path, encoding="utf-8", errors="surrogatepass", newline="") as file:
            names, *rows = csv.reader(file, strict=True)
            columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
            return _from_columns(names, columns, label_names, problem_type)
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise TableError(
            f"{path} cannot be read as examples: {error}. It should be a CSV with the columns "
            "text, label and row, as BertLab writes it; delete the run and start it anew."
        ) from error


def _from_columns(
    names: Sequence[str],
    columns: dict[str, tuple[str, ...]],
    label_names: Sequence[str] | None,
    problem_type: str,
) -> Examples:
    needed = [name for name in names if name not in ("pair", "group")]
    if needed != ["text", "label", "row"]:
        raise ValueError(f"its columns are {', '.join(names)}")
    labels = columns.get("label", ())
    return Examples(
        texts=columns.get("text", ()),
        pairs=columns.get("pair", ()) if "pair" in names else None,
        labels=labels,
        label_names=tuple(sorted(set(labels)) if label_names is None else label_names),
        rows=tuple(map(int, columns.get("row", ()))),
        groups=columns.get("group", ()) if "group" in names else None,
        problem_type=problem_type,
    )
