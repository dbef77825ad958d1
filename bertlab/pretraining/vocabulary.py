"""Learning a WordPiece vocabulary from text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import BertTokenizer

from bertlab.errors import InputError

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")  # ids 0 to 4
FEWEST_SEEN = 2  # a piece that occurs once teaches nothing
LATIN_LETTERS, CHINESE_LETTERS = 400, 6_000  # single characters that are kept, the commonest


def learn_vocabulary(texts: Iterable[str], *, size: int, language: str = "en") -> Any:
    """Learn an uncased WordPiece vocabulary of a given size.

    Chinese characters are words of their own, as in bert-base-chinese.

    Args:
        texts: any pieces of text.
        size: tokens, special tokens included.
        language: "zh" keeps more single characters.

    Returns:
        A BertTokenizer.

    Raises:
        InputError: the text does not give so many tokens.
    """
    tokenizer = _empty()
    letters = CHINESE_LETTERS if language == "zh" else LATIN_LETTERS
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=FEWEST_SEEN,
        special_tokens=list(SPECIAL),
        limit_alphabet=min(letters, size - len(SPECIAL)),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    found = tokenizer.get_vocab_size()
    if found < size:
        raise InputError(
            f"A vocabulary of {size:,} tokens was asked for, but the text gives {found:,}. "
            f"Ask for at most {found:,}, or add text."
        )
    return _wrap(tokenizer)


def load_vocabulary(path: Path) -> Any:
    """Read a tokenizer.json that an earlier run learned.

    Raises:
        InputError: it is missing or no tokenizer.
    """
    try:
        return _wrap(Tokenizer.from_file(str(path)))
    except Exception as error:  # the library raises plain Exception
        raise InputError(f"{path} is no tokenizer.json: {error}.") from error


def _empty() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _wrap(tokenizer: Tokenizer) -> Any:
    """Make it a tokenizer of transformers, with BERT's special tokens and 512 positions."""
    return BertTokenizer(tokenizer_object=tokenizer, do_lower_case=True, model_max_length=512)
