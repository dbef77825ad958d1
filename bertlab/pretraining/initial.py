"""Going on from a model that has learned already, instead of from random weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from transformers import BertForPreTraining

from bertlab.errors import InputError
from bertlab.models import load_config
from bertlab.models.opening import model_folder, open_part
from bertlab.pretraining.extrapolation import continue_positions
from bertlab.pretraining.settings import MAX_POSITIONS, Architecture, PretrainingSettings

TOKENIZER = "tokenizer.json"


def with_sizes_of_checkpoint(settings: PretrainingSettings) -> PretrainingSettings:
    """Take sizes and vocabulary of the model that the run goes on from, where there is one.

    Settings with init_checkpoint="bertlab-mini-en" -> the same with its layers and its pieces

    Args:
        settings: of a new run.

    Raises:
        ModelError: there is no such model on this machine.
        InputError: it is no BERT, its tokenizer is not in one file, or a stage has longer inputs
            than it reads.
    """
    if not settings.init_checkpoint:
        return settings
    name, config = settings.init_checkpoint, load_config(settings.init_checkpoint)
    if config.model_type != "bert":
        raise InputError(f"{name} is of the family {config.model_type}; only a BERT can go on.")
    vocabulary = model_folder(name) / TOKENIZER
    if not vocabulary.is_file():
        raise InputError(f"{name} has no {TOKENIZER}. Save its tokenizer as one beside it first.")
    sizes = Architecture(
        layers=config.num_hidden_layers,
        hidden_size=config.hidden_size,
        heads=config.num_attention_heads,
        max_positions=min(config.max_position_embeddings, MAX_POSITIONS),
    )
    return replace(settings, architecture=sizes, vocabulary=str(vocabulary))


def load_bert(settings: PretrainingSettings) -> Any:
    """Load the model that a run goes on from; a head that it lacks is random, by the seed.

    Raises:
        ModelError: it is not on this machine, or damaged.
    """
    torch.manual_seed(settings.seed)
    bert = open_part(
        BertForPreTraining,
        model_folder(settings.init_checkpoint),
        dtype=torch.float32,
        hidden_dropout_prob=settings.dropout,
        attention_probs_dropout_prob=settings.dropout,
    )
    if settings.learned_positions:
        positions = bert.bert.embeddings.position_embeddings.weight
        positions.data.copy_(continue_positions(positions.data, settings.learned_positions))
    return bert
