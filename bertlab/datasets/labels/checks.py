"""Labels: cleaned, counted, and doubted where they do not look like labels."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from bertlab.datasets.limits import IMBALANCE_TO_WARN, MAX_LABELS, MIN_ROWS_TO_DOUBT_LABELS
from bertlab.datasets.table import shown
from bertlab.errors import TableError

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
_AT_MOST = 5  # classes named in a warning
UNEQUAL = "The classes are unequal"  # begins the warning that class weights answer


def clean_label(label: str) -> str:
    r"""Strip a label and write inner white space as one space.

    `" very  good\u3000"` becomes `"very good"`; case, signs and digits stay.
    """
    return " ".join(label.translate(_INVISIBLE).split()) if label else ""


def refuse_labels(labels: Sequence[str], column: str, others: Sequence[str]) -> None:
    """Refuse a column that holds no labels: too many of them, or a new one in nearly every row.

    Args:
        labels: One per row, cleaned, none empty.
        column: The column's name, for the message.
        others: Columns that could hold the labels instead, the likeliest first.

    Raises:
        TableError: naming the better column, if there is one.
    """
    different = len(set(labels))
    is_doubtful = len(labels) >= MIN_ROWS_TO_DOUBT_LABELS and 2 * different > len(labels)
    if different <= MAX_LABELS and not is_doubtful:
        return
    advice = (
        f"Choose {shown(others[0])}, which has few values that repeat."
        if others
        else "Choose a column of few values that repeat, such as positive and negative."
    )
    raise TableError(
        f"The column {shown(column)} has {different:,} different labels in {len(labels):,} rows; "
        f"at most {MAX_LABELS} labels can be learned, each from at least two rows on average. "
        f"{advice}"
    )


def refuse_label_sets(sets: Sequence[Sequence[str]], column: str) -> None:
    """Refuse a column whose cells are no sets of labels: too many labels, or each only once.

    Args:
        sets: The labels of each row.
        column: The column's name, for the message.

    Raises:
        TableError: naming what to do.
    """
    counts = Counter(label for labels in sets for label in labels)
    is_doubtful = sum(counts.values()) >= MIN_ROWS_TO_DOUBT_LABELS and (
        2 * len(counts) > sum(counts.values())
    )
    if len(counts) > MAX_LABELS or is_doubtful:
        raise TableError(
            f"The column {shown(column)} has {len(counts):,} different labels in {len(sets):,} "
            f"rows; at most {MAX_LABELS} labels can be learned, each from at least two rows on "
            "average. Choose a column of labels that repeat, with one of | ; , 、 / between them."
        )


def merge_warnings(labels: Sequence[tuple[str, str]]) -> list[str]:
    """Warn of labels that were merged, and of those that differ in case only and were not.

    Args:
        labels: Each row's label as it stands in the file, and as it is used.
    """
    spellings: dict[str, set[str]] = defaultdict(set)
    for raw, _ in set(labels):
        spellings[clean_label(raw)].add(raw)
    merged = sorted(label for label, raws in spellings.items() if len(raws) > 1)
    by_case: dict[str, list[str]] = defaultdict(list)
    for label in sorted({label for _, label in labels}):
        by_case[label.casefold()].append(label)
    warnings = []
    if merged:
        warnings.append(f"Labels that differ in white space only were merged: {_list(merged)}.")
    warnings += [
        f"The labels {_list(group)} differ in case only and count as different classes. "
        "Write them alike if they mean the same."
        for group in by_case.values()
        if len(group) > 1
    ]
    return warnings


def warn_of_counts(counts: Mapping[str, int]) -> list[str]:
    """Warn of classes with one row, and of an imbalance of 1:5 or worse.

    `{"neg": 2, "pos": 20}` gives one warning, of 1:10.
    """
    warnings = _single_rows(counts)
    (largest, most), (smallest, least) = _extremes(counts)
    if most >= IMBALANCE_TO_WARN * least:
        warnings.append(
            f"{UNEQUAL}: {most:,} rows are {shown(largest)}, {least:,} "
            f"{shown(smallest)} (1:{most / least:.0f}). Always answering {shown(largest)} is right "
            f"in {most / sum(counts.values()):.0%} of the rows: look at macro-F1, not at accuracy. "
            "The setting “Class weights” makes the classes count alike."
        )
    return warnings


def warn_of_sets(sets: Sequence[Sequence[str]], counts: Mapping[str, int]) -> list[str]:
    """Warn of rows without a label, and of labels with one row.

    `[("a", "b"), (), ("a",)]` gives two warnings: of one row without a label, and of "b".
    """
    warnings = []
    without = sum(not labels for labels in sets)
    if without:
        rows = "1 row has" if without == 1 else f"{without:,} rows have"
        warnings.append(
            f"{rows} no label at all. That counts as an answer: none of the labels fits. Take "
            "such rows out of the file if their labels are merely missing."
        )
    return warnings + _single_rows(counts)


def _single_rows(counts: Mapping[str, int]) -> list[str]:
    single = [name for name, count in counts.items() if count == 1]
    if not single:
        return []
    return [
        f"{'This class has' if len(single) == 1 else 'These classes have'} one row only: "
        f"{_list(single)}. Hardly anything can be learned about it, and nothing tested."
    ]


def _extremes(counts: Mapping[str, int]) -> tuple[tuple[str, int], tuple[str, int]]:
    ordered = Counter(counts).most_common()
    return ordered[0], ordered[-1]


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _AT_MOST} more" if len(names) > _AT_MOST else ""
    return ", ".join(map(shown, names[:_AT_MOST])) + more
