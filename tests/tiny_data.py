"""A few labelled texts for runs that need to be real, not good."""

from bertlab.datasets import Examples

FOUR_ROWS = Examples(
    texts=("a good film", "a bad film", "we loved it", "we hated it"),
    pairs=None,
    labels=("pos", "neg", "pos", "neg"),
    label_names=("neg", "pos"),
    rows=(2, 3, 4, 5),
)
