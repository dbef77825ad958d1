"""Learning a WordPiece vocabulary from text."""

from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from bertlab.errors import InputError
from bertlab.pretraining.data.corpus import read_documents
from bertlab.pretraining.data.vocabulary import SPECIAL, learn_vocabulary, load_vocabulary
from bertlab.pretraining.settings import Source
from bertlab.pretraining.tensors import marks_of, vocabulary_of

SAMPLES = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module", params=["en", "zh"])
def texts(request) -> tuple[str, list[str]]:
    source = Source(str(SAMPLES / f"village_{request.param}.txt"))
    return request.param, [" ".join(document) for document in read_documents(source)]


@pytest.mark.parametrize("size", [200, 500])
def test_a_vocabulary_has_the_size_asked_for_and_begins_with_the_special_tokens(size, texts):
    language, documents = texts
    tokenizer = learn_vocabulary(lambda: documents, size=size, language=language)
    assert len(tokenizer) == len(tokenizer.get_vocab()) == size
    assert tokenizer.convert_ids_to_tokens(list(range(5))) == list(SPECIAL)
    assert sorted(tokenizer.get_vocab().values()) == list(range(size))
    assert tokenizer.model_max_length == 512


def test_by_hand():
    """Letters a, b, c, each also inside words; of the pairs "ab" is seen most often."""
    tokenizer = learn_vocabulary(lambda: ["ab ab ab ac"], size=9)
    expected = {*SPECIAL, "a", "b", "c", "##b", "##c", "ab"}
    found = set(learn_vocabulary(lambda: ["ab ab ab ac"], size=11).get_vocab())
    assert found == expected
    assert set(tokenizer.get_vocab()) <= expected


def test_case_is_lost_and_accents_with_it(texts):
    language, documents = texts
    cafe = [*documents, "the CAFÉ the café"]
    tokenizer = learn_vocabulary(lambda: cafe, size=500, language=language)
    assert tokenizer("The CAFÉ").input_ids == tokenizer("the cafe").input_ids
    assert not [piece for piece in tokenizer.get_vocab() if piece != piece.lower()][len(SPECIAL) :]


def test_chinese_characters_are_words_of_their_own():
    tokenizer = learn_vocabulary(lambda: ["我们喜欢电影 film"] * 3, size=16, language="zh")
    assert tokenizer.tokenize("我们喜欢") == ["我", "们", "喜", "欢"]
    chinese = [p for p in tokenizer.get_vocab() if any("\u4e00" <= c <= "\u9fff" for c in p)]
    assert {len(piece) for piece in chinese} == {1}


def test_more_tokens_than_the_text_gives_are_refused_with_the_number_that_works(texts):
    language, documents = texts
    with pytest.raises(InputError, match="9,000 tokens was asked for") as refusal:
        learn_vocabulary(lambda: documents, size=9_000, language=language)
    found = int(str(refusal.value).split("the text gives ")[1].split(".")[0].replace(",", ""))
    enough = found * 99 // 100  # ties are chance: the last few pieces differ
    assert len(learn_vocabulary(lambda: documents, size=enough, language=language)) == enough
    with pytest.raises(InputError, match="Ask for at most"):
        learn_vocabulary(lambda: documents, size=found * 101 // 100, language=language)


def test_the_same_text_gives_the_same_vocabulary(texts):
    language, documents = texts
    first, again = (
        learn_vocabulary(lambda: documents, size=300, language=language) for _ in range(2)
    )
    assert first.get_vocab() == again.get_vocab()


def test_a_stored_vocabulary_cuts_as_the_learned_one(texts, tmp_path):
    language, documents = texts
    tokenizer = learn_vocabulary(lambda: documents, size=400, language=language)
    tokenizer.save_pretrained(tmp_path)
    expected = [tokenizer(text).input_ids for text in (*documents[:20], "Über 好 ##ing ½")]
    stored = (
        load_vocabulary(tmp_path / "tokenizer.json"),
        AutoTokenizer.from_pretrained(tmp_path),
    )
    for other in stored:
        assert [other(t).input_ids for t in (*documents[:20], "Über 好 ##ing ½")] == expected


@pytest.mark.parametrize("content", [b"", b"{}", b"half a toke", b"\xff\xfe", b'{"model": 1}'])
def test_a_damaged_vocabulary_is_refused(content, tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"tokenizer\.json is no tokenizer"):
        load_vocabulary(path)


def test_a_missing_vocabulary_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no tokenizer"):
        load_vocabulary(tmp_path / "none.json")


def test_what_masking_must_know():
    tokenizer = learn_vocabulary(lambda: ["ab ab ab ac"], size=11)
    marks, vocabulary = marks_of(tokenizer), vocabulary_of(tokenizer)
    assert (marks.pad_id, marks.cls_id, marks.sep_id, vocabulary.mask_id) == (0, 2, 3, 4)
    assert vocabulary.size == 11
    assert vocabulary.ordinary.tolist() == [5, 6, 7, 8, 9, 10]
    pieces = np.array(tokenizer.convert_ids_to_tokens(list(range(11))))
    assert set(pieces[vocabulary.continues]) == {"##b", "##c"}
