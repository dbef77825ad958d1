"""The training loop, plain enough to be read in class."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from bertlab.finetuning.data import Data, ordered_batches, pooled, training_batches
from bertlab.finetuning.strategies.layer_groups import depth_of
from bertlab.finetuning.strategies.strategies import rate_share_at
from bertlab.finetuning.tasks import AnyScores, OneLabel, Task
from bertlab.runs.events import Event

WEIGHT_DECAY = 0.01
CHECKS = 12  # how many points the validation curve gets, at least one an epoch


@dataclass
class Training:
    """All that changes while a model learns; together with the data it determines the rest.

    Args:
        model: called with a batch's inputs, returns an object with `.logits` (batch, labels).
        optimizer: AdamW over the weights that may change.
        schedule: sets the learning rate before each step.
        step: optimizer steps taken so far; also the place in the data.
        examples: training examples seen so far.
        seconds: training time before the last interruption.
        started: clock reading when this stretch began.
        step_seconds: time spent on steps alone, without validating and storing.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    step: int = 0
    examples: int = 0
    seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)
    step_seconds: float = 0.0

    def elapsed(self) -> float:
        """Tell the training time so far in seconds, interruptions left out."""
        return self.seconds + time.monotonic() - self.started

    def event(self, kind: str, **values: Any) -> Event:
        """Stamp something that happened with where the training stands."""
        return Event(kind, self.step, self.elapsed(), self.examples, values)


def train(
    training: Training,
    data: Data,
    validation: Data | None,
    *,
    epochs: int,
    batch_size: int,
    seed: int,
    device: torch.device,
    use_bf16: bool = False,
    clip: float = 1.0,
    task: Task | None = None,
    on_epoch: Callable[[int], None] = lambda epoch: None,
    on_gradients: Callable[[int], None] = lambda step: None,
) -> Iterator[Event]:
    """Fine-tune a classifier and tell each step as it happens.

    for event in train(training, data, validation, epochs=3, ...): print(event)
    -> train loss 0.693 ... train loss 0.655 ... validation loss 0.640, accuracy 0.63 ...

    Whoever takes the events may stop taking them at any time: the model is then as the
    last step left it. A training that comes from a checkpoint goes on at its step.

    Args:
        training: model, optimizer and schedule; all of them change.
        data: what is learned from.
        validation: what is looked at while it learns.
        epochs: passes over the data.
        batch_size: examples a step.
        seed: fixes the order; the dropout follows torch's own.
        device: where the model is.
        use_bf16: compute in bfloat16 where that is safe.
        clip: longest gradient that is let through.
        task: what is learned; one label per text where it is left out.
        on_epoch: told each epoch's number before it begins; may let other layers learn.
        on_gradients: told each step's number, from 1, while its gradients are there.
    """
    model, optimizer, schedule = training.model, training.optimizer, training.schedule
    task = task or OneLabel()
    steps_per_epoch = math.ceil(len(data.lengths) / batch_size)
    check_every = steps_per_check(steps_per_epoch, epochs)
    for epoch in range(training.step // steps_per_epoch, epochs):
        on_epoch(epoch)
        order = training_batches(data.lengths, batch_size=batch_size, seed=seed, epoch=epoch)
        for indices in order[training.step % steps_per_epoch :]:
            model.train()  # dropout on
            batch = data.batch(indices, device)  # input_ids: (batch, longest text in the batch)
            with torch.autocast(device.type, torch.bfloat16, enabled=use_bf16):
                logits = model(**batch.inputs).logits  # (batch, labels)
            loss = task.loss(logits.float(), batch.labels)  # cross-entropy, of one label per text
            hits = task.hits(logits.detach().float(), batch.labels)  # with dropout on
            loss.backward()  # how each weight would change the loss
            on_gradients(training.step + 1)
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            rate = schedule.get_last_lr()[0]
            optimizer.step()  # change each weight a little against that
            optimizer.zero_grad()
            schedule.step()
            training.step += 1
            training.examples += len(indices)
            now = {"loss": loss.item(), task.hit_name: hits.item(), "learning_rate": rate}
            yield training.event("train", **now, epoch=epoch)

            is_last = training.step % steps_per_epoch == 0
            if validation is not None and (is_last or training.step % check_every == 0):
                answers = evaluate(model, validation, device=device, use_bf16=use_bf16, task=task)
                told = scores_told(answers.scores())
                yield training.event("validation", **told, epoch=epoch, epoch_end=is_last)


def steps_per_check(steps_per_epoch: int, epochs: int) -> int:
    """Steps from one look at validation to the next within an epoch: 120, 10 epochs -> 100."""
    return max(1, min(steps_per_epoch, steps_per_epoch * epochs // CHECKS))


def scores_told(scores: AnyScores) -> dict[str, Any]:
    """What a "validation" event tells: all scores, and the one by which weights are chosen."""
    return {**vars(scores), "quality": scores.quality}


@dataclass(frozen=True)
class Evaluation:
    """A model's answers to one part of the data.

    Args:
        labels: (examples,) or (examples, labels), the right answers, see `Task.targets`.
        answers: float32 (examples, labels), see `Task.answers`: of one label per text
            probabilities, each row of which sums to 1.
        task: what was asked.
    """

    labels: npt.NDArray[Any]
    answers: npt.NDArray[np.float32]
    task: Task

    def scores(self) -> AnyScores:
        """Sum the answers up."""
        return self.task.score(self.labels, self.answers)


def evaluate(
    model: nn.Module,
    data: Data,
    *,
    device: torch.device,
    use_bf16: bool = False,
    task: Task | None = None,
) -> Evaluation:
    """Ask a model about every example, dropout off, nothing learned.

    Args:
        model: called with a batch's inputs, returns an object with `.logits`.
        data: the examples; the answers come back in their order. The windows of a long text are
            asked one by one, and the mean of their answers is the text's.
        device: where the model is.
        use_bf16: compute in bfloat16 where that is safe.
        task: what is asked; one label per text where it is left out.
    """
    model.eval()
    task = task or OneLabel()
    rows: dict[int, npt.NDArray[np.float32]] = {}
    for indices in ordered_batches(data.lengths):
        batch = data.batch(indices, device)
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=use_bf16):
            logits = model(**batch.inputs).logits  # (batch, labels)
        rows.update(zip(indices, task.answers(logits.float()).cpu().numpy(), strict=True))
    answers = np.stack([rows[index] for index in range(len(rows))])
    labels = data.labels.numpy()
    if data.owners is not None:
        labels, answers = pooled(data.owners, labels, answers)
    return Evaluation(labels, answers, task)


def start_training(
    model: nn.Module,
    *,
    learning_rate: float,
    steps: int,
    layers: int = 0,
    layer_decay: float = 1.0,
    warm_up: float = 0.1,
) -> Training:
    """Set up AdamW and the schedule for the weights that may change.

    Args:
        model: its parameters with `requires_grad` are trained.
        learning_rate: the peak, which the head takes.
        steps: optimizer steps of the whole run.
        layers: how many the model has; needed with a decay alone.
        layer_decay: each layer takes this times the rate of the one above it.
        warm_up: share of the steps in which the rate rises.
    """
    # "fused" updates all weights in one pass over memory. AdamW corrects the bias of its
    # first steps, which small data needs (Mosbach et al. 2021).
    groups = weight_groups(model, learning_rate, layers=layers, layer_decay=layer_decay)
    optimizer = torch.optim.AdamW(groups, lr=learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: rate_share(step, steps, warm_up=warm_up)
    )
    return Training(model, optimizer, schedule)


def weight_groups(
    model: nn.Module, learning_rate: float, *, layers: int, layer_decay: float
) -> list[dict[str, Any]]:
    """Sort the weights that may change by learning rate and weight decay; the peak comes first.

    Biases and norms (one dimension) are not pulled towards zero.
    """
    found: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        if weight.requires_grad:
            share = rate_share_at(depth_of(name, layers), layers, layer_decay)
            decay = WEIGHT_DECAY if weight.ndim >= 2 else 0.0
            found.setdefault((learning_rate * share, decay), []).append(weight)
    return [
        {"params": weights, "lr": rate, "weight_decay": decay}
        for (rate, decay), weights in sorted(found.items(), key=lambda item: item[0], reverse=True)
    ]


def rate_share(step: int, steps: int, *, warm_up: float = 0.1) -> float:
    """Tell the share of the peak learning rate at a step: up for 10 %, then down to 0.

    steps 100: step 0 -> 0.1, step 9 -> 1.0, step 55 -> 0.5, step 100 -> 0.0
    """
    rising = max(1, round(steps * warm_up))
    if step < rising:
        return (step + 1) / rising
    return max(0.0, (steps - step) / max(1, steps - rising))
