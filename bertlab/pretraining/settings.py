"""What a pre-training run is asked to do."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from bertlab.errors import InputError
from bertlab.runs.checks import one_of, within
from bertlab.runs.limits import MAX_PASSES
from bertlab.runs.settings import DEVICES

OPTIMIZERS = ("adamw", "muon")
EMBEDDINGS, LAYERS, HEADS = PARTS = ("embeddings", "layers", "heads")
KIND = "pretraining"

MAX_LAYERS = 24
MAX_HIDDEN = 1024
MAX_POSITIONS = 512
FEWEST_LEARNED = 32  # positions; fewer do not tell how they go on


@dataclass(frozen=True)
class Source:
    """One file of text: a sentence, turn or paragraph a line, a blank line between documents.

    Args:
        file: its path, .txt or .txt.xz.
        passes: how often the run reads it, 0 to 1,000; 2.5 reads every document twice or thrice.
        lines_stand_alone: every line is a document of one sentence.
        teach: whether the run's teacher reads it, where there is one.
        rename: names that stand too often, and those that take turns in their place.
    """

    file: str
    passes: float = 1.0
    lines_stand_alone: bool = False
    teach: bool = True
    rename: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be read."""
        within("number of passes", self.passes, 0.0, MAX_PASSES)


@dataclass(frozen=True)
class Stage:
    """A stretch of the run with inputs of one maximum length.

    Args:
        max_length: tokens per input, special tokens included, 16 to 512.
        share: of the text, 0 to 1; the shares of all stages add up to 1.
    """

    max_length: int
    share: float

    def __post_init__(self) -> None:
        """Refuse what no model reads."""
        within("maximum length", self.max_length, 16, MAX_POSITIONS, whole=True)
        within("share of a stage", self.share, 0.0, 1.0)


@dataclass(frozen=True)
class Architecture:
    """The sizes of the network, under transformers' names where these are short.

    Args:
        layers: 1 to 24.
        hidden_size: a multiple of `heads`; the feed-forward layer is four times as wide.
        heads: attention heads per layer.
        max_positions: the longest input, 16 to 512.
    """

    layers: int = 4
    hidden_size: int = 256
    heads: int = 4
    max_positions: int = MAX_POSITIONS

    def __post_init__(self) -> None:
        """Refuse sizes that do not fit together."""
        within("number of layers", self.layers, 1, MAX_LAYERS, whole=True)
        within("hidden size", self.hidden_size, 8, MAX_HIDDEN, whole=True)
        within("number of heads", self.heads, 1, self.hidden_size, whole=True)
        within("number of positions", self.max_positions, 16, MAX_POSITIONS, whole=True)
        if self.hidden_size % self.heads:
            raise InputError(
                f"{self.heads} heads cannot share {self.hidden_size} hidden units evenly."
            )


@dataclass(frozen=True)
class WatchedBlank:
    """A sentence whose gap is filled anew while the model learns.

    Args:
        sentence: with one [MASK].
        answers: the words that are right.
    """

    sentence: str
    answers: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what has no gap, or several."""
        if self.sentence.count("[MASK]") != 1:
            raise InputError(f"{self.sentence!r} needs exactly one [MASK].")


@dataclass(frozen=True)
class PretrainingSettings:
    """The choices of one pre-training run.

    Args:
        name: what the model is called.
        sources: the text.
        heldout: files that are never trained on; a loss is measured on them. May be empty.
        language: the ISO code for the model card: "en", "zh".
        vocabulary_size: WordPiece tokens, 100 to 65,536.
        vocabulary: path of a tokenizer.json to use instead of learning one.
        init_checkpoint: a BERT whose weights and vocabulary the run begins with; "" for random
            weights. Its sizes are the network's.
        learned_positions: of that BERT, at least 32; the others begin as the continuation of
            these (see `extrapolation.continue_positions`). 0 leaves all as they are.
        architecture: the sizes of the network.
        stages: short inputs first.
        masked_share: of the tokens, 0.05 to 0.5.
        whole_words: mask words instead of pieces, as "##" tells them; a Chinese character is one.
        pair_share: how many inputs are sentence pairs, 0 to 1; 0 leaves next sentence untrained.
        shifted_share: how many inputs begin at a random position, 0 to 1; so short inputs teach
            all positions (see `positions.place_inputs`).
        batch_tokens: tokens per step, padding included.
        optimizer: "adamw", or "muon" for the encoder's matrices with AdamW for the rest.
        learning_rate: the peak.
        rates: the peak of a part that has another one: "embeddings", "layers" (the topmost one)
            or "heads" (the pooler among them).
        layer_decay: every layer has this many times the rate of the one above it, 0.1 to 1.
        frozen: parts that keep their weights at first: ("embeddings", "layers") lets the heads
            learn alone, so that random ones do not bend what a checkpoint knows.
        frozen_share: share of the steps in which they do; the rate rises and falls in them, and
            again in the rest.
        warm_up: share of the steps in which the learning rate rises.
        weight_decay: for weights with two dimensions.
        dropout: in the network, 0 to 0.5.
        teacher: an encoder whose sentence vectors are a further target; "" for none.
        teacher_layer: whose mean over a sentence that vector is, numbered as hidden_states in
            transformers: 0 the embeddings, -1 the last layer.
        teacher_weight: of that target in the loss.
        word_weight: of the teacher's embeddings as a target for the network's own; 0 for none.
        seed: fixes first weights, order, masking and dropout.
        device: "auto", "cpu", "cuda" or "mps".
        blanks: watched while the model learns.
    """

    sources: tuple[Source, ...]
    name: str = "my-bert"
    heldout: tuple[str, ...] = ()
    language: str = "en"
    vocabulary_size: int = 8_192
    vocabulary: str = ""
    init_checkpoint: str = ""
    learned_positions: int = 0
    architecture: Architecture = field(default_factory=Architecture)
    stages: tuple[Stage, ...] = (Stage(64, 1.0),)
    masked_share: float = 0.2
    whole_words: bool = False
    pair_share: float = 0.5
    shifted_share: float = 0.0
    batch_tokens: int = 8_192
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    rates: Mapping[str, float] = field(default_factory=dict)
    layer_decay: float = 1.0
    frozen: tuple[str, ...] = ()
    frozen_share: float = 1.0
    warm_up: float = 0.05
    weight_decay: float = 0.01
    dropout: float = 0.0
    teacher: str = ""
    teacher_layer: int = -1
    teacher_weight: float = 1.0
    word_weight: float = 0.0
    seed: int = 42
    device: str = "auto"
    blanks: tuple[WatchedBlank, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no run can do, before anything is stored."""
        if not self.sources:
            raise InputError("There is no text to learn from. Name at least one file.")
        if not any(source.passes for source in self.sources):
            raise InputError("Every file has 0 passes. Give one of them a larger number.")
        within("vocabulary size", self.vocabulary_size, 100, 65_536, whole=True)
        within("masked share", self.masked_share, 0.05, 0.5)
        within("share of pairs", self.pair_share, 0.0, 1.0)
        within("share of shifted inputs", self.shifted_share, 0.0, 1.0)
        within("tokens per batch", self.batch_tokens, 64, 1_048_576, whole=True)
        within("learning rate", self.learning_rate, 1e-8, 1.0)
        within("warm-up", self.warm_up, 0.0, 1.0)
        within("weight decay", self.weight_decay, 0.0, 1.0)
        within("dropout", self.dropout, 0.0, 0.5)
        within("teacher layer", self.teacher_layer, -MAX_LAYERS - 1, MAX_LAYERS, whole=True)
        within("teacher weight", self.teacher_weight, 0.0, 100.0)
        within("word weight", self.word_weight, 0.0, 100.0)
        within("seed", self.seed, 0, 2**31 - 1, whole=True)
        one_of("optimizer", self.optimizer, OPTIMIZERS)
        one_of("device", self.device, DEVICES)
        self._check_stages()
        self._check_positions()
        self._check_parts()

    def _check_parts(self) -> None:
        within("layer decay", self.layer_decay, 0.1, 1.0)
        within("share of frozen steps", self.frozen_share, 0.0, 1.0)
        for part in (*self.rates, *self.frozen):
            one_of("part of the network", part, PARTS)
        for rate in self.rates.values():
            within("learning rate", rate, 1e-8, 1.0)
        if set(self.frozen) == set(PARTS):
            raise InputError("Every part is frozen, so nothing can learn. Leave out one of them.")

    def _check_positions(self) -> None:
        if self.learned_positions == 0:
            return
        if not self.init_checkpoint:
            raise InputError(
                f"There are no {self.learned_positions} learned positions to go on from: random "
                "weights have learned none. Name an init_checkpoint, or leave them out."
            )
        most = self.architecture.max_positions
        known = self.learned_positions
        within("number of learned positions", known, FEWEST_LEARNED, most, whole=True)

    def _check_stages(self) -> None:
        total = sum(stage.share for stage in self.stages)
        if abs(total - 1.0) > 1e-6:
            raise InputError(f"The shares of the stages add up to {total:g}; they must make 1.")
        longest = max(stage.max_length for stage in self.stages)
        if longest > self.architecture.max_positions:
            raise InputError(
                f"A stage has inputs of {longest} tokens, but the model has "
                f"{self.architecture.max_positions} positions."
            )

    def to_json(self) -> str:
        """Write the settings as one JSON object."""
        return json.dumps({"kind": KIND, **asdict(self)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> PretrainingSettings:
        """Read settings that `to_json` wrote; keys of a later version are ignored."""
        return from_mapping(json.loads(text))


def from_mapping(values: Mapping[str, Any]) -> PretrainingSettings:
    """Build settings from plain values, as JSON and TOML have them.

    Raises:
        InputError: a value is not of its kind.
    """
    known = {one.name for one in fields(PretrainingSettings)}
    try:
        plain = {key: value for key, value in values.items() if key in known}
        nested: dict[str, Any] = {
            "sources": tuple(_source(one) for one in _items(plain, "sources")),
            "heldout": _items(plain, "heldout"),
            "frozen": _items(plain, "frozen"),
            "blanks": tuple(
                WatchedBlank(one["sentence"], _items(one, "answers"))
                for one in _items(plain, "blanks")
            ),
        }
        if "stages" in plain:
            nested["stages"] = tuple(Stage(**one) for one in _items(plain, "stages"))
        if "architecture" in plain:
            nested["architecture"] = Architecture(**plain["architecture"])
        return PretrainingSettings(**{**plain, **nested})
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"The pre-training settings cannot be read: {error}.") from error


def _items(values: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    """Take a list; a text would silently become a list of its letters."""
    found = values.get(key, ())
    if not isinstance(found, list | tuple):
        raise TypeError(f"{key} must be a list, not {found!r}")
    return tuple(found)


def _source(values: Mapping[str, Any]) -> Source:
    names = values.get("rename", {})
    rename = {name: _items(names, name) for name in names}
    return Source(**{**values, "rename": rename})


def read_recipe(path: Path, *, corpus: Path | None = None) -> PretrainingSettings:
    """Read settings from a TOML file; its file names are relative to `corpus`.

    Args:
        path: the recipe.
        corpus: where the text lies; the recipe's own folder if left out.

    Raises:
        InputError: it is missing, no TOML, has unknown keys or values out of range.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"The recipe {path} cannot be read: {error}.") from error
    unknown = set(values) - {one.name for one in fields(PretrainingSettings)}
    if unknown:
        raise InputError(f"The recipe {path} has unknown keys: {', '.join(sorted(unknown))}.")
    settings = from_mapping(values)
    root = corpus or path.parent
    return replace(
        settings,
        sources=tuple(replace(one, file=str(root / one.file)) for one in settings.sources),
        heldout=tuple(str(root / one) for one in settings.heldout),
        vocabulary=str(root / settings.vocabulary) if settings.vocabulary else "",
    )
