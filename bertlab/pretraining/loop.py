"""The pre-training loop, plain enough to be read in class."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from bertlab.pretraining.distillation.sentences import TeacherTargets, teacher_loss
from bertlab.pretraining.distillation.words import TeacherWords, WordTargets, word_loss
from bertlab.pretraining.model import Learner, freeze
from bertlab.pretraining.objectives import Batch, Losses, losses
from bertlab.pretraining.optimizer import rate_at, set_rate
from bertlab.runs.events import Event

CLIP = 1.0  # longest gradient that is let through


@dataclass
class Training:
    """All that changes while a model learns from text.

    Args:
        learner: the model, and a teacher's projection where there is one.
        optimizers: over all its weights.
        step: steps taken so far; also the place in the plan.
        examples: inputs seen so far.
        tokens: tokens seen so far, padding left out.
        seconds: training time before the last interruption.
        started: clock reading when this stretch began.
    """

    learner: Learner
    optimizers: tuple[torch.optim.Optimizer, ...]
    step: int = 0
    examples: int = 0
    tokens: int = 0
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def elapsed(self) -> float:
        """Tell the training time so far in seconds, interruptions left out."""
        return self.seconds + time.monotonic() - self.started

    def event(self, kind: str, **values: Any) -> Event:
        """Stamp something that happened with where the training stands."""
        return Event(kind, self.step, self.elapsed(), self.examples, values)


def pretrain(
    training: Training,
    batch_at: Callable[[int], tuple[Batch, TeacherTargets | None]],
    *,
    steps: int,
    learning_rate: float,
    warm_up: float,
    frozen: Collection[str] = (),
    frozen_steps: int = 0,
    teacher_weight: float = 1.0,
    words: TeacherWords | None = None,
    word_weight: float = 0.0,
    device: torch.device,
    use_bf16: bool = False,
) -> Iterator[Event]:
    """Train a BERT on masked tokens and next sentences, and tell each step as it happens.

    for event in pretrain(training, batch_at, steps=1000, ...): print(event)
    -> loss 9.7, masked accuracy 0.0 ... loss 3.1, masked accuracy 0.45

    Whoever takes the events may stop taking them at any time: the model is then as the last
    step left it.

    Args:
        training: fresh, or from a checkpoint, in which case it goes on at its step.
        batch_at: gives the batch of a step; the masking is new at every step.
        steps: of the whole run.
        learning_rate: the peak.
        warm_up: share of the steps in which it rises.
        frozen: parts that keep their weights at first, see `parts.part_of`.
        frozen_steps: for how many steps they do; the rate rises again after these.
        teacher_weight: of the teacher's loss, where there is one.
        words: the teacher's embeddings, where these are a target.
        word_weight: of their loss.
        device: where the model is.
        use_bf16: compute in bfloat16 where that is safe.
    """
    learner, optimizers = training.learner, training.optimizers
    learner.train()  # dropout on, where the model has any
    weights = {"teacher": teacher_weight, "words": word_weight}
    while training.step < steps:
        batch, targets = batch_at(training.step)
        asked = words.sample(training.step, device) if words is not None else None
        freeze(learner, frozen if training.step < frozen_steps else ())
        rate = rate_at(
            training.step, peak=learning_rate, steps=steps, warm_up=warm_up, first=frozen_steps
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
        training.step += 1
        training.examples += batch.sequences
        training.tokens += batch.tokens
        figures = _figures(parts, taught)
        yield training.event("train", **figures, learning_rate=rate, tokens=training.tokens)


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


def _figures(parts: Losses, taught: dict[str, torch.Tensor]) -> dict[str, float]:
    """What a step tells of itself."""
    now = {"loss": parts.masked, "accuracy": parts.masked_hits, "next": parts.next_sentence}
    return {name: value.item() for name, value in (now | taught).items()}
