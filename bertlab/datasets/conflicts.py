"""Texts that stand in the table with more than one label."""

from collections import defaultdict
from dataclasses import dataclass

from bertlab.datasets.duplicates.exact import keys_of
from bertlab.datasets.examples import Examples


@dataclass(frozen=True)
class Conflict:
    """One text with several labels.

    Attributes:
        text: As it stands first in the file.
        pair: Its second text; "" where there is none.
        labels: The label of each of its rows, in order.
        rows: The lines of the file on which they begin.
    """

    text: str
    pair: str
    labels: tuple[str, ...]
    rows: tuple[int, ...]


def conflicts(examples: Examples) -> tuple[Conflict, ...]:
    """Find the texts that have more than one label, in the file's order.

    `"Good film!"` as pos on line 2 and `"good film"` as neg on line 7 are one text: case, white
    space and punctuation do not tell texts apart. They give labels ("pos", "neg"), rows (2, 7).
    """
    by_text: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, key in enumerate(keys_of(examples)):
        by_text[key].append(at)
    torn = [group for group in by_text.values() if len({examples.labels[at] for at in group}) > 1]
    return tuple(_conflict(examples, group) for group in torn)


def _conflict(examples: Examples, group: list[int]) -> Conflict:
    return Conflict(
        text=examples.texts[group[0]],
        pair=examples.pairs[group[0]] if examples.pairs else "",
        labels=tuple(examples.shown_label(at) for at in group),
        rows=tuple(examples.rows[at] for at in group),
    )
