"""The network that is pre-trained, and what trains beside it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertForPreTraining

from bertlab.pretraining.settings import PretrainingSettings

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
