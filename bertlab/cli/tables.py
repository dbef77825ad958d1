"""From files to the three parts of a run's data, with every row that is left out told."""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from bertlab.errors import InputError, TableError

if TYPE_CHECKING:
    from bertlab.datasets import Columns, Examples, LeftOut, Split, Table

Tell = Callable[[str], None]

MOST_LINES = 100  # line numbers told for one reason


def fraction_or_file(text: str) -> float | Path:
    """Read `--validation` and `--test`: `"0.1"` is a share, `"held_out.csv"` a file."""
    try:
        return float(text)
    except ValueError:
        return Path(text)


def share_of(part: float | Path) -> float:
    """The share to split off: 0 where the user brings a file."""
    return 0.0 if isinstance(part, Path) else part


def read_split(arguments: argparse.Namespace, tell: Tell) -> "Split":
    """Read the table and the user's own parts, and tell what was found in them.

    Args:
        arguments: Of `bertlab finetune`.
        tell: Takes one sentence at a time.

    Raises:
        TableError: A file cannot be read, or nothing can be learned from it.
    """
    from bertlab.datasets import check_examples, split_examples, with_own_parts

    how = {"encoding": arguments.encoding, "sheet": arguments.sheet}
    table = _read(Path(arguments.table), **how)
    columns = _choose_columns(table, arguments)
    tell(_name_problem(columns))
    examples = check_examples(table, columns)
    tell(_name_columns(arguments.table, columns))
    _tell_examples(examples, arguments.table, tell)
    split = split_examples(
        examples,
        validation=share_of(arguments.validation),
        test=share_of(arguments.test),
        seed=arguments.seed,
    )
    own = {
        name: _own_part(part, columns, tell)
        for name, part in (("validation", arguments.validation), ("test", arguments.test))
        if isinstance(part, Path)
    }
    if own:
        split = with_own_parts(split, **own)
        for name, part in (
            ("training", split.train),
            *((name, getattr(split, name)) for name in own),
        ):
            _tell_left_out(part.left_out, f"the {name} part", tell)
    for warning in split.warnings:
        tell(warning)
    return split


def _read(path: Path, **how: str | None) -> "Table":
    from bertlab.datasets import read_table

    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}.") from error
    return read_table(data, filename=path.name, **how)


def _choose_columns(table: "Table", arguments: argparse.Namespace) -> "Columns":
    """The named columns; those not named are guessed."""
    from bertlab.datasets import Columns, guess_columns, with_sign

    guess = guess_columns(table)
    marks = tuple(arguments.label_columns or ())
    label = marks[0] if marks else arguments.label_column or guess.label
    columns = Columns(
        text=arguments.text_column or guess.text,
        label=label,
        pair=arguments.pair_column or (None if arguments.text_column else guess.pair),
        group=arguments.group_column,
        problem_type=_problem_type(table, label, arguments),
        marks=marks,
    )
    return with_sign(table, columns)


def _problem_type(table: "Table", label: str, arguments: argparse.Namespace) -> str:
    """What the user said; else several labels where several columns are named; else a guess."""
    from bertlab.datasets import MULTI_LABEL, PROBLEM_TYPES, SINGLE_LABEL, problem_type_of

    if arguments.problem_type:
        if arguments.problem_type not in PROBLEM_TYPES:
            raise InputError(
                f"There is no problem type {arguments.problem_type!r}. Choose one of "
                f"{', '.join(PROBLEM_TYPES)}."
            )
        return str(arguments.problem_type)
    if arguments.label_columns:
        return MULTI_LABEL
    if label not in table.frame.columns:
        return SINGLE_LABEL  # refused with its name when the columns are checked
    return problem_type_of(table.frame, label)


def _name_problem(columns: "Columns") -> str:
    what = {
        "single_label_classification": "one label",
        "multi_label_classification": "any number of labels",
        "regression": "a number",
    }[columns.problem_type]
    return f"Each text gets {what} ({columns.problem_type})."


def _name_columns(source: str | Path, columns: "Columns") -> str:
    pair = f', second text "{columns.pair}"' if columns.pair else ""
    labels = ", ".join(f'"{name}"' for name in columns.marks or (columns.label,))
    return f'{Path(source).name}: text "{columns.text}"{pair}, label {labels}.'


def _own_part(path: Path, columns: "Columns", tell: Tell) -> "Examples":
    """Read the user's own part, by the training table's columns where it has them, else guessed."""
    from bertlab.datasets import check_examples, columns_of_part

    table = _read(path)
    columns = columns_of_part(table, columns)
    examples = check_examples(table, columns, for_training=False)
    tell(_name_columns(path, columns))
    for warning in examples.warnings:
        tell(f"{path.name}: {warning}")
    return examples


def _tell_examples(examples: "Examples", source: str, tell: Tell) -> None:
    """Say how many rows of a file are used, and of each other one why it is not."""
    counts = ", ".join(f"{name} {count:,}" for name, count in list(examples.counts().items())[:20])
    from bertlab.datasets.duplicates.near import warn_of_near

    tell(f"{Path(source).name}: {len(examples):,} rows{': ' if counts else ''}{counts}.")
    _tell_left_out(examples.left_out, Path(source).name, tell)
    for warning in (*examples.warnings, *warn_of_near(examples)):
        tell(warning)


def _tell_left_out(left_out: Iterable["LeftOut"], source: str, tell: Tell) -> None:
    """Name the rows that are not used, reason by reason."""
    reasons: dict[str, list[LeftOut]] = defaultdict(list)
    for entry in left_out:
        reasons[entry.reason].append(entry)
    for reason, entries in reasons.items():
        lines = ", ".join(f"{entry.row:,}" for entry in entries[:MOST_LINES])
        more = f" and {len(entries) - MOST_LINES:,} more" if len(entries) > MOST_LINES else ""
        count = sum(entry.count for entry in entries)
        tell(f"Left out of {source}: {count:,}, because {reason} (line {lines}{more}).")


def check_fractions(arguments: argparse.Namespace) -> None:
    """Refuse a share that is none, before a file is read.

    Raises:
        InputError: It is not from 0 to 0.5.
    """
    for name in ("validation", "test"):
        share = share_of(getattr(arguments, name))
        if not 0 <= share <= 0.5:
            raise InputError(f"The {name} share is {share:g}; it must be from 0 to 0.5, or a file.")
