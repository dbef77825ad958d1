"""Validation and test files of the user's own take the place of the parts that were split off."""

from collections.abc import Iterable
from dataclasses import replace

from bertlab.datasets.columns import Columns, guess_columns
from bertlab.datasets.duplicates.exact import keys_of
from bertlab.datasets.duplicates.near import nearly_in
from bertlab.datasets.examples import Examples
from bertlab.datasets.labels.problem_types import REGRESSION
from bertlab.datasets.splitting.split import Split
from bertlab.datasets.table import LeftOut, Table, excerpt_of, shown
from bertlab.errors import TableError


def with_own_parts(
    split: Split, *, validation: Examples | None = None, test: Examples | None = None
) -> Split:
    """Replace parts of a split by the user's own.

    Split the training file with a share of 0 for each part that is brought along. A row with a
    label that training does not know is left out of the own part. A text of the own test part, or
    one that is nearly the same (see `near.py`), is left out of training and validation, and one of
    the own validation part out of training: what is tested stays whole. Each part's `left_out`
    names its rows.

    Args:
        split: From `split_examples`.
        validation: Own examples, from `check_examples(..., for_training=False)`.
        test: Own examples, in the same way.

    Raises:
        TableError: one text or two are mixed, or a part is left without rows.
    """
    names = split.train.label_names
    own_test = with_known_labels(test, names, "test") if test is not None else split.test
    own_validation = split.validation
    if validation is not None:
        own_validation = with_known_labels(validation, names, "validation")
    for part in (own_test, own_validation):
        _check_pairs(split.train, part)
    own_validation = _without(own_validation, own_test, "test")
    train = _without(split.train, own_test, "test")
    train = _without(train, own_validation, "validation")
    _check_left(train, "training", had=len(split.train))
    _check_left(own_validation, "validation", had=len(validation or split.validation))
    return Split(train, own_validation, own_test, split.warnings)


def columns_of_part(table: Table, columns: Columns) -> Columns:
    """Choose a part's columns: the training table's where it has them, else guessed.

    Training has `text` and `label`; a part with `label`, `id` and `text` is read by the same
    names, one with `评论` and `标签` by a guess. A part of one's own is not split: nothing is kept
    together.

    Args:
        table: The part's.
        columns: Of the training table.

    Raises:
        TableError: it lacks one of several label columns, which cannot be guessed.
    """
    labels = columns.marks or (columns.label,)
    wanted = [name for name in (columns.text, *labels, columns.pair) if name]
    missing = [name for name in wanted if name not in table.frame.columns]
    if missing and columns.marks:
        raise TableError(
            f"The file lacks {', '.join(map(shown, missing))}. Where each label has a column of "
            "its own, it needs the columns of the training table."
        )
    found = guess_columns(table) if missing else columns
    return replace(found, group=None, problem_type=columns.problem_type, sign=columns.sign)


def with_known_labels(own: Examples, names: tuple[str, ...], part: str) -> Examples:
    """Keep the rows whose label training knows, under training's label names.

    Labels `pos`, `?`, `pos` under the names `neg`, `pos` give two examples; the row of `?` is in
    `left_out`.

    Args:
        own: From `check_examples(..., for_training=False)`.
        names: The label names of training.
        part: "validation" or "test", for the message.

    Raises:
        TableError: no row has a label of training.
    """
    if own.problem_type == REGRESSION:
        return _renamed(own, names, own.left_out, own.warnings)
    known = [set(labels) <= set(names) for labels in own.label_sets()]
    kept = [at for at, is_known in enumerate(known) if is_known]
    if not kept:
        raise TableError(
            f"The {part} file has none of the training labels ({', '.join(map(shown, names[:5]))}),"
            f" but {', '.join(map(shown, own.label_names[:5]))}. Choose its label column anew."
        )
    unknown = [
        LeftOut(row, f"training has no label {_named(set(labels) - set(names))}", excerpt_of(text))
        for row, labels, text in zip(own.rows, own.label_sets(), own.texts, strict=True)
        if not set(labels) <= set(names)
    ]
    return _renamed(own.subset(kept), names, (*own.left_out, *unknown), own.warnings)


def _named(labels: Iterable[str]) -> str:
    return ", ".join(map(shown, sorted(labels)))


def _without(part: Examples, other: Examples, name: str) -> Examples:
    """Leave out the examples whose text is in the other part too, or nearly so."""
    keys, near = set(keys_of(other)), nearly_in(part, other)
    reasons = {
        at: f"the {name} part has this text too"
        if key in keys
        else f"the {name} part has nearly this text too (line {other.rows[near[at]]:,})"
        for at, key in enumerate(keys_of(part))
        if key in keys or at in near
    }
    if not reasons:
        return part
    doubled = [
        LeftOut(part.rows[at], reason, excerpt_of(part.texts[at])) for at, reason in reasons.items()
    ]
    kept = part.subset(at for at in range(len(part)) if at not in reasons)
    return _renamed(kept, part.label_names, (*part.left_out, *doubled), part.warnings)


def _renamed(
    examples: Examples,
    names: tuple[str, ...],
    left_out: tuple[LeftOut, ...],
    warnings: tuple[str, ...],
) -> Examples:
    return replace(examples, label_names=names, left_out=left_out, warnings=warnings, groups=None)


def _check_pairs(train: Examples, part: Examples) -> None:
    if len(part) and (train.pairs is None) != (part.pairs is None):
        raise TableError(
            "The training file and the validation or test file differ: one has two texts a row, "
            "the other has one. Choose the same columns in both."
        )


def _check_left(part: Examples, name: str, *, had: int) -> None:
    if had and not len(part):
        raise TableError(
            f"Every text of the {name} part is also in a part it must be kept apart from. "
            "Was the same file chosen twice? Choose different files."
        )
