"""Which tokens an answer rests on, asked in three ways: occlusion, gradients, integrated gradients.

All three explain one number: ln p of one word at one blank, in nats. What is varied is the word
embeddings, before positions and segments are added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bertlab.inspection.ablation.variants import blank_log_probabilities, rows_per_pass
from bertlab.models.hooks import layer_hooks
from bertlab.models.modules import find_parts
from bertlab.tokenization.encoding import EncodedInput

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

FIRST_STRETCHES, MOST_POINTS = 4, 512
NODES, SHARES = np.polynomial.legendre.leggauss(8)  # of one stretch; on -1..1, shares sum to 2
LARGEST_ERROR = 0.01  # of completeness
SMALLEST_WHOLE = 0.1  # nats; a smaller difference is no measure for an error
GRADIENT_ROWS = 4  # a pass that keeps what gradients need holds about this many times as much

Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Target:
    """What is to be explained: ln p of `word` at `position`.

    Attributes:
        encoded: The input before masking.
        token_ids: What the model is given, masks put in.
        position: A masked position.
        word: A token's id.
    """

    encoded: EncodedInput = field(repr=False)
    token_ids: tuple[int, ...]
    position: int
    word: int


@dataclass(frozen=True)
class Integrated:
    """Integrated gradients, and how well they add up.

    Attributes:
        values: float64 (token,), in nats.
        whole: ln p of the word with the sentence minus ln p with every token masked: what the
            values should add up to.
        points: At how many points of the way gradients were taken.
    """

    values: np.ndarray = field(repr=False)
    whole: float
    points: int

    @property
    def error(self) -> float:
        """How far the sum is from `whole`, as a share of it: 0.01 is one per cent."""
        return abs(float(self.values.sum()) - self.whole) / max(abs(self.whole), SMALLEST_WHOLE)

    @property
    def is_complete(self) -> bool:
        """Whether the error is below `LARGEST_ERROR`."""
        return self.error < LARGEST_ERROR


def occlusion(
    loaded: LoadedModel, target: Target, *, progress: Progress | None = None
) -> np.ndarray:
    """Mask each token in turn and see how much of ln p goes with it.

    value_i = ln p(word | sentence) - ln p(word | token i masked too): above 0 where the token had
    spoken for the word. The model was trained on masked tokens, so that a mask in a token's place
    is nothing new to it; a zero vector would be. What is masked already has the value 0.

    Returns:
        float64 (token,), in nats.
    """
    ids, mask = target.token_ids, loaded.tokenizer.mask_token_id
    rows = [ids] + [(*ids[:i], mask, *ids[i + 1 :]) for i in range(len(ids))]
    step, found = rows_per_pass(len(ids)), []
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        with loaded.lock, torch.inference_mode():
            found.append(_log_probabilities(loaded, target, some))
        if progress:
            progress(start + len(some), len(rows))
    values = torch.cat(found).numpy()  # (1 + token,)
    lost: np.ndarray = values[0] - values[1:]
    lost[[token == mask for token in ids]] = 0.0  # the same input: only rounding is left
    return lost


def gradients_times_input(loaded: LoadedModel, target: Target) -> np.ndarray:
    """Multiply each token's embedding with the gradient there, summed over its numbers.

    value_i = sum_d x_id * d ln p / d x_id: the change that a straight line through the point would
    give if the embedding went to zero (Shrikumar et al. 2016).

    Returns:
        float64 (token,), in nats.
    """
    vectors = _embed(loaded, target.token_ids)  # (token, width)
    _, gradients = _gradients(loaded, target, vectors[None])  # (1, token, width)
    return (vectors * gradients[0]).cpu().double().sum(dim=-1).numpy()


def integrated_gradients(
    loaded: LoadedModel, target: Target, *, progress: Progress | None = None
) -> Integrated:
    """Sum gradients on the straight way from a sentence of masks to this one.

    value_i = sum_d (x - b)_id * integral over t in 0..1 of d ln p / d x_id at b + t (x - b), with
    b the mask token's embedding at every place (Sundararajan et al. 2017). Completeness: the
    values add up to ln p here minus ln p at b. It holds for every stretch of the way on its own,
    and so tells where points are wanting: stretches with the largest gaps are halved until all
    gaps together are below `LARGEST_ERROR`, or `MOST_POINTS` are spent.

    Args:
        loaded: A model with a masked-LM head.
        target: What to explain.
        progress: Called after each stretch with the points spent and `MOST_POINTS`.
    """
    mask = int(loaded.tokenizer.mask_token_id)
    vectors = _embed(loaded, target.token_ids)  # (token, width)
    masks = _embed(loaded, [mask] * len(vectors))
    todo = [(i / FIRST_STRETCHES, (i + 1) / FIRST_STRETCHES) for i in range(FIRST_STRETCHES)]
    stretches: list[_Stretch] = []
    points = 0
    while todo:
        for start, end in todo:
            stretches.append(_walk(loaded, target, vectors, masks, start, end))
            points += len(NODES)
            if progress:
                progress(points, MOST_POINTS)
        whole = sum(stretch.rise for stretch in stretches)
        worst = _worst(stretches, whole, room=(MOST_POINTS - points) // (2 * len(NODES)))
        stretches = [stretch for stretch in stretches if stretch not in worst]
        todo = [half for stretch in worst for half in stretch.halves]
    return Integrated(np.sum([one.values for one in stretches], axis=0), whole, points)


@dataclass(frozen=True, eq=False)
class _Stretch:
    """The way from t = start to t = end: what its gradients add up to, and how far ln p rose."""

    start: float
    end: float
    values: np.ndarray = field(repr=False)  # (token,)
    rise: float

    @property
    def gap(self) -> float:
        return abs(float(self.values.sum()) - self.rise)

    @property
    def halves(self) -> tuple[tuple[float, float], tuple[float, float]]:
        middle = (self.start + self.end) / 2
        return (self.start, middle), (middle, self.end)


def _worst(stretches: Sequence[_Stretch], whole: float, *, room: int) -> list[_Stretch]:
    """The stretches to halve: those with the largest gaps, until the others' are small enough."""
    allowed = LARGEST_ERROR / 2 * max(abs(whole), SMALLEST_WHOLE)
    left = sum(stretch.gap for stretch in stretches)
    worst = []
    for stretch in sorted(stretches, key=lambda one: -one.gap)[: max(0, room)]:
        if left <= allowed:
            break
        worst.append(stretch)
        left -= stretch.gap
    return worst


def _walk(
    loaded: LoadedModel, target: Target, vectors: Tensor, masks: Tensor, start: float, end: float
) -> _Stretch:
    """Integrate over one stretch by Gauss and Legendre's rule; both ends tell how far ln p rose."""
    places = torch.tensor([start, *(start + (end - start) * (NODES + 1) / 2), end])
    shares = torch.tensor([0.0, *((end - start) * SHARES / 2), 0.0], dtype=torch.float64)
    way = vectors - masks  # (token, width)
    size = max(1, rows_per_pass(len(vectors)) // GRADIENT_ROWS)
    total, heights = torch.zeros_like(vectors), []
    for first in range(0, len(places), size):
        some = places[first : first + size].to(way)[:, None, None]
        height, gradients = _gradients(loaded, target, masks + some * way)
        heights.append(height)
        total += (shares[first : first + size].to(way)[:, None, None] * gradients).sum(dim=0)
    height = torch.cat(heights)
    values = (way * total).cpu().double().sum(dim=-1).numpy()
    return _Stretch(start, end, values, float(height[-1] - height[0]))


def _gradients(loaded: LoadedModel, target: Target, points: Tensor) -> tuple[Tensor, Tensor]:
    """At word embeddings (points, token, width): ln p (points,), and its gradient there."""
    points = points.clone().requires_grad_()
    words = find_parts(loaded.model).embeddings.words
    with loaded.lock, torch.enable_grad(), layer_hooks([words], after=lambda *_: points):
        found = _log_probabilities(loaded, target, [target.token_ids] * len(points))
        (gradients,) = torch.autograd.grad(found.sum(), points)
    return found.detach(), gradients


def _log_probabilities(
    loaded: LoadedModel, target: Target, rows: Sequence[Sequence[int]]
) -> Tensor:
    """Of the word at the blank, for each row: float64 (rows,)."""
    answers = blank_log_probabilities(loaded, target.encoded, rows, target.position)
    return answers[:, target.word]


def _embed(loaded: LoadedModel, token_ids: Sequence[int]) -> Tensor:
    """The rows of the word table: float32 (token, width)."""
    words = find_parts(loaded.model).embeddings.words
    with loaded.lock, torch.no_grad():  # not inference mode: gradients come later
        rows: Tensor = words(torch.tensor(token_ids, device=loaded.device))
    return rows
