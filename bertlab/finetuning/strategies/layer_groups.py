"""The weights by depth, embeddings to head: which learn, and how long their gradients are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.nn.utils import get_total_norm

from bertlab.errors import InputError

_LAYER = re.compile(r"\.layer\.(\d+)\.")  # BERT, RoBERTa, ELECTRA and DistilBERT alike


def has_own_layers(config: Any) -> bool:
    """Whether each layer has weights of its own; ALBERT applies one layer again and again."""
    return getattr(config, "num_hidden_groups", None) is None


def refuse_shared_layers(config: Any, what: str) -> None:
    """Raise an InputError where layers cannot be told apart.

    Args:
        config: the model's transformers configuration.
        what: what was asked for, as the beginning of a sentence.
    """
    if not has_own_layers(config):
        raise InputError(
            f"{what} needs layers of their own, and this model's {config.num_hidden_layers} layers "
            "share their weights (ALBERT). Choose full fine-tuning or a frozen encoder."
        )


def depth_of(name: str, layers: int) -> int:
    """Tell the depth of a weight by its name.

    depth_of("bert.embeddings.word_embeddings.weight", 4) -> 0
    depth_of("bert.encoder.layer.0.output.dense.bias", 4) -> 1
    depth_of("bert.pooler.dense.weight", 4) -> 5, as depth_of("classifier.weight", 4)

    Args:
        name: as in `model.named_parameters()`.
        layers: how many the model has.
    """
    if match := _LAYER.search(f".{name}"):
        return 1 + int(match[1])
    return 0 if "embeddings" in name else layers + 1


def by_depth(model: nn.Module, layers: int) -> dict[int, list[nn.Parameter]]:
    """Collect a model's weights by their depth, 0 to `layers` + 1."""
    found: dict[int, list[nn.Parameter]] = {depth: [] for depth in range(layers + 2)}
    for name, weight in model.named_parameters():
        found[depth_of(name, layers)].append(weight)
    return found


def learn_from(model: nn.Module, layers: int, lowest: int) -> None:
    """Let the weights from a depth on learn, and hold those below it still."""
    for depth, weights in by_depth(model, layers).items():
        for weight in weights:
            weight.requires_grad_(depth >= lowest)


POINTS = 100  # how often they are measured in a run


@dataclass(frozen=True)
class Norms:
    """Euclidean lengths by depth, from the embeddings up to the head.

    Args:
        gradients: of each part's gradient, before it is clipped; 0 where it does not learn.
        weights: of each part's weights.
    """

    gradients: tuple[float, ...]
    weights: tuple[float, ...]


def measure_norms(model: nn.Module, layers: int) -> Norms:
    """Measure a model between backward pass and step: a part with gradient (3, 4) has 5.

    Args:
        model: with the gradients of a batch.
        layers: how many it has.
    """
    parts = by_depth(model, layers)
    return Norms(
        gradients=tuple(
            float(get_total_norm([w.grad for w in weights if w.grad is not None]))
            for weights in parts.values()
        ),
        weights=tuple(
            float(get_total_norm([weight.detach() for weight in weights]))
            for weights in parts.values()
        ),
    )
