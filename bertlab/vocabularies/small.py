"""Small vocabularies of other kinds, trained on the spot where no real one is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from bertlab.pretraining.data.stories import village

SmallKind = Literal["small-cased", "small-bytes", "small-unigram"]

PIECES = 1_000  # the village has not much more that occurs twice
LONGEST_WORD = 100  # characters
TITLES: dict[SmallKind, str] = {
    "small-cased": "small cased WordPiece",
    "small-bytes": "small byte-level BPE",
    "small-unigram": "small unigram",
}


def train_small(kind: SmallKind, language: str, *, size: int = PIECES) -> Tokenizer:
    """Train a small vocabulary on the village stories; a second at most.

    The unigram one differs a little from time to time: its trainer adds up in no fixed order.

    `train_small("small-bytes", "en").encode("the well").tokens` is ["the", "Ġwell"] or shorter.

    Args:
        kind: Which algorithm: cased WordPiece, byte-level BPE as in RoBERTa, or unigram as in
            ALBERT (Kudo 2018, "Subword Regularization", arXiv:1804.10959).
        language: Whose stories: "en" or "zh".
        size: Pieces, special ones included; a text may give fewer.
    """
    texts = [" ".join(story) for story in village(language).all]
    return _TRAINERS[kind](texts, size)


def _cased_wordpiece(texts: Sequence[str], size: int) -> Tokenizer:
    """As BERT's, capitals and accents kept.

    The library numbers characters in the order of a hash table, and ties follow these numbers.
    Named as special tokens, in order, they are fixed; a second tokenizer takes the pieces.
    """
    characters = sorted({*_learn_wordpiece(texts, size=0, first=["[UNK]"])} - {"[UNK]"})
    vocabulary = _learn_wordpiece(texts, size=size, first=["[UNK]", *characters])
    model = models.WordPiece(
        vocab=vocabulary, unk_token="[UNK]", max_input_chars_per_word=LONGEST_WORD
    )
    tokenizer = _bert_steps(Tokenizer(model))
    tokenizer.add_special_tokens(["[UNK]"])
    return tokenizer


def _learn_wordpiece(texts: Sequence[str], *, size: int, first: Sequence[str]) -> dict[str, int]:
    learner = _bert_steps(Tokenizer(models.WordPiece(unk_token="[UNK]")))
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=list(first), show_progress=False
    )
    learner.train_from_iterator(texts, trainer)
    vocabulary: dict[str, int] = learner.get_vocab()
    return vocabulary


def _bert_steps(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def _byte_level(texts: Sequence[str], size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),  # all 256 bytes: no [UNK] ever
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _unigram(texts: Sequence[str], size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=size, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


_TRAINERS = {
    "small-cased": _cased_wordpiece,
    "small-bytes": _byte_level,
    "small-unigram": _unigram,
}
