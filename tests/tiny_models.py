"""Tiny random checkpoints of every family, saved as the hub would hold them."""

import json
import tempfile
from functools import cache
from pathlib import Path

import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from bertlab.models.catalog import ALLOWED_FAMILIES

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = (
    "the a cat dog sat on mat in was is good bad film movie not very great awful it i we he she "
    "likes hated loved and . , ! ? 很 好 坏 电 影 这 个 不 我 喜 欢 un happy ##happy ##ly ##s "
    "##ing play"
).split()
PIECES = [
    *SPECIAL,
    *WORDS,
    *"abcdefghijklmnopqrstuvwxyz",
    *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
]
TEXTS = [
    "the cat sat on the mat.",
    "a very good film and a bad movie",
    "we loved it, she hated it!",
]
SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}


def save_tiny_bert(folder: Path, *, dtype: torch.dtype = torch.float32, **sizes: int) -> Path:
    """A random BERT with a masked-LM head, hidden 32, 2 layers, 2 heads, English and Chinese."""
    tokenizer = wordpiece_tokenizer(transformers.BertTokenizer)
    config = transformers.BertConfig(vocab_size=len(PIECES), **{**SIZES, **sizes})
    return _save(folder, transformers.BertForMaskedLM, config, tokenizer, dtype=dtype)


def save_tiny_model(family: str, folder: Path) -> Path:
    """A random model of a family with its own kind of tokenizer, masked-LM head included."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _files_of(family).items():
        (folder / name).write_bytes(content)
    return folder


def families(*usual: str) -> list:
    """All families, to parametrize with; those that are not `usual` wait for `-m exhaustive`."""
    assert set(usual) <= set(ALLOWED_FAMILIES)
    rest = pytest.mark.exhaustive
    return [
        family if family in usual else pytest.param(family, marks=rest)
        for family in ALLOWED_FAMILIES
    ]


@cache
def _files_of(family: str) -> dict[str, bytes]:
    """The files of a family's model, which is made once for all tests."""
    save = {
        "bert": save_tiny_bert,
        "distilbert": _save_distilbert,
        "roberta": _save_roberta,
        "xlm-roberta": _save_xlm_roberta,
        "albert": _save_albert,
        "electra": _save_electra,
    }[family]
    with tempfile.TemporaryDirectory() as folder:
        return {file.name: file.read_bytes() for file in save(Path(folder)).iterdir()}


def save_bert_tokenizer(folder: Path) -> Path:
    """Put BERT's tokenizer into a model's folder: with a DistilBERT it often comes so."""
    (folder / "tokenizer_config.json").unlink(missing_ok=True)
    wordpiece_tokenizer(transformers.BertTokenizer).save_pretrained(folder)
    return folder


def save_gpt2(folder: Path) -> Path:
    config = transformers.GPT2Config(vocab_size=300, n_embd=8, n_layer=1, n_head=1, n_positions=16)
    transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def put_into_hub_cache(folder: Path, cache: Path, name: str, *, commit: str = "a" * 40) -> Path:
    """Lay a model folder out as huggingface_hub does: blobs, a snapshot of links, a ref."""
    home = cache / ("models--" + name.replace("/", "--"))
    snapshot, blobs = home / "snapshots" / commit, home / "blobs"
    for new in (snapshot, blobs, home / "refs"):
        new.mkdir(parents=True)
    (home / "refs" / "main").write_text(commit)
    for number, file in enumerate(sorted(folder.iterdir())):
        (blobs / str(number)).write_bytes(file.read_bytes())
        (snapshot / file.name).symlink_to(Path("..") / ".." / "blobs" / str(number))
    return snapshot


def wordpiece_tokenizer(kind: type) -> transformers.PreTrainedTokenizerFast:
    return kind(vocab={piece: index for index, piece in enumerate(dict.fromkeys(PIECES))})


def _save(folder: Path, kind: type, config, tokenizer, *, dtype=torch.float32) -> Path:
    config.vocab_size = len(tokenizer)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = kind(config)
        for weight in model.parameters():  # livelier than the usual 0.02: heads must differ
            weight.data.add_(torch.randn_like(weight) * 0.1)
    model.to(dtype).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _save_distilbert(folder: Path) -> Path:
    config = transformers.DistilBertConfig(
        dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=64
    )
    tokenizer = wordpiece_tokenizer(transformers.DistilBertTokenizer)
    return _save(folder, transformers.DistilBertForMaskedLM, config, tokenizer)


def _save_electra(folder: Path) -> Path:
    config = transformers.ElectraConfig(embedding_size=16, **SIZES)  # narrower than hidden
    tokenizer = wordpiece_tokenizer(transformers.ElectraTokenizer)
    return _save(folder, transformers.ElectraForMaskedLM, config, tokenizer)


def _save_roberta(folder: Path) -> Path:
    byte_level = Tokenizer(models.BPE())
    byte_level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    byte_level.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    byte_level.train_from_iterator(TEXTS, trainer)
    learned = json.loads(byte_level.to_str())["model"]
    merges = [tuple(merge) for merge in learned["merges"]]
    tokenizer = transformers.RobertaTokenizer(vocab=learned["vocab"], merges=merges)
    sizes = {**SIZES, "max_position_embeddings": 66}  # 64 positions: counted from 2
    config = transformers.RobertaConfig(pad_token_id=1, type_vocab_size=1, **sizes)
    return _save(folder, transformers.RobertaForMaskedLM, config, tokenizer)


def _unigram_vocabulary(special: list[str]) -> list[tuple[str, float]]:
    unigram = Tokenizer(models.Unigram())
    unigram.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=80, special_tokens=special, unk_token="<unk>", show_progress=False
    )
    unigram.train_from_iterator(TEXTS * 3, trainer)
    learned = json.loads(unigram.to_str())["model"]["vocab"]
    return [(piece, score) for piece, score in learned]


def _save_albert(folder: Path) -> Path:
    vocab = _unigram_vocabulary(["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer = transformers.AlbertTokenizer(vocab=vocab)
    config = transformers.AlbertConfig(embedding_size=16, **SIZES)
    return _save(folder, transformers.AlbertForMaskedLM, config, tokenizer)


def _save_xlm_roberta(folder: Path) -> Path:
    vocab = _unigram_vocabulary(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer = transformers.XLMRobertaTokenizer(vocab=[*vocab, ("<mask>", 0.0)])
    sizes = {**SIZES, "max_position_embeddings": 66}
    config = transformers.XLMRobertaConfig(pad_token_id=1, type_vocab_size=1, **sizes)
    return _save(folder, transformers.XLMRobertaForMaskedLM, config, tokenizer)
