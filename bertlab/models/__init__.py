"""Which models there are, what is known about each, and how one is loaded."""

from typing import TYPE_CHECKING, Any

from bertlab.models.catalog import DEFAULT_MODEL, ModelInfo, find_model, known_models
from bertlab.models.facts import ModelFacts, read_facts
from bertlab.models.folders import load_config, load_tokenizer

if TYPE_CHECKING:
    from bertlab.models.loading import LoadedModel, load_classifier, load_finetuned, load_model

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


def __getattr__(name: str) -> Any:
    """Import what loads weights at its first use: tokenizing alone starts two seconds sooner."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from bertlab.models import loading

    return getattr(loading, name)
