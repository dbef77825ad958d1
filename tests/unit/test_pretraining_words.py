"""A teacher's embeddings as a target for the learner's own."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from bertlab.pretraining.distillation import words as teacher_words
from bertlab.pretraining.distillation.words import TeacherWords, WordTargets, read_words, word_loss

CPU = torch.device("cpu")


class Spelling:
    """A tokenizer by hand: whole words, else letter by letter."""

    unk_token_id = 0
    all_special_tokens = ("[PAD]",)

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces

    def get_vocab(self) -> dict[str, int]:
        return {piece: index for index, piece in enumerate(self.pieces)}

    def __call__(self, text: str, **_: object) -> dict[str, list[int]]:
        known = self.get_vocab()
        words = [text] if text in known else list(text)
        return {"input_ids": [known.get(word, self.unk_token_id) for word in words]}


def test_by_hand_a_piece_is_itself_or_what_it_is_spelled_with():
    """ "ab" is the mean of a and b, "##b" is spelled b, "xy" has a letter that nobody knows."""
    vectors = torch.tensor([[9.0, 9.0], [9.0, 9.0], [1.0, 0.0], [3.0, 2.0]])
    layer = nn.Embedding.from_pretrained(vectors)
    teacher = SimpleNamespace(
        tokenizer=Spelling("[UNK]", "[PAD]", "a", "b"),
        encoder=SimpleNamespace(get_input_embeddings=lambda: layer),
    )
    found = read_words(teacher, Spelling("[PAD]", "xy", "a", "ab", "##b"), seed=0)
    assert found.pieces.tolist() == [2, 3, 4]
    # a [1, 0], ab [2, 1], b [3, 2]: mean [2, 1], variance 2/3
    side = (2 / 3) ** -0.5
    np.testing.assert_allclose(found.vectors, [[-side, -side], [0, 0], [side, side]], atol=1e-6)


def test_the_embedded_models_own_words_are_themselves(mini):
    found = read_words(mini, mini.tokenizer, seed=0)
    special = set(mini.tokenizer.all_special_ids)
    assert found.pieces.tolist() == [i for i in range(len(mini.tokenizer)) if i not in special]
    own = mini.encoder.embeddings.word_embeddings.weight.detach().numpy()[found.pieces]
    expected = (own - own.mean(axis=0)) / own.std(axis=0)
    np.testing.assert_allclose(found.vectors, expected, atol=1e-3)


def test_a_step_draws_the_same_words_each_time(monkeypatch):
    monkeypatch.setattr(teacher_words, "SAMPLE", 5)
    words = TeacherWords(np.arange(100, 120), np.eye(20, dtype=np.float32), seed=3)
    first, again, other = (words.sample(step, CPU) for step in (1, 1, 2))
    assert torch.equal(first.pieces, again.pieces)
    assert not torch.equal(first.pieces, other.pieces)
    assert len(set(first.pieces.tolist())) == 5
    assert torch.equal(first.vectors.argmax(dim=1) + 100, first.pieces)


@pytest.mark.parametrize(("vector", "expected"), [([2, 0], 0.0), ([-1, 0], 2.0), ([0, 5], 1.0)])
def test_by_hand_the_loss_is_one_minus_the_cosine(vector, expected):
    targets = WordTargets(torch.tensor([1]), torch.tensor([vector], dtype=torch.float32))
    embeddings = torch.tensor([[0.0, 1.0], [3.0, 0.0]], requires_grad=True)
    loss = word_loss(nn.Identity(), embeddings, targets)
    assert loss.item() == pytest.approx(expected, abs=1e-6)
    loss.backward()
    assert embeddings.grad is not None
    assert not embeddings.grad[0].any()  # nobody asked for it
