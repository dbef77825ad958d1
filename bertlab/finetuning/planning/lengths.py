"""How long the texts of a table are, and what cutting them costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bertlab.datasets import Examples
from bertlab.tokenization.batch_encoding import token_counts
from bertlab.tokenization.truncation import window_places

SPECIAL = 2  # tokens around a text, such as [CLS] and [SEP]
SAMPLE = 4_000  # texts counted at most; 2,000 reviews take a tenth of a second


@dataclass(frozen=True)
class Lengths:
    """Tokens of the texts of a table, special tokens included, before anything is cut.

    Args:
        counts: of each text looked at.
        examples: texts that there are; more than `counts` where a sample was looked at.
    """

    counts: tuple[int, ...]
    examples: int

    @property
    def is_sample(self) -> bool:
        """Whether only some of the texts were looked at."""
        return len(self.counts) < self.examples

    def longer_than(self, tokens: int) -> int:
        """Count the texts looked at that have more tokens."""
        return sum(count > tokens for count in self.counts)

    def share_cut(self, tokens: int) -> float:
        """Tell the share of all tokens that is lost where texts are cut at so many."""
        lost = sum(max(0, count - tokens) for count in self.counts)
        return lost / max(1, sum(self.counts))

    def rows_per_text(self, tokens: int) -> float:
        """Tell how many windows of so many tokens a text makes, on average (see `windows`).

        Of lengths 10 and 4 in windows of 6, two of them special tokens: 3 and 1, so 2.0. Pairs
        are counted as if they were one text.
        """
        room = max(1, tokens - SPECIAL)
        rows = [len(window_places(max(0, count - SPECIAL), room)) for count in self.counts]
        return sum(rows) / max(1, len(rows))

    def beyond_windows(self, tokens: int) -> int:
        """Count the texts looked at that have more than `MOST_WINDOWS` windows can hold."""
        room = max(1, tokens - SPECIAL)
        places = window_places(10**9, room)
        return self.longer_than(places[-1][1] + SPECIAL)

    def enough_for(self, share: float) -> int:
        """Tell the length that so many of the texts fit into: of 10 texts 0.9 is the 9th.

        Args:
            share: above 0, up to 1.
        """
        place = math.ceil(share * len(self.counts) - 1e-9)  # 0.7 * 10 is 7.000000000000001
        return sorted(self.counts)[max(1, place) - 1]


def measure_lengths(tokenizer: Any, examples: Examples) -> Lengths:
    """Count the tokens of a table's texts, or of every n-th of them where there are very many.

    Args:
        tokenizer: the model's own.
        examples: at least one.
    """
    chosen = examples.sample(SAMPLE)
    whole = [text.encode("utf-8", "replace").decode("utf-8") for text in chosen.texts]
    pairs = chosen.pairs and [text.encode("utf-8", "replace").decode() for text in chosen.pairs]
    return Lengths(token_counts(tokenizer, whole, pairs), len(examples))
