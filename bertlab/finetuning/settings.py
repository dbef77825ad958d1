"""What a fine-tuning run is asked to do, and the defaults that depend on the model's size."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bertlab.errors import InputError

STRATEGIES = ("full", "frozen")
DEVICES = ("auto", "cpu", "cuda", "mps")

# One place for what a run may ask of the machine; a class of thirty shares it.
MAX_EPOCHS = 100
MAX_BATCH_SIZE = 256
MAX_LENGTH = 512
MAX_PINNED = 10
MAX_PINNED_CHARACTERS = 1_000


@dataclass(frozen=True)
class Settings:
    """The choices of one run; `learning_rate=None` means "what suits this model".

    Settings(epochs=3).to_json() -> '{"model": "bertlab-mini-en", "strategy": "full", ...}'

    Args:
        model: name of a model that `bertlab.models` knows.
        strategy: "full" trains every weight; "frozen" trains the head alone.
        epochs: passes over the training part.
        batch_size: examples per step.
        learning_rate: the peak, after the warm-up.
        max_length: tokens per text, special tokens included; what is longer is cut.
        seed: fixes the split, the head's first weights, the order and the dropout.
        validation: share of the rows that chooses between epochs.
        test: share of the rows that is looked at once, at the end.
        device: "auto", "cpu", "cuda" or "mps".
        name: what the run is called in lists.
        pinned: sentences that are predicted anew while the model learns.
    """

    model: str = "bertlab-mini-en"
    strategy: str = "full"
    epochs: int = 3
    batch_size: int = 16
    learning_rate: float | None = None
    max_length: int = 128
    seed: int = 42
    validation: float = 0.1
    test: float = 0.1
    device: str = "auto"
    name: str = ""
    pinned: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no run can do, before anything is stored."""
        _one_of("strategy", self.strategy, STRATEGIES)
        _one_of("device", self.device, DEVICES)
        _within("epochs", self.epochs, 1, MAX_EPOCHS, whole=True)
        _within("batch size", self.batch_size, 1, MAX_BATCH_SIZE, whole=True)
        _within("maximum length", self.max_length, 4, MAX_LENGTH, whole=True)
        _within("seed", self.seed, 0, 2**31 - 1, whole=True)
        _within("validation share", self.validation, 0.0, 0.5)
        _within("test share", self.test, 0.0, 0.5)
        if self.learning_rate is not None:
            _within("learning rate", self.learning_rate, 1e-8, 1.0)
        if len(self.pinned) > MAX_PINNED:
            raise InputError(f"{len(self.pinned)} sentences are pinned; pin at most {MAX_PINNED}.")
        if any(len(text) > MAX_PINNED_CHARACTERS for text in self.pinned):
            raise InputError(
                f"A pinned sentence is longer than {MAX_PINNED_CHARACTERS} characters; shorten it."
            )

    def to_json(self) -> str:
        """Write the settings as one JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read settings that `to_json` wrote; keys of a later version are ignored."""
        known = {field.name for field in fields(cls)}
        values = {key: value for key, value in json.loads(text).items() if key in known}
        return cls(**{**values, "pinned": tuple(values.get("pinned", ()))})


@dataclass(frozen=True)
class Resolved:
    """Settings with nothing left open, and why each default is what it is.

    Args:
        settings: `learning_rate` is a number and `max_length` fits the model.
        reasons: one sentence for each value that was filled in or changed.
    """

    settings: Settings
    reasons: tuple[str, ...]


def resolve(settings: Settings, config: Any) -> Resolved:
    """Fill in what depends on the model.

    resolve(Settings(), config_of_the_mini).settings.learning_rate -> 0.0003

    Args:
        settings: as chosen by the user.
        config: the model's transformers configuration (no weights are needed).

    Returns:
        The settings to train with and the reasons to show beside them.
    """
    reasons: list[str] = []
    if settings.learning_rate is None:
        rate, reason = default_learning_rate(count_parameters(config), settings.strategy)
        settings = replace(settings, learning_rate=rate)
        reasons.append(reason)
    longest = longest_input(config)
    if settings.max_length > longest:
        settings = replace(settings, max_length=longest)
        reasons.append(f"Texts are cut at {longest} tokens: the model has no more positions.")
    return Resolved(settings, tuple(reasons))


def default_learning_rate(parameters: int, strategy: str) -> tuple[float, str]:
    """Choose a peak learning rate and say why.

    default_learning_rate(5_500_000, "full") -> (0.0003, "Learning rate 3e-4: ...")

    Args:
        parameters: weights of the encoder.
        strategy: "full" or "frozen".

    Returns:
        The rate, and one sentence for the page.
    """
    size = f"{parameters / 1e6:.0f} million weights"
    if strategy == "frozen":
        return 1e-3, (
            "Learning rate 1e-3: only the new head on top learns. It starts from random weights "
            "and cannot damage the encoder, so it may take larger steps than a whole model."
        )
    if parameters <= 15_000_000:
        return 3e-4, (
            f"Learning rate 3e-4: with {size} this is a small model. It needs larger steps than "
            "BERT-base, at the 2e-5 of the textbooks it would hardly move in three epochs."
        )
    if parameters <= 45_000_000:
        return 1e-4, (
            f"Learning rate 1e-4: with {size} this model lies between the minis, which want about "
            "3e-4, and BERT-base, which wants about 2e-5."
        )
    return 2e-5, (
        f"Learning rate 2e-5: a model with {size} forgets what it knows when its steps are large, "
        "so models of BERT-base's size are fine-tuned with small ones."
    )


def count_parameters(config: Any) -> int:
    """Count the encoder's weights from its configuration, biases and norms left out.

    The mini: 8,192 x 256 word vectors + 512 x 256 positions + 4 layers x (4 x 256 x 256
    + 2 x 256 x 1,024) -> 5,373,952. A model that shares one layer (ALBERT) counts it
    each time it is applied: the steps it can take depend on its depth.
    """
    hidden, layers = config.hidden_size, config.num_hidden_layers
    inner = getattr(config, "intermediate_size", None) or getattr(config, "hidden_dim", 4 * hidden)
    width = getattr(config, "embedding_size", None) or hidden
    rows = config.vocab_size + config.max_position_embeddings
    return int(rows * width + layers * (4 * hidden * hidden + 2 * hidden * inner))


def longest_input(config: Any) -> int:
    """Tell how many tokens the model has positions for.

    RoBERTa's family numbers its positions from padding index + 1, which costs two of them.
    """
    positions = int(config.max_position_embeddings)
    if config.model_type in ("roberta", "xlm-roberta", "camembert"):
        positions -= int(config.pad_token_id or 0) + 1
    return positions


def _one_of(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"The {what} {value!r} is unknown; choose one of {', '.join(allowed)}.")


def _within(what: str, value: Any, low: float, high: float, *, whole: bool = False) -> None:
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise InputError(f"The {what} is {value!r}; it must be {kind} from {low:g} to {high:g}.")
