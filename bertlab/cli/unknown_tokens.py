"""The warning that stands on every page too: a model that does not know these signs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bertlab.cli.output import note

if TYPE_CHECKING:
    from bertlab.models import ModelInfo


def warn_about_unknown(model: str, tokenizer: Any, *texts: str) -> None:
    """Say on standard error when more than a tenth of the tokens is [UNK], and what would fit."""
    from bertlab.tokenization.encoding import UNKNOWN_WARNING_SHARE, unknown_share

    share = unknown_share(tokenizer, texts)
    if share <= UNKNOWN_WARNING_SHARE:
        return
    note(
        f"{share:.0%} of the tokens are {tokenizer.unk_token}: {model} does not know these signs, "
        f"so its answer means little.{_better_model(model, texts)}"
    )


def warn_about_languages(model: str, tokenizer: Any, texts: Sequence[str]) -> None:
    """Say on standard error which of a table's languages the model cannot read, and what would."""
    from bertlab.languages import advise, find_languages
    from bertlab.models import load_tokenizer

    for advice in advise(model, find_languages(tokenizer, texts), load_tokenizer):
        note(advice.message + _named(advice.models[:1]))


def _better_model(model: str, texts: tuple[str, ...]) -> str:
    """Name a model of the texts' script: the first that is here, else the first there is."""
    from bertlab.models.recommendation import fitting_models

    return _named(fitting_models(texts, besides=model)[:1])


def _named(models: Sequence["ModelInfo"]) -> str:
    return "".join(
        f" {best.name} would fit better." + (f" {best.note}." if best.note else "")
        for best in models
    )
