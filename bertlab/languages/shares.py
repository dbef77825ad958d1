"""How many texts are in each language, and the share of [UNK] that a tokenizer makes of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bertlab.languages.identification import identify, is_short
from bertlab.languages.names import NAMES
from bertlab.tokenization.encoding import UNKNOWN_WARNING_SHARE, unknown_share

LOOKED_AT, CHARACTERS = 2_000, 500  # texts, and of each: half a second in all
FEW = 0.05  # of the texts: in a language of fewer nothing is warned of, as single texts mislead


@dataclass(frozen=True)
class LanguageShare:
    """The texts of one language.

    Attributes:
        code: "en", "zh" ...; "" where it cannot be told.
        name: "English"; "Latin script", "Latin script, too short to tell" or "no letters" where
            the language cannot be told.
        texts: How many there are.
        unknown: The share of their tokens that is [UNK], from 0 to 1.
        example: The first of them.
    """

    code: str
    name: str
    texts: int
    unknown: float
    example: str

    @property
    def is_unknown(self) -> bool:
        """Whether more than a tenth of its tokens is [UNK]."""
        return self.unknown > UNKNOWN_WARNING_SHARE


@dataclass(frozen=True)
class Languages:
    """What was found in some texts.

    Attributes:
        shares: The languages, the commonest first.
        looked_at: How many texts were looked at, each up to its 500th character.
        total: How many there are.
    """

    shares: tuple[LanguageShare, ...]
    looked_at: int
    total: int

    @property
    def common(self) -> tuple[LanguageShare, ...]:
        """The languages of more than a few texts."""
        return tuple(share for share in self.shares if share.texts >= FEW * self.looked_at)


def find_languages(tokenizer: Any, texts: Sequence[str]) -> Languages:
    """Find the languages of texts, and what of each a tokenizer does not know.

    Two English reviews and a Chinese one under an English vocabulary: English 2 texts, 0.0 of them
    [UNK]; Chinese 1 text, 1.0. Of more than 2,000 texts as many are taken from all over.

    Args:
        tokenizer: A fast tokenizer of transformers.
        texts: At least one.
    """
    some = [text[:CHARACTERS] for text in texts[:: max(1, -(-len(texts) // LOOKED_AT))]]
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for text, (code, script) in zip(some, identify(some), strict=True):
        groups[code, _name(code, script, text)].append(text)
    shares = [
        LanguageShare(code, name, len(group), unknown_share(tokenizer, group), group[0])
        for (code, name), group in groups.items()
    ]
    return Languages(tuple(sorted(shares, key=lambda share: -share.texts)), len(some), len(texts))


def _name(code: str, script: str, text: str) -> str:
    if code or not script:
        return NAMES.get(code, "no letters")
    return f"{script} script" + (", too short to tell" if is_short(text) else "")
