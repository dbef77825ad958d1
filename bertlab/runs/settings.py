"""What a fine-tuning run is asked to do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from bertlab.errors import InputError
from bertlab.runs.checks import one_of, within

STRATEGIES = ("full", "top", "gradual", "lora", "frozen", "random")
TRUNCATIONS = ("head", "tail", "head+tail", "windows")
PRECISIONS = ("auto", "bf16", "fp32")
DEVICES = ("auto", "cpu", "cuda", "mps")

# One place for what a run may ask of the machine; a class of thirty shares it.
MAX_EPOCHS = 100
MAX_BATCH_SIZE = 256
MAX_LENGTH = 512
MAX_LAYERS = 48
MIN_LAYER_DECAY = 0.3
MAX_PINNED = 10
MAX_PINNED_CHARACTERS = 1_000


@dataclass(frozen=True)
class Settings:
    """The choices of one run; `learning_rate=None` means "what suits this model".

    Settings(epochs=3).to_json() -> '{"model": "bertlab-mini-en", "strategy": "full", ...}'

    Args:
        model: name of a model that `bertlab.models` knows.
        strategy: "full" trains every weight; "top" the last `trained_layers` layers and the head;
            "gradual" begins with the head and lets layers join from the top, epoch by epoch;
            "lora" trains small matrices beside the weights;
            "frozen" trains the head alone; "random" trains every weight too, but from random
            first weights of the same architecture, for comparison: what did pre-training bring?
        epochs: passes over the training part.
        batch_size: examples per step.
        learning_rate: the peak, after the warm-up.
        max_length: tokens per text, special tokens included; what is longer is cut, or read in
            windows.
        lora_rank: of the matrices that "lora" adds.
        truncation: what remains of a longer text: its "head", its "tail", or "head+tail", a
            quarter of its beginning and three of its end; or "windows", which overlap and are
            read one by one.
        seed: fixes the split, the first weights that are random, the order and the dropout.
        validation: share of the rows that chooses between epochs.
        test: share of the rows that is looked at once, at the end.
        device: "auto", "cpu", "cuda" or "mps".
        name: what the run is called in lists.
        pinned: sentences that are predicted anew while the model learns.
        trained_layers: how many layers learn under "top".
        layer_decay: each layer takes this times the learning rate of the one above it; 1 for all
            alike.
        warm_up: share of the steps in which the learning rate rises.
        clip: the longest gradient that is let through; a longer one is shortened to it.
        class_weights: count each class alike in the loss, however few rows it has.
        patience: epochs after which training ends if validation finds nothing better (accuracy,
            micro-F1 of label sets, the loss of numbers); 0 for never.
        precision: "bf16", "fp32", or "auto" for bf16 where the hardware computes in it.
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
    trained_layers: int = 2
    layer_decay: float = 1.0
    warm_up: float = 0.1
    clip: float = 1.0
    class_weights: bool = False
    patience: int = 0
    precision: str = "auto"
    truncation: str = "head"
    lora_rank: int = 8

    def __post_init__(self) -> None:
        """Refuse what no run can do, before anything is stored."""
        one_of("strategy", self.strategy, STRATEGIES)
        one_of("device", self.device, DEVICES)
        within("epochs", self.epochs, 1, MAX_EPOCHS, whole=True)
        within("batch size", self.batch_size, 1, MAX_BATCH_SIZE, whole=True)
        within("maximum length", self.max_length, 4, MAX_LENGTH, whole=True)
        within("seed", self.seed, 0, 2**31 - 1, whole=True)
        one_of("truncation", self.truncation, TRUNCATIONS)
        one_of("precision", self.precision, PRECISIONS)
        within("number of trained layers", self.trained_layers, 1, MAX_LAYERS, whole=True)
        within("rank of LoRA", self.lora_rank, 1, 64, whole=True)
        within("layer-wise decay", self.layer_decay, MIN_LAYER_DECAY, 1.0)
        within("warm-up share", self.warm_up, 0.0, 0.5)
        within("gradient clipping", self.clip, 0.01, 100.0)
        within("patience", self.patience, 0, MAX_EPOCHS, whole=True)
        within("validation share", self.validation, 0.0, 0.5)
        within("test share", self.test, 0.0, 0.5)
        if self.learning_rate is not None:
            within("learning rate", self.learning_rate, 1e-8, 1.0)
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
