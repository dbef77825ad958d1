"""What to do about texts that a model cannot read: the sentence to say, the models that fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bertlab.languages.names import NAMES
from bertlab.languages.shares import Languages, LanguageShare
from bertlab.models.catalog import ModelInfo
from bertlab.models.facts import language_of
from bertlab.models.recommendation import models_for
from bertlab.tokenization.encoding import UNKNOWN_WARNING_SHARE, unknown_share

Load = Callable[[str], Any]  # a model's name to its tokenizer


@dataclass(frozen=True)
class Advice:
    """One thing to know about a model and some texts.

    Attributes:
        message: What is wrong, as sentences without the way out.
        models: Those that fit better, at most two; those on this machine first.
    """

    message: str
    models: tuple[ModelInfo, ...]


def advise(model: str, languages: Languages, load: Load) -> list[Advice]:
    """Say which languages a model cannot read, and which model can.

    350 Chinese texts under bertlab-mini-en, of whose tokens 95 % are [UNK], give one advice with
    bertlab-mini-zh as first model. German texts have no [UNK] there, as any Latin letters can be
    pieced together; where most texts are in another language than the model learned, it says that.

    Args:
        model: The model in hand.
        languages: What `find_languages` found under its tokenizer.
        load: Gives the tokenizer of a model on this machine.

    Raises:
        ModelError: There is no such model.
    """
    unknown_token = str(load(model).unk_token)
    is_mixed = len({share.code for share in languages.common}) > 1
    found = [
        Advice(_unread(model, share, unknown_token), _fitting(model, share, load, is_mixed))
        for share in languages.common
        if share.is_unknown
    ]
    return found or _other_language(model, languages, load)


def _unread(model: str, share: LanguageShare, unknown_token: str) -> str:
    texts = f"{share.texts:,} {_adjective(share)} {'text' if share.texts == 1 else 'texts'}"
    return (
        f"{share.unknown:.0%} of the tokens are {unknown_token} in the {texts}: {model} does not "
        "know these signs, so it cannot tell the words apart."
    )


def _adjective(share: LanguageShare) -> str:
    return share.name if share.code else f"({share.name})"


def _other_language(model: str, languages: Languages, load: Load) -> list[Advice]:
    """Advise where most texts are in another language than the only one the model learned."""
    learned, main = language_of(model), languages.shares[0]
    if learned not in NAMES or not main.code or main.code == learned:
        return []
    if 2 * main.texts <= languages.looked_at:
        return []
    message = (
        f"Most of these texts are {main.name}; {model} learned {NAMES[learned]}. A model that "
        "learned their language has more to begin with."
    )
    return [Advice(message, _fitting(model, main, load))]


def _fitting(
    model: str, share: LanguageShare, load: Load, is_mixed: bool = False
) -> tuple[ModelInfo, ...]:
    """Name the best model of a language, and the next best or, of several languages, one for all.

    Nobody is sent from [UNK] to [UNK]: a model that is here must know the signs.
    """
    able = [
        info
        for info in models_for(share.code, besides=model)
        if not info.is_here
        or unknown_share(load(info.name), [share.example]) <= UNKNOWN_WARNING_SHARE
    ]
    many = [info for info in able[1:] if info.language == "multi"]
    return tuple(able[:1] + many[:1] if is_mixed and many else able[:2])
