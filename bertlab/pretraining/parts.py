"""The parts of the network: which of them learn, and how fast."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from torch import nn

from bertlab.pretraining.settings import EMBEDDINGS, HEADS, LAYERS

LAYER = re.compile(r"\bencoder\.layer\.(\d+)\.")


def part_of(name: str) -> str:
    """Tell the part that a weight belongs to by its name.

    "bert.bert.encoder.layer.3.output.dense.bias" -> "layers"; the output layer of the masked
    tokens is the word embeddings (they are tied); the pooler serves a head alone.
    """
    if ".embeddings." in name:
        return EMBEDDINGS
    return LAYERS if LAYER.search(name) else HEADS


def paces(
    learner: nn.Module, *, learning_rate: float, rates: Mapping[str, float], layer_decay: float
) -> dict[str, float]:
    """Tell for every weight how many times `learning_rate` its own rate is.

    Two layers, learning rate 1e-3, rates {"layers": 5e-4}, decay 0.8: heads and embeddings 1.0,
    layer 1 0.5, layer 0 0.4. Low layers hold what every task needs, so they move least (Howard
    and Ruder 2018).

    Args:
        learner: with the names of a `model.Learner`.
        learning_rate: of parts that `rates` does not name.
        rates: the peak of a part.
        layer_decay: every layer has this many times the rate of the one above it.
    """
    names = [name for name, _ in learner.named_parameters()]
    found = {name: LAYER.search(name) for name in names}
    numbers = {name: int(match[1]) for name, match in found.items() if match}
    top = max(numbers.values(), default=0)
    return {
        name: rates.get(part_of(name), learning_rate)
        / learning_rate
        * layer_decay ** (top - numbers.get(name, top))
        for name in names
    }


def freeze(learner: nn.Module, parts: Collection[str]) -> None:
    """Let these parts keep their weights, and all others learn."""
    for name, weight in learner.named_parameters():
        weight.requires_grad_(part_of(name) not in parts)
