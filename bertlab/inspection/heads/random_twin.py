"""A model's twin that has learned nothing: the same architecture, weights as before training."""

from __future__ import annotations

import copy
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from bertlab.models import LoadedModel


def random_twin(loaded: LoadedModel, *, seed: int = 0) -> LoadedModel:
    """Draw a model's weights anew, as its family draws them before pre-training.

    `random_twin(loaded).model` has `loaded`'s layers, heads and tokenizer; what it does comes from
    the architecture and from chance alone.

    Args:
        loaded: The model; it stays as it is.
        seed: Fixes what is drawn.

    Returns:
        The bare encoder, without a masked-LM head, on the same device, in eval mode, with eager
        attention and a lock of its own. It takes as much memory as the model.
    """
    from transformers import AutoModel  # two seconds, paid when a model is loaded

    config = copy.deepcopy(loaded.config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = AutoModel.from_config(
            config, dtype=torch.float32, attn_implementation="eager", trust_remote_code=False
        )
    model.eval().requires_grad_(False).to(loaded.device)
    return replace(loaded, model=model, has_mlm_head=False, lock=threading.RLock())
