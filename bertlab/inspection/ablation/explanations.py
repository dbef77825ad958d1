"""Four answers to one question: which tokens does the prediction rest on? And do they agree?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from bertlab.inspection.ablation.attribution import (
    Integrated,
    Target,
    gradients_times_input,
    integrated_gradients,
    occlusion,
)
from bertlab.inspection.heads.rollout import rollout
from bertlab.inspection.trace import Trace

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

LONGEST = 128  # tokens; occlusion's work grows with the square of them
FEWEST_RANKED = 4  # fewer tokens have no order worth comparing

Method = Literal["occlusion", "gradients", "integrated", "rollout"]
METHODS: tuple[Method, ...] = ("occlusion", "gradients", "integrated", "rollout")
Told = Callable[[Method, int, int], None]  # what is being done, done, of how many


@dataclass(frozen=True)
class Explanations:
    """What four methods say about one answer.

    Attributes:
        values: float64 (token,) for each method: nats, signed, in the first three; shares that
            sum to 1, never negative, in the rollout.
        integrated: How the integrated gradients add up.
        ranked: The positions that are compared: all that are not masked.
        correlation: float64 (method, method), in the order of `METHODS`: Spearman's rank
            correlation of the sizes |value| over `ranked`; NaN where there are fewer than
            `FEWEST_RANKED`, or where a method gives them all the same.
    """

    values: dict[Method, np.ndarray] = field(repr=False)
    integrated: Integrated
    ranked: tuple[int, ...]
    correlation: np.ndarray = field(repr=False)


def correlations(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Compare the order of each with that of each: Spearman's rank correlation.

    The correlation of the ranks, equal values sharing the mean of theirs (Spearman 1904): 1 for
    the same order, -1 for the opposite one. [1, 2, 3, 4] and [1, 3, 2, 4] -> 1 - 6 * 2 / (4 * 15)
    = 0.8.

    Args:
        rows: At least two, each (values,).

    Returns:
        float64 (rows, rows): 1 on the diagonal; NaN beside a row whose values are all the same.
    """
    from scipy.stats import rankdata  # a second, when the four methods are compared

    with np.errstate(invalid="ignore"):
        table: npt.NDArray[np.float64] = np.corrcoef(rankdata(np.stack(rows), axis=1))
    np.fill_diagonal(table, 1.0)
    return table


def explain(
    loaded: LoadedModel, trace: Trace, position: int, word: int, *, told: Told | None = None
) -> Explanations:
    """Ask all four methods about ln p of one word at one blank.

    The rollout has no sign and knows nothing of the word: it says from where the blank's vector
    in the last layer took, by attention alone. To compare it with the others their sizes are
    ranked, without signs. A masked token stands for itself in occlusion's and integrated
    gradients' baseline, so that it has no value there and is left out of the ranks.

    Args:
        loaded: A model with a masked-LM head.
        trace: Of the sentence, with nothing taken out.
        position: A masked position.
        word: The id of the token to explain.
        told: Called with the method and how far it is.
    """

    def tell(method: Method) -> Callable[[int, int], None]:
        return lambda done, count: told(method, done, count) if told else None

    target = Target(trace.encoded, trace.token_ids, position, word)
    lost = occlusion(loaded, target, progress=tell("occlusion"))
    integrated = integrated_gradients(loaded, target, progress=tell("integrated"))
    values: dict[Method, np.ndarray] = {
        "occlusion": lost,
        "gradients": gradients_times_input(loaded, target),
        "integrated": integrated.values,
        "rollout": rollout(trace.attention)[-1, position],
    }
    ranked = tuple(i for i in range(len(trace.token_ids)) if i not in trace.masked)
    return Explanations(values, integrated, ranked, _compare(values, ranked))


def _compare(values: dict[Method, np.ndarray], ranked: tuple[int, ...]) -> np.ndarray:
    if len(ranked) < FEWEST_RANKED:
        table = np.full((len(METHODS), len(METHODS)), np.nan)
        np.fill_diagonal(table, 1.0)
        return table
    return correlations([np.abs(values[method][list(ranked)]) for method in METHODS])
