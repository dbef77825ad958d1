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

from bertlab.hooks import layer_hooks
from bertlab.inputs import EncodedInput
from bertlab.inside.variants import blank_log_probabilities, rows_per_pass
from bertlab.models.parts import find_parts

if TYPE_CHECKING:
    from bertlab.models import LoadedModel

FIRST_STEPS, MOST_STEPS = 16, 256
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
        steps: How many points of the path were taken.
    """

    values: np.ndarray = field(repr=False)
    whole: float
    steps: int

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
    lost = values[0] - values[1:]
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
    gradients = _gradients(loaded, target, vectors[None])[0]
    return (vectors.double() * gradients).sum(dim=-1).cpu().numpy()


def integrated_gradients(
    loaded: LoadedModel, target: Target, *, progress: Progress | None = None
) -> Integrated:
    """Sum gradients on the straight way from a sentence of masks to this one.

    value_i = sum_d (x - b)_id * integral over t in 0..1 of d ln p / d x_id at b + t (x - b), with
    b the mask token's embedding at every place (Sundararajan et al. 2017). Completeness: the
    values add up to ln p here minus ln p at b. The integral is a Gauss-Legendre sum; its points
    are doubled from `FIRST_STEPS` on until the error is below `LARGEST_ERROR`, to `MOST_STEPS`.

    Args:
        loaded: A model with a masked-LM head.
        target: What to explain.
        progress: Called after each pass with the points done and the points of this round.
    """
    ids, mask = target.token_ids, int(loaded.tokenizer.mask_token_id)
    with loaded.lock, torch.inference_mode():
        here, there = _log_probabilities(loaded, target, [ids, [mask] * len(ids)]).tolist()
    vectors, masks = _embed(loaded, ids), _embed(loaded, [mask] * len(ids))
    steps = FIRST_STEPS
    while True:
        values = _integrate(loaded, target, vectors, masks, steps, progress)
        found = Integrated(values, here - there, steps)
        if found.is_complete or steps >= MOST_STEPS:
            return found
        steps *= 2


def _integrate(
    loaded: LoadedModel,
    target: Target,
    vectors: Tensor,
    masks: Tensor,
    steps: int,
    progress: Progress | None,
) -> np.ndarray:
    nodes, weights = np.polynomial.legendre.leggauss(steps)  # on -1..1, weights sum to 2
    way = (vectors - masks).double()  # (token, width)
    total = torch.zeros_like(way)
    size = max(1, rows_per_pass(len(vectors)) // GRADIENT_ROWS)
    for start in range(0, steps, size):
        places = torch.tensor((nodes[start : start + size] + 1) / 2, dtype=masks.dtype)
        shares = torch.tensor(weights[start : start + size] / 2, device=way.device)
        points = masks + places.to(masks.device)[:, None, None] * (vectors - masks)
        gradients = _gradients(loaded, target, points)  # (points, token, width)
        total += (shares[:, None, None] * gradients).sum(dim=0)
        if progress:
            progress(min(start + size, steps), steps)
    return (way * total).sum(dim=-1).cpu().numpy()


def _gradients(loaded: LoadedModel, target: Target, points: Tensor) -> Tensor:
    """The gradient of ln p at word embeddings (points, token, width): float64, the same shape."""
    points = points.clone().requires_grad_()
    words = find_parts(loaded.model).embeddings.words
    with loaded.lock, torch.enable_grad(), layer_hooks([words], after=lambda *_: points):
        found = _log_probabilities(loaded, target, [target.token_ids] * len(points))
        (gradients,) = torch.autograd.grad(found.sum(), points)
    return gradients.double()


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
        return words(torch.tensor(token_ids, device=loaded.device))
