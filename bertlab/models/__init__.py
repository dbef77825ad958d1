"""Which models there are, what is known about each, and how one is loaded."""

from bertlab.models.catalog import DEFAULT_MODEL, ModelInfo, find_model, known_models
from bertlab.models.facts import ModelFacts, read_facts
from bertlab.models.loading import (
    LoadedModel,
    load_classifier,
    load_config,
    load_finetuned,
    load_model,
    load_tokenizer,
)

__all__ = [
    "DEFAULT_MODEL",
    "LoadedModel",
    "ModelFacts",
    "ModelInfo",
    "find_model",
    "known_models",
    "load_classifier",
    "load_config",
    "load_finetuned",
    "load_model",
    "load_tokenizer",
    "read_facts",
]
