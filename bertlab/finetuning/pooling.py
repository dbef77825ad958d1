"""Long texts are read in windows: the mean of the windows' answers is the text's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def pooled(
    owners: Sequence[int], labels: npt.NDArray[Any], answers: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.float32]]:
    """Average the answers to a text's windows: owners [0, 0, 1], answers .9, .5, .2 -> .7, .2.

    Args:
        owners: (windows,), the number of the text of each window, in rising order.
        labels: (windows, ...), the right answers, the same for all windows of a text.
        answers: (windows, labels).

    Returns:
        The labels and the mean answers of the texts.
    """
    _, first, counts = np.unique(np.asarray(owners), return_index=True, return_counts=True)
    sums = np.add.reduceat(answers, first, axis=0)
    return labels[first], (sums / counts[:, None]).astype(np.float32)
