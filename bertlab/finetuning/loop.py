"""The training loop, plain enough to be read in class."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import nn

from bertlab.finetuning.data import Data, training_batches
from bertlab.finetuning.optimization import FineTuningState
from bertlab.finetuning.tasks import Task


@dataclass(frozen=True)
class LoopOptions:
    """How the loop goes through the data.

    Args:
        epochs: passes over the data.
        batch_size: examples a step.
        seed: fixes the order; the dropout follows torch's own.
        device: where the model is.
        use_bf16: compute in bfloat16 where that is safe.
        clip: longest gradient that is let through.
    """

    epochs: int
    batch_size: int
    seed: int
    device: torch.device
    use_bf16: bool = False
    clip: float = 1.0

    def steps_per_epoch(self, data: Data) -> int:
        """Count the batches of one pass over the data; the last one may be smaller."""
        return math.ceil(len(data.lengths) / self.batch_size)


@dataclass(frozen=True)
class TrainingStep:
    """One optimizer step.

    Args:
        epoch: counted from 0.
        loss: of the batch before the step, with dropout on; cross-entropy in nats for one label.
        metric: of the batch likewise, see `Task.metric_name`: accuracy, 0 to 1, for one label.
        learning_rate: that it took.
    """

    epoch: int
    loss: float
    metric: float
    learning_rate: float


def train(
    state: FineTuningState,
    data: Data,
    task: Task,
    options: LoopOptions,
    *,
    on_epoch: Callable[[int], None] = lambda epoch: None,
    on_gradients: Callable[[int], None] = lambda step: None,
) -> Iterator[TrainingStep]:
    """Fine-tune a classifier, and yield each step as it is taken.

    for step in train(state, data, OneLabel(), options): print(step.loss)
    -> 0.693 ... 0.655 ... 0.402

    Whoever takes the steps may stop taking them at any time: the model is then as the last
    one left it. A training that comes from a checkpoint goes on at its step.

    Args:
        state: model, optimizer and schedule; all of them change.
        data: what is learned from.
        task: what is learned.
        options: epochs, batch size, seed and device.
        on_epoch: told each epoch's number before it begins; may let other layers learn.
        on_gradients: told each step's number, from 1, while its gradients are there.
    """
    model, optimizer, schedule = state.model, state.optimizer, state.schedule
    device, steps_per_epoch = options.device, options.steps_per_epoch(data)
    for epoch in range(state.step // steps_per_epoch, options.epochs):
        on_epoch(epoch)
        order = training_batches(
            data.lengths, batch_size=options.batch_size, seed=options.seed, epoch=epoch
        )
        for indices in order[state.step % steps_per_epoch :]:
            model.train()  # dropout on
            batch = data.batch(indices, device)  # input_ids: (batch, longest text in the batch)
            with torch.autocast(device.type, torch.bfloat16, enabled=options.use_bf16):
                logits = model(**batch.inputs).logits  # (batch, labels)
            loss = task.loss(logits.float(), batch.labels)  # cross-entropy, of one label per text
            metric = task.batch_metric(logits.detach().float(), batch.labels)  # with dropout on
            loss.backward()  # how each weight would change the loss
            on_gradients(state.step + 1)
            nn.utils.clip_grad_norm_(model.parameters(), options.clip)
            rate = float(schedule.get_last_lr()[0])
            optimizer.step()  # change each weight a little against that
            optimizer.zero_grad()
            schedule.step()
            state.step += 1
            state.examples += len(indices)
            yield TrainingStep(epoch, loss.item(), float(metric), rate)
