"""What a model is and what it saw, from its configuration and its model card."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard
from safetensors import SafetensorError, safe_open
from transformers import AutoConfig
from yaml import YAMLError

from bertlab.errors import ModelError
from bertlab.models.catalog import WEIGHTS, find_model, has_mlm_head, read_config
from bertlab.models.folders import SAFE, model_folder
from bertlab.tokenization.encoding import longest_input, position_offset_of

BERT_PAPER = {  # Devlin et al. 2019, section 3.1 and appendix A.2
    "trained_on": "3.3 billion words",
    "trained_positions": 512,
    "next_sentence": True,
}
CARD_FACTS: dict[str, dict[str, Any]] = {  # from the cards of models whose files do not say it
    "bert-base-uncased": BERT_PAPER,
    "bert-base-cased": BERT_PAPER,
    "all-MiniLM-L6-v2": {
        "trained_on": "over 1 billion sentence pairs",
        "trained_positions": 128,
    },
}


@dataclass(frozen=True)
class ModelFacts:
    """The strip that stands on every lesson.

    Attributes:
        layers, heads, hidden_size, vocabulary, parameters: Counts.
        max_positions: The most tokens that one input may have.
        trained_positions: Positions that it saw in training; None if its card does not say.
        trained_on: How much text, in words; "" if its card does not say.
        teacher: The model that it was distilled from; "" if its card names none.
        limits: Short phrases: what it was not trained for, and that it is not BERT-base.
        has_mlm_head: Whether it fills blanks.
        position_offset: The number of the first position: 0, but 2 for RoBERTa.
    """

    name: str
    layers: int
    heads: int
    hidden_size: int
    vocabulary: int
    parameters: int
    max_positions: int
    trained_positions: int | None
    trained_on: str
    teacher: str
    limits: tuple[str, ...]
    has_mlm_head: bool
    position_offset: int


def read_facts(name: str) -> ModelFacts:
    """Read what a model is: `read_facts("bertlab-mini-en").layers` comes from its config.json.

    Raises:
        ModelError: The model is not on this machine.
    """
    folder = model_folder(name)
    config = AutoConfig.from_pretrained(str(folder), **SAFE)
    card = card_facts(name)
    can_fill = has_mlm_head(read_config(folder))
    return ModelFacts(
        name=find_model(name).name,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        vocabulary=config.vocab_size,
        parameters=count_parameters(folder),
        max_positions=longest_input(config),
        trained_positions=card.get("trained_positions"),
        trained_on=str(card.get("trained_on", "")),
        teacher=str(card.get("teacher", "")),
        limits=_limits(config, card, can_fill=can_fill),
        has_mlm_head=can_fill,
        position_offset=position_offset_of(config),
    )


def card_facts(name: str) -> dict[str, Any]:
    """What is known of a model's training: `card_facts("bertlab-mini-en")["trained_on"]`.

    From the `bertlab:` block of its card, else from what its makers published; {} if neither.
    `trained_positions` is the longest input that it saw, `learned_positions` how far it came to
    make use of them.

    Raises:
        ModelError: The model is not on this machine.
    """
    return read_card(model_folder(name)) or CARD_FACTS.get(find_model(name).name, {})


def language_of(name: str) -> str:
    """Which language a model knows: "en", "zh", "multi"; "" where nothing says so.

    From the catalogue, else from its card: `language_of("bert-base-chinese")` is "zh".

    Raises:
        ModelError: There is no such model.
    """
    info = find_model(name)
    if info.language or info.folder is None:
        return info.language
    language = _header(info.folder).get("language")
    if isinstance(language, list):
        return str(language[0]) if len(language) == 1 else "multi" if language else ""
    return str(language or "")


def read_card(folder: Path) -> dict[str, Any]:
    """The `bertlab:` block of a model card's header; {} where there is none."""
    block = _header(folder).get("bertlab")
    return block if isinstance(block, dict) else {}


def _header(folder: Path) -> dict[str, Any]:
    """A model card's header; {} where there is none, or somebody else broke it."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8")
        return dict(ModelCard(text).data.to_dict())
    except (OSError, ValueError, TypeError, YAMLError):
        return {}


def count_parameters(folder: Path) -> int:
    """The number of weights stored in a folder's safetensors file, without loading them.

    Raises:
        ModelError: The file is damaged.
    """
    try:
        with safe_open(str(folder / WEIGHTS), framework="pt") as file:
            names = file.keys()
            return sum(math.prod(file.get_slice(name).get_shape()) for name in names)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{folder / WEIGHTS} is damaged ({error}). Fetch the model again."
        ) from error


def _limits(config: Any, card: dict[str, Any], *, can_fill: bool) -> tuple[str, ...]:
    trained, learned = card.get("trained_positions"), card.get("learned_positions")
    longest = longest_input(config)
    sizes = (config.model_type, config.num_hidden_layers, config.hidden_size)
    is_bert_base = sizes == ("bert", 12, 768)
    phrases = {
        "no masked-LM head: it cannot fill blanks": not can_fill,
        "no next-sentence objective": card.get("next_sentence") is False,
        f"not trained beyond {trained} tokens": bool(trained and trained < longest),
        f"learned little beyond {learned} tokens": bool(learned and learned < longest),
        "not BERT-base": not is_bert_base,
    }
    return tuple(phrase for phrase, holds in phrases.items() if holds)
