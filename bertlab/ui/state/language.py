"""The language in which a lesson speaks its examples: that of the model in hand."""

from bertlab.errors import ModelError
from bertlab.models.facts import language_of


def lesson_language(model: str) -> str:
    """Name the language of a lesson's examples: "zh" for a model of Chinese alone, else "en"."""
    try:
        return "zh" if language_of(model) == "zh" else "en"
    except ModelError:  # of a stored run whose model is no longer on this machine
        return "en"
