"""The pre-training loop, plain enough to be read in class."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

import torch
from torch import nn

from bertlab.pretraining.distillation.sentences import TeacherTargets, teacher_loss
from bertlab.pretraining.distillation.words import TeacherWords, WordTargets, word_loss
from bertlab.pretraining.model import Learner, freeze
from bertlab.pretraining.objectives import Losses, PretrainingBatch, losses
from bertlab.pretraining.optimizer import rate_share_at, set_rate
from bertlab.training.state import TrainingState

CLIP = 1.0  # longest gradient that is let through


@dataclass
class PretrainingState(TrainingState):
    """All that changes while a model learns from text.

    Args:
        learner: the model, and a teacher's projection where there is one.
        optimizers: over all its weights.
        tokens: tokens seen so far, padding left out.
    """

    learner: Learner
    optimizers: tuple[torch.optim.Optimizer, ...]
    tokens: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class PretrainingOptions:
    """How the loop trains.

    Args:
        steps: of the whole run.
        learning_rate: the peak.
        warm_up: share of the steps in which it rises.
        frozen: parts that keep their weights at first, see `model.part_of`.
        frozen_steps: for how many steps they do; the rate rises again after these.
        teacher_weight: of the teacher's loss, where there is one.
        word_weight: of the loss of its embeddings, where these are a target.
    """

    steps: int
    learning_rate: float
    warm_up: float
    frozen: Collection[str] = ()
    frozen_steps: int = 0
    teacher_weight: float = 1.0
    word_weight: float = 0.0


@dataclass(frozen=True)
class PretrainingStep:
    """One optimizer step; all losses are those of its batch, before it.

    Args:
        loss: mean cross-entropy of the masked tokens, in nats.
        accuracy: share of the masked tokens that were predicted, 0 to 1.
        next: cross-entropy of the next sentence, in nats.
        learning_rate: that it took.
        tokens: seen so far, this step's included.
        teacher: distance from the teacher's sentences; None without one.
        words: distance from its word embeddings; None where these are no target.
    """

    loss: float
    accuracy: float
    next: float
    learning_rate: float
    tokens: int
    teacher: float | None = None
    words: float | None = None


def pretrain(
    state: PretrainingState,
    batch_at: Callable[[int], tuple[PretrainingBatch, TeacherTargets | None]],
    options: PretrainingOptions,
    *,
    words: TeacherWords | None = None,
    device: torch.device,
    use_bf16: bool = False,
) -> Iterator[PretrainingStep]:
    """Train a BERT on masked tokens and next sentences, and yield each step as it is taken.

    for step in pretrain(state, batch_at, options, device=device): print(step.loss, step.accuracy)
    -> 9.7 0.0 ... 3.1 0.45

    Whoever takes the steps may stop taking them at any time: the model is then as the last
    one left it.

    Args:
        state: fresh, or from a checkpoint, in which case it goes on at its step.
        batch_at: gives the batch of a step; the masking is new at every step.
        options: steps, learning rate, and what learns when.
        words: the teacher's embeddings, where these are a target.
        device: where the model is.
        use_bf16: compute in bfloat16 where that is safe.
    """
    learner, optimizers = state.learner, state.optimizers
    learner.train()  # dropout on, where the model has any
    weights = {"teacher": options.teacher_weight, "words": options.word_weight}
    while state.step < options.steps:
        batch, targets = batch_at(state.step)
        asked = words.sample(state.step, device) if words is not None else None
        freeze(learner, options.frozen if state.step < options.frozen_steps else ())
        rate = options.learning_rate * rate_share_at(
            state.step, options.steps, warm_up=options.warm_up, first=options.frozen_steps
        )
        set_rate(optimizers, rate)
        with torch.autocast(device.type, torch.bfloat16, enabled=use_bf16):
            parts = losses(learner.bert, batch)
        taught = _teacher_losses(learner, parts, targets, asked)
        # Both games, added (Devlin et al. 2019, appendix A.2), and what a teacher says.
        loss = sum((weights[name] * taught[name] for name in taught), start=parts.total)
        loss.backward()  # how each weight would change the loss
        nn.utils.clip_grad_norm_(learner.parameters(), CLIP)
        for optimizer in optimizers:
            optimizer.step()  # change each weight a little against that
            optimizer.zero_grad()
        state.step += 1
        state.examples += batch.sequences
        state.tokens += batch.tokens
        yield PretrainingStep(
            loss=parts.masked.item(),
            accuracy=parts.masked_hits.item(),
            next=parts.next_sentence.item(),
            learning_rate=rate,
            tokens=state.tokens,
            **{name: value.item() for name, value in taught.items()},
        )


def _teacher_losses(
    learner: Learner,
    parts: Losses,
    targets: TeacherTargets | None,
    asked: WordTargets | None,
) -> dict[str, torch.Tensor]:
    """How far the model is from its teacher: in its sentences, in its word embeddings."""
    found = {}
    if targets is not None:
        found["teacher"] = teacher_loss(learner.projection, parts.last_layer, targets)
    if asked is not None:
        found["words"] = word_loss(learner.word_projection, learner.embeddings, asked)
    return found
