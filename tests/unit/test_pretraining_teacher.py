"""A sentence encoder's vectors as a second thing to learn from."""

import numpy as np
import pytest
import torch
from torch import nn

from bertlab.pretraining.data.batches import Marks, assemble
from bertlab.pretraining.data.encoded import EncodedText
from bertlab.pretraining.distillation import teacher_vectors
from bertlab.pretraining.distillation.sentences import (
    TeacherTargets,
    TeacherVectors,
    targets_of,
    teacher_loss,
)
from bertlab.pretraining.distillation.teacher_vectors import sentence_vectors, standardized

CPU = torch.device("cpu")
MARKS = Marks(2, 3, 0)
# Sentences of 3, 4, 2, 5 and 3 tokens; the teacher did not read the last one.
TEXT = EncodedText(
    ids=np.arange(10, 27, dtype=np.uint16),
    sentences=np.array([0, 3, 7, 9, 14, 17]),
    documents=np.array([0, 3, 5]),
)
VECTORS = np.array([[1, 0], [0, 1], [1, 1], [-1, 0]], dtype=np.float16)
TEACHER = TeacherVectors(VECTORS, np.array([0, 1, 2, 3, -1]))


def targets(*examples) -> TeacherTargets | None:
    inputs = assemble(TEXT, np.array(examples, dtype=np.int64), MARKS)
    return targets_of(inputs, TEXT, TEACHER, CPU)


def test_by_hand_two_whole_sentences_in_one_segment():
    """[CLS] 10 11 12 13 14 15 16 [SEP]: places 1 to 3 and 4 to 7."""
    found = targets((0, 7, 0, 0, -1))
    assert found is not None
    assert found.places.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert found.sentences.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert found.counts.tolist() == [3.0, 4.0]
    assert found.vectors.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert found.vectors.dtype == torch.float32


def test_by_hand_a_pair_and_another_input():
    """A has the end of sentence 0 and all of 1; B all of 3; the second input sentence 0."""
    found = targets((1, 7, 9, 14, 1), (0, 3, 0, 0, -1))
    assert found is not None
    # row 0: [CLS] 2 + 4 tokens [SEP] 5 tokens [SEP], 14 in all; row 1 begins at 14
    assert found.places.tolist() == [3, 4, 5, 6, 8, 9, 10, 11, 12, 15, 16, 17]
    assert found.sentences.tolist() == [0] * 4 + [1] * 5 + [2] * 3
    assert found.vectors.tolist() == [[0.0, 1.0], [-1.0, 0.0], [1.0, 0.0]]


def test_a_sentence_in_two_inputs_counts_twice():
    found = targets((0, 3, 0, 0, -1), (0, 3, 0, 0, -1))
    assert found is not None
    assert found.sentences.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.counts.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    "example",
    [
        (0, 2, 4, 7, 0),  # parts of sentences 0 and 1
        (7, 9, 0, 0, -1),  # whole, but of two tokens
        (14, 17, 0, 0, -1),  # whole, but the teacher did not read it
    ],
)
def test_parts_short_and_unread_sentences_have_no_target(example):
    assert targets(example) is None


def test_the_loss_is_one_minus_the_cosine_of_mean_vectors():
    """Means [2, 0] and [1, 1] against [1, 0] and [1, 0]: cosines 1 and 0.7071."""
    last_layer = torch.tensor([[[9.0, 9.0], [1.0, 0.0], [3.0, 0.0], [2.0, 0.0], [0.0, 2.0]]])
    asked = TeacherTargets(
        places=torch.tensor([1, 2, 3, 4]),
        sentences=torch.tensor([0, 0, 1, 1]),
        counts=torch.tensor([2.0, 2.0]),
        vectors=torch.tensor([[1.0, 0.0], [1.0, 0.0]]),
    )
    expected = ((1 - 1.0) + (1 - 0.5**0.5)) / 2
    assert teacher_loss(nn.Identity(), last_layer, asked).item() == pytest.approx(expected)


@pytest.mark.parametrize(("factor", "expected"), [(1.0, 0.0), (5.0, 0.0), (-1.0, 2.0)])
def test_the_same_direction_costs_nothing_and_the_opposite_two(factor, expected):
    last_layer = torch.tensor([[[3.0, 4.0], [3.0, 4.0]]])
    asked = TeacherTargets(
        torch.tensor([0, 1]),
        torch.tensor([0, 0]),
        torch.tensor([2.0]),
        factor * torch.tensor([[0.6, 0.8]]),
    )
    loss = teacher_loss(nn.Identity(), last_layer, asked).item()
    assert loss == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("layer", [-1, 0, 1])
def test_the_teachers_vectors_are_means_of_length_one(tiny_bert, layer):
    """In whatever order it reads: each sentence as if it were alone, up to half precision."""
    sentences = ["the cat sat on the mat", "a dog", "film", "we loved it !"] * 3
    found = sentence_vectors(tiny_bert, iter(sentences), len(sentences), layer=layer)
    assert found.dtype == np.float16
    assert found.shape == (12, 32)
    for text, vector in zip(sentences, found, strict=True):
        inputs = tiny_bert.tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            states = tiny_bert.encoder(**inputs, output_hidden_states=True).hidden_states[layer][0]
        mean = states.mean(dim=0)
        expected = (mean / mean.norm()).numpy()
        assert float(vector @ expected) == pytest.approx(1.0, abs=5e-3)
        assert np.linalg.norm(vector.astype(np.float32)) == pytest.approx(1.0, abs=2e-3)


def test_by_hand_coordinates_get_mean_zero_and_variance_one(monkeypatch):
    """1, 3, 5: mean 3, variance 8/3; the second never changes; rows are read two at a time."""
    monkeypatch.setattr(teacher_vectors, "ROWS", 2)
    found = standardized(np.array([[1, 7], [3, 7], [5, 7]], dtype=np.float16))
    assert found.dtype == np.float16
    side = 2 / (8 / 3) ** 0.5
    np.testing.assert_allclose(found, [[-side, 0], [0, 0], [side, 0]], atol=1e-3)
    assert standardized(np.zeros((0, 2), dtype=np.float16)).shape == (0, 2)
