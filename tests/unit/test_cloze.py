"""Clozes and pairs: what the reader refuses, and scores of models whose answers are set by hand."""

import re
from pathlib import Path

import pytest
import torch
from tiny_models import save_tiny_bert

from bertlab.errors import InputError, ModelError
from bertlab.evaluation.cloze import (
    Cloze,
    ClozePair,
    read_clozes,
    read_pairs,
    score_clozes,
    score_pairs,
)
from bertlab.models import LoadedModel, load_model
from bertlab.models.folders import load_tokenizer

DATA = Path(__file__).parents[1] / "data"
CLOZES = "sentence\tanswers\ttheme\n"
PAIRS = "first\tfirst_word\tsecond\tsecond_word\ttheme\n"


# --- reading ---


@pytest.fixture
def write(tmp_path):
    def to_file(text: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / "questions.tsv"
        file.write_bytes(text.encode(encoding))
        return file

    return to_file


def test_clozes_are_read_with_all_their_answers(write):
    file = write(CLOZES + "fish can [MASK].\tswim | jump\tanimals\n我的妈[MASK]。\t妈\tfamily\n")
    assert read_clozes(file) == (
        Cloze("fish can [MASK].", ("swim", "jump"), "animals"),
        Cloze("我的妈[MASK]。", ("妈",), "family"),
    )


def test_pairs_are_read(write):
    file = write(PAIRS + "i loved the [MASK].\tcat\ti hated the [MASK].\tdog\tsentiment\n")
    expected = ClozePair("i loved the [MASK].", "cat", "i hated the [MASK].", "dog", "sentiment")
    assert read_pairs(str(file)) == (expected,)


def test_line_ends_and_the_mark_of_windows_are_taken(write):
    file = write(CLOZES.replace("\n", "\r\n") + "a [MASK].\tcat\tx\r\n", "utf-8-sig")
    assert read_clozes(file) == (Cloze("a [MASK].", ("cat",), "x"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the header must be sentence, answers, theme.*it is empty"),
        ("sentence,answers,theme\n", "line 1: the header must be"),
        (PAIRS + "a [MASK].\tcat\tb [MASK].\tdog\tx\n", "line 1: the header must be"),
        (CLOZES, "no rows"),
        (CLOZES + "a [MASK].\tcat\tx\nb [MASK].\tdog\n", "line 3: 2 cells, but the header has 3"),
        (CLOZES + "a [MASK].\tcat\tx\ty\n", "line 2: 4 cells"),
        (CLOZES + "a [MASK].\tcat\tx\n\nb [MASK].\tdog\tx\n", "line 3: 1 cells"),
        (CLOZES + "a cat.\tcat\tx\n", 'line 2: "a cat." has 0 blanks'),
        (CLOZES + "a [MASK] [MASK].\tcat\tx\n", "line 2: .* has 2 blanks"),
        (CLOZES + "a [MASK].\t\tx\n", "line 2: an answer is empty"),
        (CLOZES + "a [MASK].\tcat| \tx\n", "line 2: an answer is empty"),
    ],
)
def test_a_cloze_file_that_breaks_a_rule_is_refused_by_file_and_line(text, message, write):
    with pytest.raises(InputError, match=f"questions.tsv.*{message}"):
        read_clozes(write(text))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a [MASK].\tcat\tb.\tdog\tx\n", 'line 2: "b." has 0 blanks'),
        ("a.\tcat\tb [MASK].\tdog\tx\n", 'line 2: "a." has 0 blanks'),
        ("a [MASK].\t\tb [MASK].\tdog\tx\n", "line 2: an answer is empty"),
        ("a [MASK].\tcat\tb [MASK].\t \tx\n", "line 2: an answer is empty"),
        ("a [MASK].\tcat\tx\n", "line 2: 3 cells, but the header has 5"),
    ],
)
def test_a_pair_file_that_breaks_a_rule_is_refused_by_file_and_line(row, message, write):
    with pytest.raises(InputError, match=f"questions.tsv.*{message}"):
        read_pairs(write(PAIRS + row))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere.tsv is not there"):
        read_clozes(tmp_path / "nowhere.tsv")


def test_a_folder_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_pairs(tmp_path)


def test_another_encoding_is_refused_with_its_line(write):
    file = write(CLOZES + "a [MASK].\tcat\tx\n我的妈[MASK]。\t妈\tfamily\n", "gb18030")
    with pytest.raises(InputError, match="questions.tsv, line 3: this is not UTF-8"):
        read_clozes(file)


# --- scoring ---


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> LoadedModel:
    """A model of its own for each test: the tests set its weights."""
    save_tiny_bert(tmp_path / "mine")
    monkeypatch.setenv("BERTLAB_MODELS", str(tmp_path))
    return load_model("mine", device="cpu")


def answer_always(loaded: LoadedModel, scores: dict[str, float]) -> None:
    """Let the model's head forget the text: its bias alone answers, -10 for all other tokens."""
    head = loaded.model.cls.predictions
    head.transform.LayerNorm.weight.zero_()
    head.transform.LayerNorm.bias.zero_()
    head.bias.fill_(-10.0)
    for word, score in scores.items():
        head.bias[loaded.tokenizer.convert_tokens_to_ids(word)] = score


def test_ranks_and_shares_by_hand(tiny):
    answer_always(tiny, {"cat": 6, "dog": 5, "mat": 4, "film": 3, "movie": 2, "good": 1})
    scores = score_clozes(
        tiny,
        [
            Cloze("the [MASK] sat.", ("cat",), "first"),
            Cloze("the [MASK] sat.", ("mat", "dog"), "second"),
            Cloze("the [MASK] sat.", ("movie",), "fifth"),
            Cloze("the [MASK] sat.", ("good",), "sixth"),
            Cloze("the [MASK] sat.", ("unhappy",), "split: un ##happy"),
            Cloze("the [MASK] sat.", ("unhappy", "cat"), "split or first"),
            Cloze("the [MASK] sat.", ("的",), "no such character"),
        ],
    )
    assert [answer.rank for answer in scores.answers] == [1, 2, 5, 6, None, 1, None]
    assert (scores.top1, scores.top5, scores.count) == (2 / 7, 4 / 7, 7)
    assert scores.answers[3].tokens == ("cat", "dog", "mat", "film", "movie")
    assert scores.answers[3].cloze.theme == "sixth"


def test_a_model_that_says_nothing_is_never_right(tiny):
    """All tokens are equally probable: none of them is an answer."""
    answer_always(tiny, {})
    scores = score_clozes(tiny, [Cloze("the [MASK] sat.", ("cat",), "x")])
    assert scores.answers[0].rank == tiny.config.vocab_size
    assert (scores.top1, scores.top5) == (0, 0)


def test_capitals_are_the_tokenizers_matter(tiny):
    answer_always(tiny, {"cat": 1})
    assert score_clozes(tiny, [Cloze("The [MASK] sat.", ("Cat",), "x")]).top1 == 1


LOVED = ClozePair("we loved it, it was [MASK].", "good", "we hated it, it was [MASK].", "bad", "x")
REVERSED = ClozePair(
    "we hated it, it was [MASK].", "good", "we loved it, it was [MASK].", "bad", "x"
)
SPLIT = ClozePair(
    "we loved it, it was [MASK].", "good", "we hated it, it was [MASK].", "unhappy", "x"
)


def follow_the_verb(loaded: LoadedModel) -> None:
    """One number passes through the model: +1 for "loved" and "good", -1 for "hated" and "bad".

    All other embeddings are 0, attention takes the mean of all tokens, and the feed-forward parts
    are off, so the sign of "loved" or "hated" reaches the blank, where "good" and "bad" wait.
    """
    signs = {"loved": 1.0, "good": 1.0, "hated": -1.0, "bad": -1.0}
    for name, weight in loaded.model.named_parameters():
        weight.fill_(1.0) if name.endswith("LayerNorm.weight") else weight.zero_()
    for layer in loaded.encoder.encoder.layer:
        layer.attention.self.value.weight.copy_(torch.eye(32))
        layer.attention.output.dense.weight.copy_(torch.eye(32))
    loaded.model.cls.predictions.transform.dense.weight.copy_(torch.eye(32))
    for word, sign in signs.items():
        token_id = loaded.tokenizer.convert_tokens_to_ids(word)
        loaded.encoder.embeddings.word_embeddings.weight[token_id, 0] = sign


def test_a_model_that_follows_the_verb_hits_the_pair_that_asks_for_it(tiny):
    follow_the_verb(tiny)
    scores = score_pairs(tiny, [LOVED, REVERSED])
    assert [answer.is_hit for answer in scores.answers] == [True, False]
    assert (scores.share, scores.count) == (0.5, 2)
    loved, hated = scores.answers
    assert loved.first_right == hated.second_wrong  # "good" after "loved"
    assert loved.second_right == hated.first_wrong  # "bad" after "hated"
    assert loved.first_wrong == hated.second_right  # "bad" after "loved"
    assert loved.first_right > loved.first_wrong


def test_one_answer_for_both_sentences_is_no_hit(tiny):
    # of three parts good has two, bad one, and the rest next to none
    answer_always(tiny, {"good": 20 + 0.6931472, "bad": 20})
    (answer,) = score_pairs(tiny, [LOVED]).answers
    found = (answer.first_right, answer.first_wrong, answer.second_right, answer.second_wrong)
    assert found == pytest.approx((2 / 3, 1 / 3, 1 / 3, 2 / 3))
    assert not answer.is_hit


def test_a_word_that_the_vocabulary_splits_is_no_hit(tiny):
    answer_always(tiny, {"good": 1})
    (answer,) = score_pairs(tiny, [SPLIT]).answers
    assert (answer.first_wrong, answer.second_right) == (0, 0)
    assert not answer.is_hit


@pytest.mark.parametrize("score", [score_clozes, score_pairs])
def test_nothing_to_score_is_refused(score, tiny_bert):
    with pytest.raises(InputError, match="no sentences to score"):
        score(tiny_bert, [])


def test_a_sentence_made_in_code_needs_its_blank_too(tiny_bert):
    with pytest.raises(InputError, match="has 0 blanks"):
        score_clozes(tiny_bert, [Cloze("the cat sat.", ("cat",), "x")])


def test_a_model_that_has_diverged_gets_no_score(tiny):
    tiny.model.cls.predictions.bias.fill_(float("nan"))
    with pytest.raises(ModelError, match="mine answers with what is not a number"):
        score_clozes(tiny, [Cloze("the [MASK] sat.", ("cat",), "x")])


def test_a_model_without_a_head_says_so(tiny):
    bare = LoadedModel(tiny.info, tiny.tokenizer, tiny.encoder, tiny.device, has_mlm_head=False)
    with pytest.raises(ModelError, match="no masked-LM head"):
        score_pairs(bare, [LOVED])


# --- the data that come with the tests ---


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_clozes_obey_the_rules(language):
    clozes = read_clozes(DATA / f"cloze_{language}.tsv")
    assert len(clozes) >= 120
    sentences = [cloze.sentence.lower() for cloze in clozes]
    assert len(set(sentences)) == len(sentences)
    for cloze in clozes:
        assert len(set(cloze.answers)) == len(cloze.answers)
        assert cloze.theme.isalpha()
        assert all(_is_one_word(answer, language) for answer in cloze.answers), cloze


def test_the_facts_are_sixty_with_answers_that_bert_has_as_one_piece():
    pieces = load_tokenizer("all-MiniLM-L6-v2").get_vocab()
    facts = read_clozes(DATA / "facts_en.tsv")
    assert len({fact.sentence for fact in facts}) == len(facts) == 60
    for fact in facts:
        assert all(answer in pieces and _is_one_word(answer, "en") for answer in fact.answers)
        words = set(re.findall(r"[a-z]+", fact.sentence.lower()))
        assert not words & set(fact.answers), fact  # copying is never right


def test_the_sentences_for_copying_are_sixty_with_one_blank():
    header, *sentences = (DATA / "copying_en.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "sentence"
    assert len(set(sentences)) == len(sentences) == 60
    assert all(sentence.count("[MASK]") == 1 for sentence in sentences)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pairs_obey_the_rules(language):
    pairs = read_pairs(DATA / f"sensitive_pairs_{language}.tsv")
    assert len(pairs) == 40
    sentences = [sentence.lower() for pair in pairs for sentence in (pair.first, pair.second)]
    assert len(set(sentences)) == 80  # so the two of a pair differ as well
    for pair in pairs:
        assert pair.first_word != pair.second_word
        assert pair.theme.isalpha()
        assert _is_one_word(pair.first_word, language), pair
        assert _is_one_word(pair.second_word, language), pair


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_two_sentences_of_a_pair_share_their_frame(language):
    """At most half of the words (in Chinese: of the characters) differ."""
    for pair in read_pairs(DATA / f"sensitive_pairs_{language}.tsv"):
        first, second = (
            set(sentence.split() if language == "en" else sentence.replace("[MASK]", "_"))
            for sentence in (pair.first, pair.second)
        )
        assert len(first - second) <= len(first) / 2, pair
        assert len(second - first) <= len(second) / 2, pair


def _is_one_word(answer: str, language: str) -> bool:
    if language == "zh":
        return len(answer) == 1 and (answer.isdigit() or "\u4e00" <= answer <= "\u9fff")
    return answer.isascii() and answer.isalpha() and answer.islower()
