"""Ask a model that a run has just pre-trained."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM

from bertlab.devices import choose_device
from bertlab.models.catalog import ModelInfo
from bertlab.models.folders import check_folder, open_part, open_tokenizer
from bertlab.models.loading import LoadedModel


def load_pretrained(folder: Path, *, name: str, device: str | None = None) -> LoadedModel:
    """Load a run's own model as the lessons on the inside load any other.

    load_pretrained(run.model_folder, name="my-bert").has_mlm_head -> True

    Args:
        folder: where the run stored it.
        name: what it is called in messages.
        device: as in `bertlab.devices.choose_device`.

    Raises:
        ModelError: the folder holds no such model.
    """
    check_folder(folder)
    model = open_part(
        AutoModelForMaskedLM,
        folder,
        dtype=torch.float32,
        use_safetensors=True,
        attn_implementation="eager",
    )
    place = choose_device(device)
    model.eval().requires_grad_(False).to(place)
    info = ModelInfo(name, "bert", name, "", "folder", None, True, folder)
    return LoadedModel(info, open_tokenizer(folder), model, place, True)
