"""One text under several vocabularies."""

import pytest
import tiny_models
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from bertlab.errors import InputError
from bertlab.models import load_tokenizer
from bertlab.models.catalog import ALLOWED_FAMILIES
from bertlab.models.folders import open_tokenizer
from bertlab.vocabularies.available import choices, first_choices, missing
from bertlab.vocabularies.comparison import (
    Cell,
    compare_round_trip,
    cut_text,
    find_words,
    group,
)
from bertlab.vocabularies.small import PIECES, TITLES, train_small

ELEPHANT = "The sleepless elephant walked slowly towards the river."


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in find_words(text)]


def embedded(name: str) -> Tokenizer:
    return load_tokenizer(name).backend_tokenizer


@pytest.fixture(scope="module", params=["en", "zh"])
def language(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def small(language) -> dict[str, Tokenizer]:
    return {kind: train_small(kind, language) for kind in TITLES}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b\tc", ["a", "b", "c"]),
        ("很好，但是", ["很", "好，", "但", "是"]),
        ("我用Python写了3个", ["我", "用", "Python", "写", "了", "3", "个"]),
        ("“Hi,” she said.", ["“Hi,”", "she", "said."]),
        ("so – what?", ["so –", "what?"]),
        ("“我”", ["“我”"]),
        ("!? ...", ["!? ..."]),
        ("한국어 ok", ["한국어", "ok"]),
        (" \n", []),
    ],
)
def test_words_are_found_without_a_vocabulary(text, expected):
    assert words(text) == expected


@given(st.text("ab 好，.“\n", max_size=30))
def test_words_cover_the_text_and_nothing_twice(text):
    found = find_words(text)
    covered = [place for start, end in found for place in range(start, end)]
    assert len(covered) == len(set(covered))
    assert {place for place, c in enumerate(text) if not c.isspace()} <= set(covered)
    assert bool(found) == bool(text.strip())


def test_the_default_sentence_in_numbers():
    """The pieces stand in the lesson on tokenization: sleep ##less, and a full stop."""
    cut = cut_text(ELEPHANT, "m", embedded("bertlab-mini-en"), unknown="[UNK]")
    assert (len(cut.tokens), cut.words) == (10, 8)
    assert cut.tokens_per_word == 10 / 8
    assert cut.characters_per_token == (len(ELEPHANT) - 7) / 10
    assert (cut.unknown_share, cut.outcome) == (0.0, "case")
    assert [len(cell.tokens) for cell in group(cut)] == [1, 2, 1, 1, 1, 1, 1, 2]


def test_a_vocabulary_of_another_script_loses_the_text():
    cut = cut_text("很好 ok", "m", embedded("bertlab-mini-en"), unknown="[UNK]")
    assert cut.unknown_share == pytest.approx(2 / 3)
    assert cut.outcome == "lost"
    assert [token.is_unknown for token in cut.tokens] == [True, True, False]


def test_a_token_over_two_words_makes_a_wide_cell():
    backend = Tokenizer(models.Unigram([("<unk>", 0.0), ("你好", -1.0), ("吗", -1.0)], unk_id=0))
    cut = cut_text("你好吗", "m", backend, unknown="<unk>")
    assert [(token.spelled, token.first, token.last) for token in cut.tokens] == [
        ("你好", 0, 1),
        ("吗", 2, 2),
    ]
    assert group(cut) == (Cell(0, 1, cut.tokens[:1]), Cell(2, 2, cut.tokens[1:]))


def test_a_word_that_is_dropped_has_an_empty_cell():
    backend = Tokenizer(models.BPE({"a": 0, "c": 1}, []))  # no unknown token: b is dropped
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    cut = cut_text("a b c", "m", backend, unknown=None)
    assert [len(cell.tokens) for cell in group(cut)] == [1, 0, 1]


@pytest.mark.parametrize("text", [ELEPHANT, "那头大象 ok 👍🏽", "Ça va? «NAÏVE» x", "…", "a" * 300])
def test_every_token_is_in_one_cell(small, text):
    for kind, backend in small.items():
        cut = cut_text(text, kind, backend, unknown=None)
        cells = group(cut)
        assert [token for cell in cells for token in cell.tokens] == list(cut.tokens)
        assert [cell.first for cell in cells[1:]] == [cell.last + 1 for cell in cells[:-1]]
        assert (cells[0].first, cells[-1].last) == (0, cut.words - 1)


@pytest.mark.parametrize("family", ALLOWED_FAMILIES)
def test_every_family_can_be_compared(tmp_path, family):
    tokenizer = open_tokenizer(tiny_models.save_tiny_model(family, tmp_path))
    cut = cut_text(
        "the cat sat.", "m", tokenizer.backend_tokenizer, unknown=str(tokenizer.unk_token)
    )
    theirs = tokenizer("the cat sat.", add_special_tokens=False, verbose=False)["input_ids"]
    assert [token.id for token in cut.tokens] == theirs


@given(st.text(min_size=1, max_size=20).filter(str.strip))
@settings(deadline=None, max_examples=40)
def test_bytes_give_any_text_back(text):
    backend = _BYTES.setdefault("en", train_small("small-bytes", "en"))
    try:
        cut = cut_text(text, "bytes", backend, unknown=None)
    except InputError:  # half a surrogate pair
        return
    assert cut.outcome == "exact"
    assert cut.unknown_share == 0


_BYTES: dict[str, Tokenizer] = {}


def test_small_vocabularies_are_what_they_are_called(small, language):
    assert {kind: cut_text("Aa", "m", b, unknown=None).kind for kind, b in small.items()} == {
        "small-cased": "WordPiece, cased",
        "small-bytes": "byte-level BPE",
        "small-unigram": "unigram",
    }
    sizes = [backend.get_vocab_size() for backend in small.values()]
    assert max(sizes) == PIECES
    if language == "zh":  # nothing can be merged: the characters are the vocabulary
        assert max(map(len, small["small-cased"].get_vocab())) == len("[UNK]")
    else:
        assert min(sizes) == PIECES
        cased = small["small-cased"].encode("Pipwell").tokens
        assert cased == ["Pipwell"]  # the village's name, capital and all


@pytest.mark.parametrize("kind", ["small-cased", "small-bytes"])
def test_a_small_vocabulary_is_the_same_each_time(kind):
    assert train_small(kind, "zh").get_vocab() == train_small(kind, "zh").get_vocab()


@pytest.mark.parametrize(
    ("text", "decoded", "outcome"),
    [
        ("a b", "a b", "exact"),
        ("很好", "很 好", "blanks"),
        ("Oh  no!", "oh no !", "case"),
        ("Déjà", "deja", "accents"),
        ("很好", "[UNK] 好", "lost"),
    ],
)
def test_what_comes_back(text, decoded, outcome):
    assert compare_round_trip(text, decoded) == outcome


@pytest.mark.parametrize("text", ["", "  ", "\ud83d"])
def test_texts_that_cannot_be_cut(text):
    with pytest.raises(InputError):
        cut_text(text, "m", embedded("bertlab-mini-en"), unknown="[UNK]")


def test_what_is_at_hand_offline():
    at_hand = choices()
    keys = [choice.key for choice in at_hand]
    assert keys[:2] == ["bertlab-mini-en", "bertlab-mini-zh"]
    assert keys[-3:] == list(TITLES)
    assert set(keys[:2]) | set(TITLES) <= set(first_choices(at_hand, "bertlab-mini-en"))
    assert "roberta-base" in [info.name for info in missing()]


def test_a_real_tokenizer_takes_the_place_of_a_small_one(tmp_path, hub_cache):
    """Its vocabulary is enough: the weights are not on this machine."""
    folder = tiny_models.save_tiny_model("roberta", tmp_path / "roberta")
    (folder / "model.safetensors").unlink()
    tiny_models.put_into_hub_cache(folder, hub_cache, "roberta-base")
    at_hand = choices()
    first = first_choices(at_hand, "bertlab-mini-en")
    assert "roberta-base" in first
    assert "small-bytes" not in first
    assert "roberta-base" not in [info.name for info in missing()]
    assert "small-bytes" in [choice.key for choice in at_hand]  # still to be chosen
