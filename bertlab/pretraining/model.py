"""The network that is pre-trained, and its parts: which of them learn, and how fast."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertForPreTraining

from bertlab.pretraining.settings import EMBEDDINGS, HEADS, LAYERS, PretrainingSettings

LAYER = re.compile(r"\bencoder\.layer\.(\d+)\.")


def part_of(name: str) -> str:
    """Tell the part that a weight belongs to by its name.

    "bert.bert.encoder.layer.3.output.dense.bias" -> "layers"; the output layer of the masked
    tokens is the word embeddings (they are tied); the pooler serves a head alone.
    """
    if ".embeddings." in name:
        return EMBEDDINGS
    return LAYERS if LAYER.search(name) else HEADS


def paces(
    learner: nn.Module, *, learning_rate: float, rates: Mapping[str, float], layer_decay: float
) -> dict[str, float]:
    """Tell for every weight how many times `learning_rate` its own rate is.

    Two layers, learning rate 1e-3, rates {"layers": 5e-4}, decay 0.8: heads and embeddings 1.0,
    layer 1 0.5, layer 0 0.4. Low layers hold what every task needs, so they move least (Howard
    and Ruder 2018).

    Args:
        learner: with the names of a `model.Learner`.
        learning_rate: of parts that `rates` does not name.
        rates: the peak of a part.
        layer_decay: every layer has this many times the rate of the one above it.
    """
    names = [name for name, _ in learner.named_parameters()]
    found = {name: LAYER.search(name) for name in names}
    numbers = {name: int(match[1]) for name, match in found.items() if match}
    top = max(numbers.values(), default=0)
    return {
        name: rates.get(part_of(name), learning_rate)
        / learning_rate
        * layer_decay ** (top - numbers.get(name, top))
        for name in names
    }


def freeze(learner: nn.Module, parts: Collection[str]) -> None:
    """Let these parts keep their weights, and all others learn."""
    for name, weight in learner.named_parameters():
        weight.requires_grad_(part_of(name) not in parts)


FEED_FORWARD = 4  # times the hidden size, as in every size of the BERT paper


class Learner(nn.Module):
    """A BertForPreTraining, with projections to the teacher's vectors where there is one.

    Args:
        bert: both heads on it.
        teacher_size: length of the teacher's sentence vectors; 0 for no teacher.
        word_size: length of its embeddings; 0 where these are no target.
    """

    def __init__(self, bert: Any, teacher_size: int = 0, word_size: int = 0) -> None:
        super().__init__()
        self.bert = bert
        hidden = bert.config.hidden_size
        self.projection = nn.Linear(hidden, teacher_size) if teacher_size else None
        self.word_projection = nn.Linear(hidden, word_size) if word_size else None

    @property
    def embeddings(self) -> Tensor:
        """The vectors of all pieces: (vocabulary, hidden)."""
        weight: Tensor = self.bert.get_input_embeddings().weight
        return weight


def new_bert(settings: PretrainingSettings, vocabulary_size: int) -> Any:
    """Make a BertForPreTraining with random weights that the seed fixes."""
    sizes = settings.architecture
    config = BertConfig(
        vocab_size=vocabulary_size,
        hidden_size=sizes.hidden_size,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        intermediate_size=FEED_FORWARD * sizes.hidden_size,
        max_position_embeddings=sizes.max_positions,
        hidden_dropout_prob=settings.dropout,
        attention_probs_dropout_prob=settings.dropout,
    )
    torch.manual_seed(settings.seed)
    return BertForPreTraining(config)
