"""The masked-LM head taken apart for one vector: dense, activation, LayerNorm, decoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor, nn

from bertlab.errors import ModelError
from bertlab.inspection.masked_lm import why_no_blanks
from bertlab.models.hooks import layer_hooks
from bertlab.models.modules import find_parts

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


@dataclass(frozen=True)
class OpenHead:
    """What the head makes of one hidden state; every allowed family goes these four steps.

    Attributes:
        dense: Linear (hidden -> embedding).
        norm: LayerNorm.
        decoder: Linear (embedding -> vocabulary); its weight is the table of word embeddings.
        activation: Between `dense` and `norm`, as transformers names it.
        activated: float32 (embedding,): after the activation.
        normed: float32 (embedding,): after LayerNorm.
        logits: float32 (vocabulary,).
    """

    dense: nn.Linear
    norm: nn.LayerNorm
    decoder: nn.Linear
    activation: str
    activated: np.ndarray = field(repr=False)
    normed: np.ndarray = field(repr=False)
    logits: np.ndarray = field(repr=False)


def open_head(loaded: LoadedModel, vector: np.ndarray) -> OpenHead:
    """Run the masked-LM head on one hidden state and keep what it makes on the way.

    `open_head(loaded, trace.hidden_states[-1, 3]).logits` is what the model says at position 3.

    Args:
        loaded: A model with the head; it stays as it is.
        vector: float32 (hidden,).

    Raises:
        ModelError: The model has no masked-LM head.
    """
    head = find_parts(loaded.model).mlm_head
    if head is None or not loaded.has_mlm_head:
        raise ModelError(why_no_blanks(loaded))
    modules = _head_modules(loaded)
    given: dict[int, Tensor] = {}  # module: its input, in the order of the calls
    with loaded.lock, torch.inference_mode(), layer_hooks(modules, before=_keep(given)):
        logits = head(torch.tensor(vector, device=loaded.device)[None])[0]  # (vocabulary,)
    dense, norm, decoder = (modules[i] for i in given)
    _, activated, normed = (tensor[0].float().cpu().numpy() for tensor in given.values())
    return OpenHead(
        dense=cast(nn.Linear, dense),
        norm=cast(nn.LayerNorm, norm),
        decoder=cast(nn.Linear, decoder),
        activation=_activation(loaded),
        activated=activated,
        normed=normed,
        logits=logits.float().cpu().numpy(),
    )


def _keep(given: dict[int, Tensor]) -> Callable[[int, Tensor], None]:
    def keep(module: int, tensor: Tensor) -> None:
        given[module] = tensor

    return keep


def _head_modules(loaded: LoadedModel) -> list[nn.Module]:
    """All linear layers and norms that are no part of the encoder."""
    inner = {id(module) for module in loaded.encoder.modules()}
    return [
        module
        for module in loaded.model.modules()
        if isinstance(module, nn.Linear | nn.LayerNorm) and id(module) not in inner
    ]


def _activation(loaded: LoadedModel) -> str:
    """RoBERTa's and ELECTRA's heads have GELU built in; the others follow the configuration."""
    is_fixed = loaded.config.model_type in ("roberta", "xlm-roberta", "electra")
    return "gelu" if is_fixed else encoder_activation(loaded)


def encoder_activation(loaded: LoadedModel) -> str:
    """The activation of the feed-forward blocks: `hidden_act`, DistilBERT's `activation`."""
    config = loaded.config
    return str(getattr(config, "hidden_act", None) or getattr(config, "activation", "gelu"))
