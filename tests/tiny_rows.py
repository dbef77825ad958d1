"""Sixteen short sentences with two labels, which a tiny BERT learns by heart."""

from bertlab.datasets import Examples

GOOD = ["a good film", "we loved it", "great cat", "she likes the movie"]
BAD = ["a bad film", "we hated it", "awful cat", "not very good"]
TEXTS = (*GOOD, *BAD, *(f"{text} ." for text in GOOD), *(f"{text} !" for text in BAD))
LABELS = (*["pos"] * 4, *["neg"] * 4, *["pos"] * 4, *["neg"] * 4)
ROWS = Examples(
    texts=TEXTS, pairs=None, labels=LABELS, label_names=("neg", "pos"), rows=tuple(range(2, 18))
)
