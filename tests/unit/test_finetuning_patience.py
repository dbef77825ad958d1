"""Early stopping and class weights, by hand."""

import pytest
import torch

from bertlab.finetuning.tasks import balanced_weights
from bertlab.training.early_stopping import epochs_without_gain, is_over


@pytest.mark.parametrize(
    ("accuracies", "expected"),
    [([], 0), ([0.5], 0), ([0.6, 0.7], 0), ([0.6, 0.8, 0.7, 0.8], 2), ([0.5, 0.5, 0.5], 2)],
)
def test_epochs_since_the_best_one(accuracies, expected):
    assert epochs_without_gain(accuracies) == expected


def test_no_patience_means_never():
    assert not is_over([0.9, 0.1, 0.1, 0.1], 0)
    assert is_over([0.9, 0.1], 1)
    assert not is_over([0.9, 0.1], 2)


def test_each_class_weighs_the_same_in_all():
    labels = torch.tensor([0, 0, 0, 1])
    weights = balanced_weights(labels, 3)
    assert weights.tolist() == pytest.approx([4 / 6, 2.0, 1.0])
    assert weights[labels].mean().item() == pytest.approx(1.0)
    assert balanced_weights(torch.tensor([0, 1, 1, 0]), 2).tolist() == [1.0, 1.0]
