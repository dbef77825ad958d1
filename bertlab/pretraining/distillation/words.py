"""Distillation, word by word: a teacher's embeddings as a target for the learner's own.

A small text shows rare words a few times, too few to learn what they mean; a teacher that read
much more knows them. One linear layer maps the learner's embeddings to the teacher's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from bertlab.models import LoadedModel
from bertlab.pretraining.distillation.teacher_vectors import standardized

CONTINUES = "##"
SAMPLE = 2_048  # pieces that are asked for in a step: the loss of all of them would cost a tenth


@dataclass(frozen=True)
class WordTargets:
    """What the teacher says about some pieces.

    Args:
        pieces: int64 (sample,), ids in the learner's vocabulary.
        vectors: float32 (sample, teacher_size).
    """

    pieces: Tensor
    vectors: Tensor


@dataclass(frozen=True)
class TeacherWords:
    """What the teacher says about all pieces that it can spell.

    Args:
        pieces: int64 (known,), ids in the learner's vocabulary.
        vectors: float32 (known, teacher_size); each coordinate has mean 0 and variance 1.
        seed: with the step's number it fixes which are asked for.
    """

    pieces: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]
    seed: int

    @property
    def size(self) -> int:
        """The length of a vector."""
        return int(self.vectors.shape[1])

    def sample(self, step: int, device: torch.device) -> WordTargets:
        """Draw the pieces of a step, at most `SAMPLE`, none of them twice."""
        rng = np.random.default_rng((self.seed, step))
        drawn = rng.permutation(len(self.pieces))[:SAMPLE]
        arrays = self.pieces[drawn], self.vectors[drawn]
        return WordTargets(*(torch.from_numpy(array).to(device) for array in arrays))


def read_words(teacher: LoadedModel, tokenizer: Any, *, seed: int) -> TeacherWords:
    """Look up each piece of a vocabulary in the teacher's embeddings.

    A piece that the teacher does not have is the mean of those it is spelled with: "unhappily"
    of "un", "##hap", "##pi" and "##ly". The special tokens are left out.

    Args:
        teacher: any model with a tokenizer.
        tokenizer: the learner's.
        seed: see `TeacherWords`.
    """
    layer: Any = teacher.encoder.get_input_embeddings()
    embeddings = layer.weight.detach().float().cpu().numpy()  # (vocabulary, teacher_size)
    known = teacher.tokenizer.get_vocab()
    special = set(tokenizer.all_special_tokens)
    pieces, vectors = [], []
    for piece, index in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]):
        spelled = [] if piece in special else _spell(piece, known, teacher.tokenizer)
        if spelled:
            pieces.append(index)
            vectors.append(embeddings[spelled].mean(axis=0))
    table = np.array(vectors, dtype=np.float32).reshape(len(pieces), embeddings.shape[1])
    return TeacherWords(np.array(pieces, dtype=np.int64), standardized(table), seed)


def _spell(piece: str, known: dict[str, int], tokenizer: Any) -> list[int]:
    """The teacher's ids for a piece; none where one of them is unknown to it."""
    if piece in known:
        return [known[piece]]
    ids = tokenizer(piece.removeprefix(CONTINUES), add_special_tokens=False)["input_ids"]
    return [] if tokenizer.unk_token_id in ids else list(ids)


def word_loss(projection: nn.Module | None, embeddings: Tensor, targets: WordTargets) -> Tensor:
    """One minus the cosine between projected embeddings and the teacher's, on average.

    Args:
        projection: hidden size -> teacher_size.
        embeddings: (vocabulary, hidden), the learner's.
        targets: see `WordTargets`.

    Returns:
        A number from 0 (all the same direction) to 2.
    """
    assert projection is not None  # made wherever there are words to learn from
    own = projection(embeddings[targets.pieces])  # (sample, teacher_size)
    return (1 - functional.cosine_similarity(own, targets.vectors, dim=-1)).mean()
