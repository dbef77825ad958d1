"""How good a classifier of several labels per text is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

THRESHOLD = 0.5  # a label is named from this probability on

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class SetScores:
    """How a model did on one part of the data.

    Args:
        examples: how many were asked.
        accuracy: share with exactly the right labels, 0 to 1.
        micro_f1: F1 of all (text, label) decisions together, 0 to 1.
        macro_f1: mean of the F1 of every label that occurs, 0 to 1.
        loss: mean binary cross-entropy in nats; ln 2 is a coin toss for each label.
    """

    examples: int
    accuracy: float
    micro_f1: float
    macro_f1: float
    loss: float

    @property
    def quality(self) -> float:
        """What validation chooses by: exact matches are rare in the beginning."""
        return self.micro_f1


def score_sets(targets: npt.NDArray[Any], probabilities: npt.NDArray[np.floating]) -> SetScores:
    """Sum up predictions.

    targets [[1, 0], [1, 1]], probabilities [[0.9, 0.2], [0.8, 0.4]]: the first text is right, of
    the second one label of two is found -> accuracy 0.5, micro-F1 4/5, macro-F1 (1 + 0) / 2.

    Args:
        targets: 0 or 1 (examples, labels).
        probabilities: (examples, labels), each 0 to 1.
    """
    wanted, named = targets > THRESHOLD, probabilities >= THRESHOLD
    right = np.where(wanted, probabilities, 1 - probabilities)
    return SetScores(
        examples=len(targets),
        accuracy=float((wanted == named).all(axis=1).mean()),
        micro_f1=_f1(wanted.ravel(), named.ravel()),
        macro_f1=macro_f1_of_sets(wanted, named),
        loss=float(-np.log(np.maximum(right, 1e-12)).mean()),
    )


def label_figures(targets: npt.NDArray[Any], probabilities: npt.NDArray[np.floating]) -> list[dict]:
    """Tell for each label how often it is right, named and found.

    Returns:
        A dict for each label: "examples" that have it, "named" by the model, "found" (both), and
        "precision", "recall" and "f1"; None where there is nothing to divide by.
    """
    wanted, named = targets > THRESHOLD, probabilities >= THRESHOLD
    both = (wanted & named).sum(axis=0)
    rows = zip(wanted.sum(axis=0).tolist(), named.sum(axis=0).tolist(), both.tolist(), strict=True)
    return [
        {
            "examples": have,
            "named": said,
            "found": hit,
            "precision": hit / said if said else None,
            "recall": hit / have if have else None,
            "f1": 2 * hit / (have + said) if have + said else None,
        }
        for have, said, hit in rows
    ]


def macro_f1_of_sets(wanted: Bools, named: Bools) -> float:
    """Labels that neither occur nor are named have no F1."""
    does_occur = (wanted | named).any(axis=0)
    parts = [_f1(wanted[:, at], named[:, at]) for at in np.flatnonzero(does_occur)]
    return float(np.mean(parts)) if parts else 1.0


def _f1(wanted: Bools, named: Bools) -> float:
    """2 TP / (2 TP + FP + FN); 1 where nothing is wanted and nothing named."""
    total = int(wanted.sum() + named.sum())
    return 2 * int((wanted & named).sum()) / total if total else 1.0
