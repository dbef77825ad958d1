"""New names for labels: two get one name and are merged, one gets none and is taken out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bertlab.datasets.examples import Examples
from bertlab.datasets.labels.checks import clean_label


@dataclass(frozen=True)
class LabelRow:
    """A class as the model will know it.

    Attributes:
        id: Its number, which is what the model learns to give; from 0, in the order of the names.
        label: Its name.
        count: How many examples it has.
        example: The first of their texts.
    """

    id: int
    label: str
    count: int
    example: str


def label_rows(examples: Examples) -> list[LabelRow]:
    """List the classes with their numbers: `["neg", "pos"]` are 0 and 1.

    Args:
        examples: Each label of which has a text.
    """
    first: dict[str, str] = {}
    for labels, text in zip(examples.label_sets(), examples.texts, strict=True):
        for label in labels:
            first.setdefault(label, text)
    counts = examples.counts()
    return [
        LabelRow(number, name, counts[name], first.get(name, ""))
        for number, name in enumerate(examples.label_names)
    ]


def label_map(labels: Sequence[str], names: Sequence[str], kept: Sequence[bool]) -> dict[str, str]:
    """Make the map that `check_examples` takes, of what was changed alone.

    `["pos", "Pos", "?"]`, `["pos", "pos", "?"]`, `[True, True, False]` give `{"Pos": "pos",
    "?": ""}`: the second is merged into the first, the third is taken out. A name left empty
    stands for the label itself.

    Args:
        labels: As they stand in the table, cleaned.
        names: What each is to be called.
        kept: Whether each is learned from.
    """
    wanted = [
        (clean_label(name) or label) if is_kept else ""
        for label, name, is_kept in zip(labels, names, kept, strict=True)
    ]
    return {old: new for old, new in zip(labels, wanted, strict=True) if new != old}


def case_map(counts: Mapping[str, int]) -> dict[str, str]:
    """Name labels that differ in case only as the commonest of them; a tie goes to the first.

    `{"pos": 2, "POS": 1}` gives `{"POS": "pos"}`.
    """
    commonest: dict[str, str] = {}
    for label in sorted(counts, key=lambda name: -counts[name]):
        commonest.setdefault(label.casefold(), label)
    return {label: new for label in counts if (new := commonest[label.casefold()]) != label}
