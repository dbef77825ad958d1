"""How a particular BERT tokenizer is set, read from the tokenizer itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tokenizers import models, normalizers, pre_tokenizers


@dataclass(frozen=True)
class AddedToken:
    """A token that is cut out of the text before anything else, such as [MASK].

    content: what it reads; upper and lower case matter
    is_normalized: it is looked for after normalization, not before
    is_single_word: it counts only where no letter or digit touches it
    takes_left, takes_right: it swallows the white space on that side
    """

    content: str
    is_normalized: bool = False
    is_single_word: bool = False
    takes_left: bool = False
    takes_right: bool = False


@dataclass(frozen=True)
class WordPieceOptions:
    """All that decides what WordPiece makes of a text.

    vocabulary: piece -> id
    unknown_token: stands for a word that the pieces cannot spell
    prefix: marks a piece that continues a word
    max_characters: longer words are unknown at once
    clean_text, space_cjk, strip_accents, lowercase: the steps of normalization, on or off
    added_tokens: cut out of the text first
    """

    vocabulary: Mapping[str, int] = field(repr=False)
    unknown_token: str = "[UNK]"
    prefix: str = "##"
    max_characters: int = 100
    clean_text: bool = True
    space_cjk: bool = True
    strip_accents: bool = True
    lowercase: bool = True
    added_tokens: tuple[AddedToken, ...] = ()


def wordpiece_options(tokenizer: Any) -> WordPieceOptions | None:
    """Read the options of a Hugging Face tokenizer.

    ``wordpiece_options(AutoTokenizer.from_pretrained("bert-base-uncased")).lowercase`` -> True

    Args:
        tokenizer: a fast tokenizer of transformers.

    Returns:
        The options, or None for a tokenizer that is not BERT's (see `why_not_wordpiece`).
    """
    if why_not_wordpiece(tokenizer) is not None:
        return None
    backend = tokenizer.backend_tokenizer
    steps, model = backend.normalizer, backend.model
    return WordPieceOptions(
        vocabulary=backend.get_vocab(with_added_tokens=False),
        unknown_token=model.unk_token,
        prefix=model.continuing_subword_prefix,
        max_characters=model.max_input_chars_per_word,
        clean_text=steps.clean_text,
        space_cjk=steps.handle_chinese_chars,
        # Left open, the accents go when the capitals go (as in Google's own code).
        strip_accents=steps.lowercase if steps.strip_accents is None else steps.strip_accents,
        lowercase=steps.lowercase,
        added_tokens=_added_tokens(tokenizer),
    )


def why_not_wordpiece(tokenizer: Any) -> str | None:
    """Say in one sentence why a tokenizer cannot be traced, or None where it can.

    ``why_not_wordpiece(AutoTokenizer.from_pretrained("roberta-base"))``
    -> "This model's tokenizer cuts words with BPE, not with WordPiece."
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return "This tokenizer does not show its parts, so its steps cannot be traced."
    if not isinstance(backend.model, models.WordPiece):
        name = type(backend.model).__name__
        return f"This model's tokenizer cuts words with {name}, not with WordPiece."
    if not isinstance(backend.normalizer, normalizers.BertNormalizer):
        return "This model's tokenizer cleans text in another way than BERT's."
    if not isinstance(backend.pre_tokenizer, pre_tokenizers.BertPreTokenizer):
        return "This model's tokenizer cuts text into words in another way than BERT's."
    if backend.model.token_to_id(backend.model.unk_token) is None:
        return "This model's vocabulary has no token for unknown words."
    return None


def _added_tokens(tokenizer: Any) -> tuple[AddedToken, ...]:
    """Read the tokens that are cut out first; special ones may be switched off."""
    return tuple(
        AddedToken(
            content=token.content,
            is_normalized=token.normalized,
            is_single_word=token.single_word,
            takes_left=token.lstrip,
            takes_right=token.rstrip,
        )
        for token in tokenizer.backend_tokenizer.get_added_tokens_decoder().values()
        if not (token.special and tokenizer.split_special_tokens)
    )
