"""Where in the model's positions an input begins: short inputs teach the far positions too."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def place_inputs(
    inputs: int, length: int, *, share: float, positions: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Number the tokens of a batch, some inputs from a random position on instead of from 0.

    Inputs of 64 tokens leave positions 64 to 511 as random as they began. Shifted ones reach
    them at no cost (SHAPE: Kiyono et al. 2021, "Shifted Absolute Position Embedding").

    2 inputs of 3 tokens, one shifted by 5 -> [[0, 1, 2], [5, 6, 7]]

    Args:
        inputs: in the batch.
        length: tokens per input, padding included, at most `positions`.
        share: chance of an input to be shifted, 0 to 1.
        positions: that the model has.
        rng: fixes every choice.

    Returns:
        int64 (inputs, length), 0 to positions - 1.
    """
    shifts = rng.integers(0, positions - length, size=inputs, endpoint=True)
    shifts[rng.random(inputs) >= share] = 0
    numbers: npt.NDArray[np.int64] = shifts[:, None] + np.arange(length)
    return numbers
