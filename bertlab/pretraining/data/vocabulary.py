"""Learning a WordPiece vocabulary from text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import BertTokenizer

from bertlab.errors import InputError

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")  # ids 0 to 4
FEWEST_SEEN = 2  # a piece that occurs once teaches nothing
LONGEST_WORD = 100  # characters; longer ones are [UNK], as in BERT's own code
LATIN_LETTERS, CHINESE_LETTERS = 400, 6_000  # single characters that are kept, the commonest


def learn_vocabulary(texts: Callable[[], Iterable[str]], *, size: int, language: str = "en") -> Any:
    """Learn an uncased WordPiece vocabulary of a given size; the same text gives the same one.

    Chinese characters are words of their own, as in bert-base-chinese.

    Args:
        texts: gives the text anew at each call, in any pieces; it is read three times.
        size: tokens, special tokens included.
        language: "zh" keeps more single characters.

    Returns:
        A tokenizer of transformers.

    Raises:
        InputError: the text does not give so many tokens.
    """
    most = CHINESE_LETTERS if language == "zh" else LATIN_LETTERS
    letters = _commonest_letters(texts(), most=min(most, size - len(SPECIAL)))
    # The library numbers single characters in the order of a hash table, which differs from run
    # to run, and ties between merges follow these numbers. Named as special tokens, in order,
    # they are fixed; the final tokenizer takes the words and forgets that they were special.
    without_merges = _train(texts(), size=0, letters=letters, first=SPECIAL)
    inside = sorted(piece for piece in without_merges if piece.startswith("##"))
    vocabulary = _train(texts(), size=size, letters=letters, first=(*SPECIAL, *letters, *inside))
    if len(vocabulary) < size:
        raise InputError(
            f"A vocabulary of {size:,} tokens was asked for, but the text gives "
            f"{len(vocabulary):,}. Ask for at most {len(vocabulary):,}, or add text."
        )
    tokenizer = _empty()
    tokenizer.model = models.WordPiece(
        vocab=vocabulary, unk_token="[UNK]", max_input_chars_per_word=LONGEST_WORD
    )
    return _wrap(tokenizer)


def _commonest_letters(texts: Iterable[str], *, most: int) -> tuple[str, ...]:
    """The characters that are kept, in the order of their code points."""
    normalizer, counts = _empty().normalizer, Counter[str]()
    for text in texts:
        counts.update(normalizer.normalize_str(text))
    found = [letter for letter in counts if not letter.isspace()]
    return tuple(sorted(sorted(found, key=lambda one: (-counts[one], one))[:most]))


def _train(
    texts: Iterable[str], *, size: int, letters: Sequence[str], first: Sequence[str]
) -> dict[str, int]:
    """Learn pieces by merging pairs; `first` come first, in their order."""
    tokenizer = _empty()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=FEWEST_SEEN,
        special_tokens=list(first),
        limit_alphabet=len(letters),
        initial_alphabet=list(letters),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    return vocabulary


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
    tokenizer = Tokenizer(
        models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=LONGEST_WORD)
    )
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _wrap(tokenizer: Tokenizer) -> Any:
    """Make it a tokenizer of transformers, with BERT's special tokens and 512 positions."""
    return BertTokenizer(tokenizer_object=tokenizer, do_lower_case=True, model_max_length=512)
