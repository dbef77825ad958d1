"""What a head learns: its targets, its loss, what its logits say, and how that is scored.

One class for each `problem_type` of transformers, with the loss that transformers uses too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from bertlab.datasets import MULTI_LABEL, REGRESSION, SINGLE_LABEL, Examples
from bertlab.errors import InputError
from bertlab.finetuning.metrics import (
    THRESHOLD,
    NumberScores,
    Scores,
    SetScores,
    score,
    score_numbers,
    score_sets,
)


def balanced_weights(labels: Tensor, count: int) -> Tensor:
    """Weigh each class by examples / (classes that occur * examples of it).

    labels [0, 0, 0, 1], 2 classes -> [4 / (2 * 3), 4 / (2 * 1)] = [0.667, 2.0]: every class adds
    up to the same, and the mean over the examples is 1. It is what scikit-learn calls "balanced"
    (King and Zeng 2001). A class without examples gets 1.

    Args:
        labels: int64 (examples,), label ids of the training part.
        count: labels there are.

    Returns:
        float32 (count,).
    """
    found = torch.bincount(labels, minlength=count).float()  # (count,)
    occurring = (found > 0).sum()
    weights = len(labels) / (occurring * found.clamp(min=1))
    return torch.where(found > 0, weights, torch.ones(count))


def positive_weights(targets: Tensor) -> Tensor:
    """Weigh missing a label by how rarely it is there: texts without it / texts with it.

    targets [[1, 0], [0, 0], [0, 0], [1, 1]] -> [2 / 2, 3 / 1] = [1.0, 3.0]; it is `pos_weight` of
    torch's binary cross-entropy. A label without examples gets 1.

    Args:
        targets: 0 or 1, float32 (examples, labels).

    Returns:
        float32 (labels,).
    """
    found = targets.sum(0)  # (labels,)
    weights = (len(targets) - found) / found.clamp(min=1)
    return torch.where((found > 0) & (weights > 0), weights, torch.ones_like(found))


Floats = npt.NDArray[np.float32]
AnyScores = Scores | SetScores | NumberScores


class Task(Protocol):
    """What is learned."""

    problem_type: str
    goal: str  # what validation is asked for, in words
    metric_name: str  # what a batch is told by, beside its loss

    def targets(self, examples: Examples) -> Tensor:
        """The right answers, (examples,) or (examples, labels)."""
        ...

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The mean loss of a batch, float32 ()."""
        ...

    def batch_metric(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The mean of `metric_name` over a batch, float32 ()."""
        ...

    def answers(self, logits: Tensor) -> Tensor:
        """What the logits say, as `score` and people want it."""
        ...

    def score(self, targets: npt.NDArray[Any], answers: Floats) -> AnyScores:
        """Sum answers up."""
        ...


@dataclass(frozen=True)
class SingleLabel:
    """One label per text: softmax and cross-entropy.

    Args:
        weights: float32 (labels,), what a mistake costs by its right label; None: all alike.
    """

    weights: Tensor | None = None
    problem_type = SINGLE_LABEL
    goal = "validation accuracy"
    metric_name = "accuracy"

    def targets(self, examples: Examples) -> Tensor:
        """Label ids, int64 (examples,): of the names ["neg", "pos"] "pos" is 1."""
        ids = {name: index for index, name in enumerate(examples.label_names)}
        return torch.tensor([ids[label] for label in examples.labels], dtype=torch.int64)

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean of -ln(softmax of the right label)."""
        return nn.functional.cross_entropy(logits, targets, weight=self.weights)

    def batch_metric(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Share of the batch answered rightly."""
        return (logits.argmax(-1) == targets).float().mean()

    def answers(self, logits: Tensor) -> Tensor:
        """Probabilities, each row sums to 1."""
        return logits.softmax(-1)

    def score(self, targets: npt.NDArray[Any], answers: Floats) -> Scores:
        """Accuracy, macro-F1 and loss."""
        return score(targets, answers)


@dataclass(frozen=True)
class MultiLabel:
    """Any number of labels per text: a sigmoid and a binary cross-entropy for each.

    Args:
        weights: float32 (labels,), how much more it costs to miss a label than to name it
            wrongly; None: alike.
    """

    weights: Tensor | None = None
    problem_type = MULTI_LABEL
    goal = "validation micro-F1"
    metric_name = "accuracy"

    def targets(self, examples: Examples) -> Tensor:
        """1 for each label of a text, float32 (examples, labels): "b" of [a, b] is [0, 1]."""
        found = torch.zeros(len(examples), len(examples.label_names))
        ids = {name: index for index, name in enumerate(examples.label_names)}
        for at, labels in enumerate(examples.label_sets()):
            found[at, [ids[label] for label in labels]] = 1.0
        return found

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean over texts and labels of -ln(sigmoid of the right side)."""
        return nn.functional.binary_cross_entropy_with_logits(
            logits, targets, pos_weight=self.weights
        )

    def batch_metric(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Share of the batch with exactly the right labels."""
        return ((logits > 0) == (targets > THRESHOLD)).all(-1).float().mean()

    def answers(self, logits: Tensor) -> Tensor:
        """A probability for each label; a row's sum says nothing."""
        return logits.sigmoid()

    def score(self, targets: npt.NDArray[Any], answers: Floats) -> SetScores:
        """Share of exact matches, micro- and macro-F1, loss."""
        return score_sets(targets, answers)


@dataclass(frozen=True)
class Regression:
    """A number per text: the squared error, in standard deviations of the training part.

    The head learns (number - mean) / deviation, so that prices learn as well as stars do with
    one learning rate. `settle_scale` puts both into the finished model's head.

    Args:
        mean: of the training part's numbers.
        deviation: of them, above 0.
    """

    mean: float = 0.0
    deviation: float = 1.0
    problem_type = REGRESSION
    goal = "validation loss"
    metric_name = "mean_absolute_error"

    def targets(self, examples: Examples) -> Tensor:
        """The numbers as they stand in the table, float32 (examples,)."""
        return torch.tensor(examples.numbers(), dtype=torch.float32)

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean of the squared differences, in squared deviations."""
        wanted = (targets - self.mean) / self.deviation
        return nn.functional.mse_loss(logits.squeeze(-1), wanted)

    def batch_metric(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean of the absolute differences, in the numbers' own unit."""
        return (self.answers(logits).squeeze(-1) - targets).abs().mean()

    def answers(self, logits: Tensor) -> Tensor:
        """The numbers in their own unit, (examples, 1)."""
        return logits * self.deviation + self.mean

    def score(self, targets: npt.NDArray[Any], answers: Floats) -> NumberScores:
        """Mean absolute error, correlations, loss."""
        return score_numbers(targets, answers[:, 0], deviation=self.deviation)


def task_of(train: Examples, *, class_weights: bool = False, device: Any = "cpu") -> Task:
    """Choose what is learned from a training part.

    Args:
        train: the training part; its `problem_type` decides.
        class_weights: whether rare classes are to count as much as common ones.
        device: where the model is.

    Raises:
        InputError: numbers have no classes to be weighed.
    """
    if train.problem_type == REGRESSION:
        if class_weights:
            raise InputError("Class weights need classes; numbers have none. Switch them off.")
        values = np.asarray(train.numbers())
        return Regression(float(values.mean()), float(values.std()) or 1.0)
    if train.problem_type == MULTI_LABEL:
        found = MultiLabel().targets(train)
        return MultiLabel(positive_weights(found).to(device) if class_weights else None)
    ids = SingleLabel().targets(train)
    count = len(train.label_names)
    return SingleLabel(balanced_weights(ids, count).to(device) if class_weights else None)


def task_of_model(config: Any) -> Task:
    """Choose what a finished model's logits say, by its configuration; one label by default."""
    kinds: dict[str, Task] = {MULTI_LABEL: MultiLabel(), REGRESSION: Regression()}
    return kinds.get(getattr(config, "problem_type", None) or SINGLE_LABEL, SingleLabel())


def settle_scale(model: Any, task: Task) -> Task:
    """Let a model of numbers answer in their own unit: mean and deviation go into its last layer.

    Logits w x + b become deviation (w x + b) + mean, so weights and bias are multiplied by the
    deviation and the mean is added to the bias. Of other tasks nothing changes.

    Returns:
        The task as the model answers it now.
    """
    if not isinstance(task, Regression):
        return task
    last = getattr(model.classifier, "out_proj", model.classifier)  # in every family we load
    with torch.no_grad():
        last.weight.mul_(task.deviation)
        last.bias.mul_(task.deviation).add_(task.mean)
    return Regression()
