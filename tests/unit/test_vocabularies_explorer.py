"""What stands in a vocabulary, and how it is written."""

import subprocess
import sys

import pytest
import tiny_models
from tokenizers import Tokenizer, decoders, models

from bertlab.errors import InputError
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.models.folders import open_tokenizer
from bertlab.vocabularies.explorer import (
    KINDS,
    Filter,
    count_kinds,
    count_lengths,
    count_scripts,
    find_pieces,
    longer_pieces,
    neighbours,
    read_vocabulary,
    script_of_piece,
    twin_of,
)
from bertlab.vocabularies.spelling import BYTES, describe_kind, read_piece, spelling_of

PIECES = (
    "[UNK] [unused0] un ##un under fun the there ##the a b 好 ##好 很好 ##ing ##ings 1990 ! € день"
).split()


@pytest.fixture(scope="module")
def vocabulary():
    backend = Tokenizer(
        models.WordPiece({piece: i for i, piece in enumerate(PIECES)}, unk_token="[UNK]")
    )
    backend.add_special_tokens(["[UNK]"])
    return read_vocabulary(backend)


def spelled(pieces) -> list[str]:
    return [piece.spelled for piece in pieces]


def one(vocabulary, name):
    return next(piece for piece in vocabulary.pieces if piece.spelled == name)


def test_each_piece_is_described(vocabulary):
    kinds = {piece.spelled: (piece.kind, piece.script, piece.length) for piece in vocabulary.pieces}
    assert kinds["[UNK]"] == ("special", "none", 0)
    assert kinds["[unused0]"] == ("unused", "none", 0)
    assert kinds["under"] == ("word start", "Latin", 5)
    assert kinds["##ing"] == ("continuation", "Latin", 3)
    assert kinds["好"] == ("single character", "Han", 1)
    assert kinds["##好"] == ("continuation", "Han", 1)
    assert kinds["день"] == ("word start", "Cyrillic", 4)
    assert kinds["1990"][1] == "Digits"
    assert (kinds["!"][1], kinds["€"][1]) == ("Punctuation", "Symbols")
    assert [piece.id for piece in vocabulary.pieces] == list(range(len(PIECES)))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter("un"), ["un", "##un", "under"]),
        (Filter("##un"), ["##un"]),
        (Filter("un", "ends"), ["un", "##un", "fun"]),
        (Filter("un", "contains", kind="continuation"), ["##un"]),
        (Filter("好", "contains"), ["好", "##好", "很好"]),
        (Filter(script="Cyrillic"), ["день"]),
        (Filter(shortest=5), ["under", "there"]),
        (Filter(shortest=4, longest=4, script="Latin"), ["##ings"]),
        (Filter(first_id=2, last_id=4), ["un", "##un", "under"]),
        (Filter("^##.{3}$", "pattern"), ["##the", "##ing"]),
        (Filter("^.$", "pattern", script="Han"), ["好"]),
        (Filter("xyz"), []),
    ],
)
def test_filters(vocabulary, wanted, found):
    assert spelled(find_pieces(vocabulary, wanted)) == found


def test_no_filter_lets_everything_through(vocabulary):
    assert find_pieces(vocabulary, Filter()) == vocabulary.pieces


@pytest.mark.parametrize("pattern", ["(", "*a", r"(a)\1", "(?=a)", "a" * 201, "\ud800", "a{9999}"])
def test_patterns_that_are_refused(vocabulary, pattern):
    with pytest.raises(InputError):
        find_pieces(vocabulary, Filter(pattern, "pattern"))


ENDLESS = """
from tokenizers import Tokenizer, models
from bertlab.vocabularies.explorer import Filter, find_pieces, read_vocabulary

backend = Tokenizer(models.WordPiece({"[UNK]": 0, "a" * 40 + "b": 1}, unk_token="[UNK]"))
assert not find_pieces(read_vocabulary(backend), Filter("^(a+)+$", "pattern"))
"""


def test_no_pattern_takes_for_ever():
    """(a+)+$ takes 2^40 steps where a search goes back on its way: hours on any machine."""
    subprocess.run([sys.executable, "-c", ENDLESS], check=True, timeout=60)


def test_neighbours_longer_pieces_and_twins(vocabulary):
    the = one(vocabulary, "the")
    assert spelled(neighbours(vocabulary, the, each_side=1)) == ["##the", "the", "there"]
    assert spelled(longer_pieces(vocabulary, the)) == ["there"]
    assert spelled(longer_pieces(vocabulary, one(vocabulary, "##ing"))) == ["##ings"]
    assert longer_pieces(vocabulary, one(vocabulary, "[UNK]")) == ()
    assert twin_of(vocabulary, the).spelled == "##the"
    assert twin_of(vocabulary, one(vocabulary, "##the")).spelled == "the"
    assert twin_of(vocabulary, one(vocabulary, "under")) is None


def test_counts(vocabulary):
    assert dict(count_kinds(vocabulary.pieces))["continuation"] == 5
    assert count_scripts(vocabulary.pieces)[0] == ("Latin", 11)
    assert (5, "word start", 2) in count_lengths(vocabulary.pieces)
    assert sum(count for *_, count in count_lengths(vocabulary.pieces)) == len(PIECES) - 2


def test_the_bytes_of_byte_level_vocabularies_are_all_there():
    assert sorted(BYTES.values()) == list(range(256))
    assert BYTES["Ġ"] == 0x20
    assert BYTES["a"] == 0x61


@pytest.mark.parametrize("text", ["好", "the", "é", "👍"])
def test_byte_level_spelling_is_read_back(text):
    byte_level = {byte: character for character, byte in BYTES.items()}
    written = "".join(byte_level[byte] for byte in text.encode())
    assert read_piece(written, "byte-level").text == text
    assert read_piece("Ġ" + written, "byte-level").begins_word


def test_lone_bytes_and_blanks():
    assert read_piece("å¥", "byte-level").is_bytes
    assert read_piece("<0xE5>", "metaspace").is_bytes
    assert read_piece("Ġ", "byte-level").text == read_piece("▁", "metaspace").text == "␣"
    assert read_piece("[MASK]", "plain").text == "[MASK]"


@pytest.mark.parametrize("family", ALLOWED_FAMILIES)
def test_every_family_can_be_explored(tmp_path, family):
    backend = open_tokenizer(tiny_models.save_tiny_model(family, tmp_path)).backend_tokenizer
    vocabulary = read_vocabulary(backend)
    expected = {"roberta": "byte-level", "albert": "metaspace", "xlm-roberta": "metaspace"}
    assert spelling_of(backend) == expected.get(family, "wordpiece")
    assert len(vocabulary.pieces) == backend.get_vocab_size()
    kinds = dict(count_kinds(vocabulary.pieces))
    assert kinds["special"] >= 4
    assert set(kinds) <= set(KINDS)
    assert sum(kinds.values()) == len(vocabulary.pieces)
    assert describe_kind(backend)


def test_a_vocabulary_of_a_hundred_thousand_is_read_and_searched():
    vocab = {"[UNK]": 0} | {f"{'##' * (i % 2)}p{i:x}": i for i in range(1, 100_000)}
    backend = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]"))
    backend.decoder = decoders.WordPiece()
    vocabulary = read_vocabulary(backend)
    assert len(vocabulary.pieces) == 100_000
    found = find_pieces(vocabulary, Filter("p1869f", "contains"))
    assert spelled(found) == ["##p1869f"]
    assert len(neighbours(vocabulary, vocabulary.pieces[500], each_side=2)) == 5


def test_scripts_of_mixed_pieces():
    assert [script_of_piece(text) for text in ("3d", "x!", "①", "あ", "한", "ا")] == [
        "Latin", "Latin", "Digits", "Kana", "Hangul", "Arabic",
    ]  # fmt: skip
