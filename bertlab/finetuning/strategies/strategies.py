"""Which parts of a model learn, and how fast: strategies of fine-tuning, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass

from bertlab.runs.settings import Settings


@dataclass(frozen=True)
class ModelPart:
    """A part of a model in one epoch.

    Args:
        depth: 0 for the embeddings, 1 to `layers` for the layers, `layers` + 1 for the head.
        share: of the learning rate at that time; 0 where it does not learn.
    """

    depth: int
    share: float

    @property
    def is_learning(self) -> bool:
        """Whether its weights change."""
        return self.share > 0


@dataclass(frozen=True)
class UnfreezingStage:
    """Epochs in which the same parts learn.

    Args:
        first: the first of them, counted from 0.
        last: the last of them.
        parts: all parts of the model, from the embeddings up.
    """

    first: int
    last: int
    parts: tuple[ModelPart, ...]


def lowest_depth(settings: Settings, *, layers: int, epoch: int) -> int:
    """Tell from which depth on a model learns in an epoch.

    full, random: 0. lora: 1, all but the embeddings. frozen: the head alone, layers + 1. top with
    2 of 4 layers: 3, that is layers 2 and 3 (counted from 0) and the head. gradual, 4 layers in 3
    epochs: 5, 3, 0, the head first and the embeddings with the last layers (Howard and Ruder 2018,
    section 3.3, where a layer joins in each epoch; here all have joined when the last one begins).

    Args:
        settings: strategy, epochs and trained_layers matter.
        layers: how many the model has.
        epoch: counted from 0.
    """
    if settings.strategy == "frozen":
        return layers + 1
    if settings.strategy == "top":
        return layers + 1 - min(settings.trained_layers, layers)
    if settings.strategy == "lora":
        return 1  # beside every layer; the embeddings have no such matrix
    if settings.strategy == "gradual":
        return _gradual(layers, epoch, settings.epochs)
    return 0


def parts_in(settings: Settings, *, layers: int, epoch: int) -> tuple[ModelPart, ...]:
    """List all parts from the embeddings up, with the share of the learning rate of each.

    A layer below another one takes `layer_decay` times its learning rate: with 0.5 and 2 layers
    the embeddings take 0.125, layer 0 takes 0.25, layer 1 takes 0.5, the head 1 (Sun et al. 2019,
    "How to Fine-Tune BERT for Text Classification?", section 5.3.4).
    """
    lowest = lowest_depth(settings, layers=layers, epoch=epoch)
    return tuple(
        ModelPart(
            depth, rate_share_at(depth, layers, settings.layer_decay) if depth >= lowest else 0.0
        )
        for depth in range(layers + 2)
    )


def stages_of(settings: Settings, *, layers: int) -> tuple[UnfreezingStage, ...]:
    """Join the epochs in which the same parts learn: one stage, but for gradual unfreezing.

    gradual, 4 layers, 3 epochs -> epoch 0 (head), epoch 1 (layers 2, 3, head), epoch 2 (all)
    """
    stages: list[UnfreezingStage] = []
    for epoch in range(settings.epochs):
        parts = parts_in(settings, layers=layers, epoch=epoch)
        if stages and stages[-1].parts == parts:
            stages[-1] = UnfreezingStage(stages[-1].first, epoch, parts)
        else:
            stages.append(UnfreezingStage(epoch, epoch, parts))
    return tuple(stages)


def rate_share_at(depth: int, layers: int, layer_decay: float) -> float:
    """The share of the learning rate that a depth takes: 1 for the head, less below it."""
    return layer_decay ** (layers + 1 - depth)


def _gradual(layers: int, epoch: int, epochs: int) -> int:
    joined = layers if epochs == 1 else round(layers * epoch / (epochs - 1))
    return 0 if joined == layers else layers + 1 - joined
