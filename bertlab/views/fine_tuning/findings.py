"""What the checks found in a table, as tables to look at and to take along."""

from collections.abc import Sequence
from os.path import commonprefix

import pandas as pd

from bertlab.datasets import Examples
from bertlab.datasets.conflicts import Conflict
from bertlab.datasets.duplicates.near import NearPair
from bertlab.languages import LanguageShare
from bertlab.views.shared.shortening import shorten

SHOWN, DIFFERENT = 300, 40  # characters of a text, and of what differs in it


def conflicts_table(found: Sequence[Conflict]) -> pd.DataFrame:
    """Each row of each text with more than one label: one below the other, a number a text."""
    rows = [
        (number, row, label, _both(conflict.text, conflict.pair))
        for number, conflict in enumerate(found, start=1)
        for row, label in zip(conflict.rows, conflict.labels, strict=True)
    ]
    return pd.DataFrame(rows, columns=["text no.", "row", "label", "text"])


def near_table(examples: Examples, pairs: Sequence[NearPair]) -> pd.DataFrame:
    """Both rows of each pair with their labels; the share of common pieces in per cent."""
    return pd.DataFrame(
        [
            (
                examples.rows[pair.one],
                examples.rows[pair.other],
                round(100 * pair.similarity, 1),
                difference(_text(examples, pair.one), _text(examples, pair.other)),
                examples.labels[pair.one],
                examples.labels[pair.other],
                _text(examples, pair.one),
                _text(examples, pair.other),
            )
            for pair in pairs
        ],
        columns=[
            "row",
            "other row",
            "alike (%)",
            "differs in",
            "label",
            "other label",
            "text",
            "other text",
        ],
    )


def difference(one: str, other: str) -> str:
    """Show what stands between the common beginning and the common end of two texts.

    >>> difference("a warm and funny film", "a warm and silly film")
    'funn → sill'
    """
    start = len(commonprefix([one, other]))  # noqa: RUF071 (character by character is meant)
    rest = one[start:], other[start:]
    end = len(commonprefix([part[::-1] for part in rest]))  # noqa: RUF071
    shown = [shorten(part[: len(part) - end].strip(), DIFFERENT) or "nothing" for part in rest]
    return _printable(" → ".join(shown))


def languages_table(shares: Sequence[LanguageShare], unknown_token: str) -> pd.DataFrame:
    """Each language with its texts, the share of them that is [UNK] in per cent, and the first."""
    return pd.DataFrame(
        {
            "language": [share.name for share in shares],
            "texts": [share.texts for share in shares],
            f"{unknown_token} (%)": [round(100 * share.unknown, 1) for share in shares],
            "first text": [_printable(share.example) for share in shares],
        }
    )


def _text(examples: Examples, at: int) -> str:
    return _both(examples.texts[at], examples.pairs[at] if examples.pairs else "")


def _both(text: str, pair: str) -> str:
    return _printable(f"{text} / {pair}" if pair else text)


def _printable(text: str) -> str:
    """The beginning; half a character pair, as some programs write, cannot be drawn."""
    return shorten(text, SHOWN).encode("utf-8", "replace").decode("utf-8")
