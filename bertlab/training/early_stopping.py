"""Early stopping: after some epochs in which validation got no better, more cost only time."""

from __future__ import annotations

from collections.abc import Sequence


def epochs_without_gain(accuracies: Sequence[float]) -> int:
    """Count the epochs since the best one; equals are no gain.

    [0.6, 0.8, 0.7, 0.8] -> 2; [0.6, 0.7] -> 0; [] -> 0

    Args:
        accuracies: on the validation part at the end of each epoch.
    """
    if not accuracies:
        return 0
    return len(accuracies) - 1 - accuracies.index(max(accuracies))


def is_over(accuracies: Sequence[float], patience: int) -> bool:
    """Whether training should end: `patience` epochs have brought nothing; 0 is never."""
    return bool(patience) and epochs_without_gain(accuracies) >= patience
