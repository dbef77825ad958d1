"""A table to examples: what cannot be learned from is left out, counted and named."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bertlab.datasets.columns import Columns, check_columns, label_candidates
from bertlab.datasets.conflicts import conflicts
from bertlab.datasets.duplicates.exact import exact_duplicates
from bertlab.datasets.examples import Examples
from bertlab.datasets.labels.checks import (
    clean_label,
    merge_warnings,
    refuse_label_sets,
    refuse_labels,
    warn_of_counts,
    warn_of_sets,
)
from bertlab.datasets.labels.label_columns import read_labels
from bertlab.datasets.labels.label_sets import JOINT, split_labels, with_marks
from bertlab.datasets.labels.problem_types import MULTI_LABEL, REGRESSION, SINGLE_LABEL
from bertlab.datasets.limits import LONG_TEXT_TOKENS, MAX_CELL_CHARACTERS
from bertlab.datasets.table import LeftOut, Table, excerpt_of, name_rows, shown
from bertlab.errors import TableError

_SHORT = 50  # only a short cell is searched for characters that nobody sees


@dataclass(frozen=True)
class _Row:
    """One row of the chosen columns.

    `raw_label` is the label as it stands in the file; `problem` says why it cannot be used.
    """

    line: int
    text: str
    pair: str | None
    label: str
    problem: str
    raw_label: str
    group: str


def check_examples(
    table: Table,
    columns: Columns,
    *,
    for_training: bool = True,
    label_map: Mapping[str, str] | None = None,
) -> Examples:
    """Check a table's chosen columns and make examples of its rows.

    Rows `["good", "pos"], ["", "pos"], ["good", "pos"], ["bad", "neg"]` give two examples; the
    second row is left out as empty, the third as a repetition of the first. What the reading left
    out and warned of is carried on, so that the result tells of every row of the file.

    Args:
        table: What `read_table` returned.
        columns: Which columns to use.
        for_training: False for a validation or test file of one's own, which may hold one class.
        label_map: New names of some labels, as `label_map.py` makes them; "" takes one out.

    Raises:
        TableError: a column is missing, or there are no rows, one class or far too many labels.
    """
    check_columns(table, columns)
    if columns.marks:
        table, label = with_marks(table, columns.marks)
        columns = replace(columns, label=label, marks=(), sign=JOINT)
    rows = list(_rows(table, columns, label_map or {}))
    others = [name for name in label_candidates(table) if name not in _chosen(columns)]
    if for_training:
        _refuse([row.label for row in rows if not row.problem], columns, others)
    kept, left_out = _leave_out(rows)
    if not kept:
        raise TableError(_nothing_left(left_out, columns))
    in_order = sorted((*table.left_out, *left_out), key=lambda entry: entry.row)
    examples = _examples(kept, tuple(in_order), columns)
    if for_training:
        _refuse_one_answer(examples, columns, others)
    warnings = [*table.warnings, *_label_warnings(kept, examples, for_training=for_training)]
    warnings += [*_two_labels(examples), *_alike(examples), *_long_texts(kept)]
    return replace(examples, warnings=tuple(warnings))


def _refuse(labels: Sequence[str], columns: Columns, others: Sequence[str]) -> None:
    """Refuse a column that holds no labels; any numbers can be predicted."""
    if columns.problem_type == SINGLE_LABEL:
        refuse_labels(labels, columns.label, others)
    if columns.problem_type == MULTI_LABEL:
        refuse_label_sets([split_labels(label) for label in labels], columns.label)


def _refuse_one_answer(examples: Examples, columns: Columns, others: Sequence[str]) -> None:
    """Refuse a table in which the answer is always the same."""
    if len(set(examples.labels)) == 1:
        raise TableError(_one_class(examples, columns, others))


def _label_warnings(
    kept: Sequence[_Row], examples: Examples, *, for_training: bool
) -> Iterator[str]:
    if examples.problem_type == SINGLE_LABEL:
        yield from merge_warnings([(row.raw_label, row.label) for row in kept])
        if for_training:
            yield from warn_of_counts(examples.counts())
    if examples.problem_type == MULTI_LABEL and for_training:
        yield from warn_of_sets(examples.label_sets(), examples.counts())


def _chosen(columns: Columns) -> tuple[str | None, ...]:
    return columns.text, columns.pair, columns.label, columns.group


def _rows(table: Table, columns: Columns, label_map: Mapping[str, str]) -> Iterator[_Row]:
    texts = table.frame[columns.text].tolist()
    pairs = [None] * len(texts) if columns.pair is None else table.frame[columns.pair].tolist()
    raw_labels = table.frame[columns.label].tolist()
    labels, problems = zip(*_read_labels(raw_labels, columns, label_map), strict=True)
    groups = [""] * len(texts) if columns.group is None else table.frame[columns.group].tolist()
    columns_of_rows = (table.row_numbers, texts, pairs, labels, problems, raw_labels, groups)
    for row in zip(*columns_of_rows, strict=True):
        yield _Row(*row)


def _read_labels(
    cells: Sequence[str], columns: Columns, label_map: Mapping[str, str]
) -> list[tuple[str, str]]:
    return read_labels(cells, columns.problem_type, label_map, sign=columns.sign)


def _leave_out(rows: Sequence[_Row]) -> tuple[list[_Row], list[LeftOut]]:
    """Part the rows to learn from from the others; of equal rows the first is kept."""
    kept: list[_Row] = []
    left_out: list[LeftOut] = []
    lines: dict[tuple[str, str | None, str], int] = {}
    for row in rows:
        key = (row.text, row.pair, row.label)
        reason = _problem(row)
        if not reason and key in lines:
            reason = f"it has the same text and label as line {lines[key]:,}"
        if reason:
            excerpt = excerpt_of(row.text) or excerpt_of(row.raw_label)
            left_out.append(LeftOut(row.line, reason, excerpt))
        else:
            lines[key] = row.line
            kept.append(row)
    return kept, left_out


def _problem(row: _Row) -> str:
    """Say why a row cannot be learned from, or ""."""
    for name, cell in (("text", row.text), ("second text", row.pair)):
        if cell is None:
            continue
        if not cell.strip() or (len(cell) < _SHORT and not clean_label(cell)):
            return f"the {name} is empty"
        if len(cell) > MAX_CELL_CHARACTERS:
            return f"the {name} has {len(cell):,} characters; at most {MAX_CELL_CHARACTERS:,} fit"
    return row.problem


def _examples(rows: Sequence[_Row], left_out: tuple[LeftOut, ...], columns: Columns) -> Examples:
    has_pairs = rows[0].pair is not None
    has_groups = columns.group is not None
    return Examples(
        texts=tuple(row.text for row in rows),
        pairs=tuple(row.pair or "" for row in rows) if has_pairs else None,
        labels=tuple(row.label for row in rows),
        label_names=_label_names([row.label for row in rows], columns),
        rows=tuple(row.line for row in rows),
        left_out=left_out,
        groups=tuple(row.group.strip() for row in rows) if has_groups else None,
        problem_type=columns.problem_type,
    )


def _label_names(labels: Sequence[str], columns: Columns) -> tuple[str, ...]:
    if columns.problem_type == REGRESSION:
        return (columns.label,)
    if columns.problem_type == MULTI_LABEL:
        return tuple(sorted({name for label in labels for name in split_labels(label)}))
    return tuple(sorted(set(labels)))


def _nothing_left(left_out: Sequence[LeftOut], columns: Columns) -> str:
    reason, count = Counter(entry.reason for entry in left_out).most_common(1)[0]
    first = next(entry.row for entry in left_out if entry.reason == reason)
    return (
        f"No row can be used: text column {shown(columns.text)}, label column "
        f"{shown(columns.label)}. In {count:,} of {len(left_out):,} rows {reason} (first: line "
        f"{first:,}). Choose other columns, or correct the file."
    )


def _one_class(examples: Examples, columns: Columns, others: Sequence[str]) -> str:
    other = f" Perhaps {shown(others[0])} holds the labels." if others else ""
    if columns.problem_type == REGRESSION:
        return (
            f"All {len(examples):,} rows have the number {examples.labels[0]} (column "
            f"{shown(columns.label)}), so there is nothing to predict. Choose another column."
        )
    if columns.problem_type == MULTI_LABEL:
        return (
            f"All {len(examples):,} rows have the same labels (column {shown(columns.label)}), so "
            "there is nothing to tell apart. Add rows with others, or choose another column."
        )
    return (
        f"All {len(examples):,} rows have the label {shown(examples.label_names[0])} (column "
        f"{shown(columns.label)}). A classifier needs at least two classes: add rows of another, "
        f"or choose another label column.{other}"
    )


def _two_labels(examples: Examples) -> list[str]:
    """Warn of texts that have two labels: they are kept, as people do disagree."""
    torn = conflicts(examples)
    if not torn:
        return []
    lines = name_rows(row for conflict in torn for row in conflict.rows)
    what = "One text has" if len(torn) == 1 else f"{len(torn):,} texts have"
    kinds = {
        SINGLE_LABEL: "more than one label",
        MULTI_LABEL: "different labels in different rows",
        REGRESSION: "different numbers in different rows",
    }
    return [f"{what} {kinds[examples.problem_type]} ({lines}); all are kept. Decide for one."]


def _alike(examples: Examples) -> list[str]:
    """Tell of texts that are nearly the same: they could give the test away."""
    groups = exact_duplicates(examples)
    if not groups:
        return []
    count = sum(map(len, groups))
    lines = name_rows(examples.rows[at] for group in groups for at in group)
    return [
        f"{count:,} texts differ from another one in case, white space or punctuation only "
        f"({lines}); such texts stay on one side of the split."
    ]


def _long_texts(rows: Sequence[_Row]) -> list[str]:
    tokens = {row.line: _least_tokens(row.text) for row in rows if len(row.text) > LONG_TEXT_TOKENS}
    long = [line for line, count in tokens.items() if count > LONG_TEXT_TOKENS]
    if not long:
        return []
    what = "One text is" if len(long) == 1 else f"{len(long):,} texts are"
    return [
        f"{what} longer than BERT's 512 tokens ({name_rows(long)}): BERT reads no more at once."
    ]


def _least_tokens(text: str) -> int:
    """Count what WordPiece gives at least: one token a word, one a Chinese character."""
    ideographs = sum("\u4e00" <= character <= "\u9fff" for character in text)
    return max(ideographs, len(text.split()))
