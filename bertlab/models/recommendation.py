"""Which model fits a text: the one whose vocabulary has its script."""

from collections.abc import Iterable

from bertlab.models.catalog import ModelInfo, known_models
from bertlab.tokenization.chinese import is_han

LATIN_END = "\u0250"  # letters below it stand in an English vocabulary, accents stripped


def fitting_models(texts: Iterable[str], *, besides: str) -> list[ModelInfo]:
    """Models whose vocabulary has the texts' script, those on this machine first, two at most.

    `fitting_models(["很好"], besides="bertlab-mini-en")` begins with a Chinese model. Texts of
    Latin letters and of signs alone, such as emoji, get [], since no model fits those better.

    Args:
        texts: What is to be read.
        besides: The model in hand, which is never among the answers.
    """
    letters = {character for text in texts for character in text if character.isalpha()}
    if not any(letter >= LATIN_END for letter in letters):
        return []
    wanted = ("zh", "multi") if any(map(is_han, letters)) else ("multi",)
    fitting = [m for m in known_models() if m.language in wanted and m.name != besides]
    return sorted(fitting, key=lambda m: (not m.is_here, wanted.index(m.language)))[:2]


def models_for(language: str, *, besides: str) -> list[ModelInfo]:
    """Models that were trained on a language, those on this machine first.

    `models_for("zh", besides="bertlab-mini-en")` begins with bertlab-mini-zh and ends with
    multilingual BERT. A language without a
    model of its own gets the multilingual one.

    Args:
        language: Its code, such as "de"; "" for one that is not known.
        besides: The model in hand, which is never among the answers.
    """
    wanted = (language, "multi") if language in ("en", "zh") else ("multi",)
    fitting = [m for m in known_models() if m.language in wanted and m.name != besides]
    return sorted(fitting, key=lambda m: (not m.is_here, wanted.index(m.language)))
