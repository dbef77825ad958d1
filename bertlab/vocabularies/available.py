"""Which vocabularies can be compared: those of this machine's models, and small ones."""

from __future__ import annotations

from dataclasses import dataclass

from bertlab.models import ModelInfo, known_models
from bertlab.models.folders import TOKENIZER_FILES
from bertlab.vocabularies.small import TITLES

MOST_AT_FIRST = 6  # rows of the first picture
# Families whose tokenizers a small vocabulary stands in for.
FAMILIES = {"roberta": "small-bytes", "albert": "small-unigram", "xlm-roberta": "small-unigram"}


@dataclass(frozen=True)
class Choice:
    """A vocabulary that can be compared.

    Attributes:
        key: The model's name, or "small-..." for one that is trained on the spot.
        title: For people.
        is_small: Whether it is trained on the spot.
        kind: Which small vocabulary is of its kind; "" for uncased WordPiece.
    """

    key: str
    title: str
    is_small: bool
    kind: str = ""


def choices() -> tuple[Choice, ...]:
    """All vocabularies that work now, without the internet; a tokenizer alone is enough."""
    real = [
        Choice(info.name, info.name, False, _kind(info))
        for info in known_models()
        if has_tokenizer(info)
    ]
    return (*real, *(Choice(kind, title, True, kind) for kind, title in TITLES.items()))


def _kind(info: ModelInfo) -> str:
    return FAMILIES.get(info.family, "small-cased" if info.name.endswith("-cased") else "")


def first_choices(all_choices: tuple[Choice, ...], model: str) -> tuple[str, ...]:
    """Choose what is compared at first: the model in hand, and as many kinds as there are.

    A small vocabulary gives way to a real one of its kind.
    """
    by_kind: dict[str, str] = {}
    for choice in all_choices:  # real ones come first
        if choice.kind:
            by_kind.setdefault(choice.kind, choice.key)
    plain = [one.key for one in all_choices if not one.kind and one.key != model]
    chosen = {model, *plain[: MOST_AT_FIRST - 1 - len(by_kind)], *by_kind.values()}
    return tuple(choice.key for choice in all_choices if choice.key in chosen)


def missing() -> tuple[ModelInfo, ...]:
    """Models of the hub whose tokenizer is not on this machine."""
    return tuple(
        info for info in known_models() if info.source == "hub" and not has_tokenizer(info)
    )


def has_tokenizer(info: ModelInfo) -> bool:
    """Whether a model's tokenizer can be loaded now, with or without its weights."""
    files = TOKENIZER_FILES if info.folder else ()
    return info.is_here or any((info.folder / file).is_file() for file in files if info.folder)
