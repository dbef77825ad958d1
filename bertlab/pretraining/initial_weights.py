"""Going on from a trained model; its position embeddings are extrapolated where it has too few."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from transformers import BertForPreTraining

from bertlab.errors import InputError
from bertlab.models import load_config
from bertlab.models.folders import model_folder, open_part
from bertlab.pretraining.settings import MAX_POSITIONS, Architecture, PretrainingSettings

EDGE = 2  # positions left out at each end: [CLS] has the first, few inputs reach the last
RANK = 24  # principal components that carry the order; the rest is noise


def continue_positions(weights: Tensor, learned: int) -> Tensor:
    """Set forth the learned position embeddings over all positions.

    Trained on short inputs, a BERT has learned its first position embeddings and left the
    others as random as they began. The learned ones turn: in their first principal components
    each is nearly the one before, rotated by one and the same rotation, as sinusoids are by
    construction (Vaswani et al. 2017, section 3.5). That rotation (orthogonal Procrustes:
    Schönemann 1966) continues them. What attends to the token before then finds it anywhere.

    60 points once around a circle as positions 2 to 61, learned 64 -> the others go round again

    Args:
        weights: float32 (positions, hidden), the position embeddings.
        learned: how many of them were learned, from the first on; at least 32.

    Returns:
        float32 (positions, hidden): the first `learned` - 2 as they were, then their
        continuation.
    """
    known = weights[EDGE : learned - EDGE]  # (n, hidden)
    mean = known.mean(0)
    components = torch.linalg.svd(known - mean, full_matrices=False).Vh[:RANK]  # (rank, hidden)
    path = (known - mean) @ components.T  # (n, rank)
    left, _, right = torch.linalg.svd(path[:-1].T @ path[1:])
    turn = left @ right  # (rank, rank): path[i] @ turn is about path[i + 1]
    longer, point = weights.clone(), path[-1]
    for position in range(learned - EDGE, len(weights)):
        point = point @ turn
        longer[position] = point @ components + mean
    return longer


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
