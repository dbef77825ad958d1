"""How a model is loaded: safetensors only, float32, shared and in eval mode.

This is the heavy half of transformers: it takes two seconds to import. Tokenizers and
configurations do not need it (see `opening.py`).
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from bertlab.devices import choose_device
from bertlab.errors import ModelError
from bertlab.models.catalog import ModelInfo, find_model, has_mlm_head, read_config
from bertlab.models.folders import (
    check_folder,
    load_tokenizer,
    model_folder,
    open_part,
    open_tokenizer,
)
from bertlab.tokenization.encoding import longest_input


@dataclass(frozen=True)
class LoadedModel:
    """A model that all pages share: in eval mode, with eager attention, on one device.

    Attributes:
        info: Its entry in the catalogue.
        tokenizer: Its own fast tokenizer.
        model: With its masked-LM head where it has one, else the bare encoder. Never call
            `.train()`, `.to()` or `set_attn_implementation` on it.
        device: Where its weights lie.
        has_mlm_head: Whether `model(...)` returns trained `logits`.
        lock: Held while hooks are on the model.
    """

    info: ModelInfo
    tokenizer: PreTrainedTokenizerBase
    model: PreTrainedModel
    device: torch.device
    has_mlm_head: bool
    lock: threading.RLock = field(default_factory=threading.RLock, compare=False)

    @property
    def encoder(self) -> PreTrainedModel:
        """The model without its head: `BertModel` inside a `BertForMaskedLM`."""
        return cast(PreTrainedModel, self.model.base_model)

    @property
    def config(self) -> PreTrainedConfig:
        """The model's configuration."""
        return self.model.config

    @property
    def max_tokens(self) -> int:
        """How many tokens the model has positions for, special tokens included."""
        return longest_input(self.config)


def load_model(name: str, *, device: str | None = None) -> LoadedModel:
    """Load a model for looking inside: eager attention, eval mode, float32.

    `load_model("bertlab-mini-en").has_mlm_head` is True.

    Raises:
        ModelError: It is unknown, not on this machine, not of an allowed family, or damaged.
    """
    folder = model_folder(name)
    info = find_model(name)
    model, has_head = _load_with_head(folder, attn_implementation="eager")
    place = choose_device(device)
    model.eval().requires_grad_(False).to(place)
    return LoadedModel(info, load_tokenizer(name), model, place, has_head)


def load_classifier(
    name: str,
    *,
    labels: Sequence[str],
    seed: int = 0,
    device: str | None = None,
    random_weights: bool = False,
    problem_type: str = "single_label_classification",
) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    """Put a new classification head on a pre-trained encoder, ready to be fine-tuned.

    The head's (and a missing pooler's) first weights depend on `seed` alone. `config.id2label`
    holds the labels in the given order. Attention is computed by sdpa, weights are float32.

    Args:
        name: The model's name.
        labels: What the head tells apart.
        seed: Fixes what is drawn at random.
        device: Where to put it.
        random_weights: Draw the encoder's weights too, as they are drawn before pre-training;
            nothing is read from the weights file.
        problem_type: As in transformers' configurations: what the logits mean.

    Raises:
        ModelError: As `load_model`.
    """
    folder = model_folder(name)
    names = dict(enumerate(labels))
    head: dict[str, Any] = {
        "num_labels": len(names),
        "id2label": names,
        "label2id": {label: index for index, label in names.items()},
        "problem_type": problem_type,
    }
    make = _random_classifier if random_weights else _pretrained_classifier
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = make(folder, head)
    model.to(choose_device(device))
    return load_tokenizer(name), model


def _pretrained_classifier(folder: Path, head: dict[str, Any]) -> Any:
    return open_part(
        AutoModelForSequenceClassification,
        folder,
        dtype=torch.float32,
        attn_implementation="sdpa",
        use_safetensors=True,
        ignore_mismatched_sizes=True,  # a fine-tuned folder's head has its own label count
        **head,
    )


def _random_classifier(folder: Path, head: dict[str, Any]) -> Any:
    """The same architecture with weights drawn anew, in the state that training expects."""
    config = open_part(AutoConfig, folder, **head)
    model = AutoModelForSequenceClassification.from_config(
        config, dtype=torch.float32, attn_implementation="sdpa", trust_remote_code=False
    )
    return model.eval()  # as from_pretrained leaves it


def load_finetuned(
    folder: Path, *, device: str | None = None
) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    """Load a finished classifier from its folder, in eval mode.

    Raises:
        ModelError: The folder holds no classifier of an allowed family in safetensors.
    """
    check_folder(folder)
    model, report = open_part(
        AutoModelForSequenceClassification,
        folder,
        dtype=torch.float32,
        attn_implementation="sdpa",
        use_safetensors=True,
        output_loading_info=True,
    )
    if report["missing_keys"]:  # transformers would fill them with random numbers
        raise ModelError(
            f'"{folder.name}" cannot be loaded. It holds no finished classifier: '
            f"{', '.join(sorted(report['missing_keys'])[:3])} is missing. Fine-tune it first."
        )
    model.eval().to(choose_device(device))
    return open_tokenizer(folder), model


def _load_with_head(folder: Path, **options: Any) -> tuple[PreTrainedModel, bool]:
    """Load with the masked-LM head where the checkpoint has all of it, else the bare encoder."""
    options |= {"dtype": torch.float32, "use_safetensors": True}
    if has_mlm_head(read_config(folder)):
        model, report = open_part(AutoModelForMaskedLM, folder, output_loading_info=True, **options)
        if not report["missing_keys"]:
            return model, True
    return open_part(AutoModel, folder, **options), False
