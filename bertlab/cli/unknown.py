"""The warning that stands on every page too: a model that does not know these signs."""

from typing import Any

from bertlab.cli.output import note


def warn_about_unknown(model: str, tokenizer: Any, *texts: str) -> None:
    """Say on standard error when more than a tenth of the tokens is [UNK], and what would fit."""
    from bertlab.inputs import UNKNOWN_WARNING_SHARE, unknown_share

    share = unknown_share(tokenizer, texts)
    if share <= UNKNOWN_WARNING_SHARE:
        return
    note(
        f"{share:.0%} of the tokens are {tokenizer.unk_token}: {model} does not know these signs, "
        f"so its answer means little.{_better_model(model, texts)}"
    )


def _better_model(model: str, texts: tuple[str, ...]) -> str:
    """Name a model of the texts' script: the first that is here, else the first there is."""
    from bertlab.models.fitting import fitting_models

    for best in fitting_models(texts, besides=model)[:1]:
        return f" {best.name} would fit better." + (f" {best.note}." if best.note else "")
    return ""
