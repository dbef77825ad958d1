"""The languages of short reviews, the share of [UNK] of each, and the model that fits."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bertlab.languages import advise, find_languages, identify
from bertlab.languages.names import NAMES
from bertlab.languages.scripts import script_of
from bertlab.languages.shares import LOOKED_AT
from bertlab.models import load_tokenizer

SAMPLES = Path(__file__).parents[2] / "sample_data"
REVIEWS = {
    "zh": ["房间很干净，下次还会来", "等了一个小时，菜还是凉的", "不算难吃", "iPhone屏幕很漂亮",
           "電池壽命很短，不推薦", "客服态度恶劣，再也不来了"],
    "en": ["a warm and funny film", "it works well and i use it every day", "broken after a week",
           "two hours of my life that i will never get back", "great", "not bad"],
    "de": ["Das Essen war kalt und der Kellner unfreundlich", "Die Lieferung kam zu spät",
           "Ein wunderbarer Film mit tollen Schauspielern", "Ich bin sehr zufrieden",
           "leider kaputt angekommen", "Kann ich nur empfehlen"],
    "ja": ["とても良い映画でした", "料理が冷たくて残念", "部屋がきれいでした", "つまらない"],
    "ko": ["정말 재미있는 영화였어요", "배송이 빨라요", "별로", "방이 깨끗해요"],
}  # fmt: skip


@pytest.mark.parametrize("language", REVIEWS)
def test_short_reviews_of_one_language(language):
    """Short ones, such as "great" and "Nie wieder!", go with those around them."""
    assert {code for code, _ in identify(REVIEWS[language])} == {language}


def test_a_table_of_many_languages_is_told_apart():
    texts = [(code, text) for code, some in REVIEWS.items() for text in some if len(text) > 9]
    found = identify([text for _, text in texts])
    assert [code for code, _ in found] == [code for code, _ in texts]
    assert found == identify([text for _, text in texts])


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("a film", "Latin"), ("добрый day", "Cyrillic"), ("很好吃 OK", "Han"), ("很好吃", "Han"),
        ("音楽が素晴らしい", "Kana"), ("ＧＯＯＤ", "Latin"), ("별로", "Hangul"), ("12 :-) 👍", ""),
        ("", ""), ("شكرا", "Arabic"), ("𝒂 𝒇𝒊𝒍𝒎", "Latin"), ("ﾃｽﾄ", "Kana"),
    ],
)  # fmt: skip
def test_scripts(text, script):
    assert script_of(text) == script


def test_a_short_text_is_judged_by_those_around_it():
    """Alone "great" could be of many languages; among English texts it is English."""
    assert identify(["great", *REVIEWS["en"][:3]])[0] == ("en", "Latin")


def test_where_nothing_is_sure_the_script_alone_is_named():
    assert identify(["great"]) == [("", "Latin")]
    assert identify([":-)"]) == [("", "")]
    (share,) = find_languages(load_tokenizer("bertlab-mini-en"), ["great"]).shares
    assert (share.code, share.name) == ("", "Latin script, too short to tell")


@pytest.mark.parametrize("words", ["bella donna", "c est la vie"])
def test_a_few_foreign_words_among_english_reviews_make_no_other_language(words):
    """Of themselves they would be Italian and French, as surely as 3 in 4 and 4 in 5."""
    found = find_languages(load_tokenizer("bertlab-mini-en"), [words, *REVIEWS["en"] * 8])
    names = {share.example: share.name for share in found.shares}
    assert names[words] == "Latin script, too short to tell"
    assert len(found.shares) == 2


@pytest.mark.parametrize(
    ("sample", "shares"),
    [
        ("movie_reviews", {"English": 1991, "Portuguese": 6, "Spanish": 2, "French": 1}),
        ("subjectivity", {"English": 1998, "Spanish": 1, "French": 1}),
        ("chinese_reviews", {"Chinese": 350}),
    ],
)
def test_our_own_samples(sample, shares):
    """The eleven lines of the English ones that are said to be in other languages truly are."""
    with open(SAMPLES / f"{sample}.csv", encoding="utf-8", newline="") as file:
        texts = [row[0] for row in csv.reader(file)][1:]
    found = find_languages(load_tokenizer("bertlab-mini-en"), texts)
    assert {share.name: share.texts for share in found.shares} == shares
    assert found.looked_at == found.total == len(texts)


def test_shares_are_counted_by_language():
    """The vocabulary has every Latin letter, and none of 很好吃."""
    words = load_tokenizer("bertlab-mini-en")
    found = find_languages(words, ["a warm and funny film", *REVIEWS["zh"][:1]] * 3)
    english, chinese = found.shares
    assert (english.name, english.texts, english.unknown) == ("English", 3, 0.0)
    own = words.tokenize(REVIEWS["zh"][0])
    assert chinese.unknown == pytest.approx(own.count("[UNK]") / len(own))
    assert (chinese.code, chinese.texts, chinese.example) == ("zh", 3, REVIEWS["zh"][0])


def test_of_a_long_table_some_are_looked_at():
    found = find_languages(load_tokenizer("bertlab-mini-en"), ["a warm and funny film"] * 4_001)
    assert (found.looked_at, found.total) == (1_334, 4_001)  # every third
    assert found.looked_at <= LOOKED_AT


def told(model, texts):
    languages = find_languages(load_tokenizer(model), texts)
    return [
        (advice.message, [info.name for info in advice.models])
        for advice in advise(model, languages, load_tokenizer)
    ]


def test_chinese_under_the_english_model_is_sent_to_the_chinese_one():
    ((message, models),) = told("bertlab-mini-en", REVIEWS["zh"])
    assert "of the tokens are [UNK] in the 6 Chinese texts" in message
    assert models == ["bertlab-mini-zh", "bert-base-chinese"]


def test_a_mixed_table_is_offered_a_model_of_all_languages_too():
    ((message, models),) = told("bertlab-mini-en", REVIEWS["zh"] + REVIEWS["en"])
    assert "6 Chinese texts" in message
    assert models == ["bertlab-mini-zh", "bert-base-multilingual-cased"]


def test_what_no_model_here_knows_is_sent_to_the_multilingual_one():
    ((message, models),) = told("bertlab-mini-en", REVIEWS["ja"])
    assert "Japanese" in message
    assert models == ["bert-base-multilingual-cased"]


@pytest.mark.parametrize(
    ("model", "language", "says", "first"),
    [
        (
            "bertlab-mini-en",
            "de",
            "texts are German;",
            "bert-base-multilingual-cased",
        ),
        ("bertlab-mini-zh", "en", "bertlab-mini-zh learned Chinese", "bertlab-mini-en"),
    ],
)
def test_another_language_without_unknown_tokens_is_told_too(model, language, says, first):
    ((message, models),) = told(model, REVIEWS[language])
    assert says in message
    assert models[0] == first


@pytest.mark.parametrize(
    ("model", "texts"),
    [
        ("bertlab-mini-en", REVIEWS["en"]),
        ("bertlab-mini-zh", REVIEWS["zh"]),
        ("bertlab-mini-en", ["great", ":-)"]),
        ("bertlab-mini-en", REVIEWS["en"] * 9 + REVIEWS["zh"][:1]),  # 1 of 55
    ],
)
def test_where_the_model_fits_nothing_is_said(model, texts):
    assert told(model, texts) == []


def test_a_language_of_few_texts_is_not_common():
    found = find_languages(load_tokenizer("bertlab-mini-en"), ["a warm film"] * 20)
    rare = replace(found.shares[0], code="zh", texts=1)
    shares = (replace(found.shares[0], texts=20), rare)
    assert len(replace(found, shares=shares, looked_at=20).common) == 2
    assert len(replace(found, shares=shares, looked_at=21).common) == 1


def test_every_code_has_a_model_of_identification():
    from bertlab.languages.identification import _identifier

    assert set(_identifier().labels) == set(NAMES)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_texts_get_a_known_language_or_none(texts):
    found = identify(texts)
    assert len(found) == len(texts)
    for text, (code, script) in zip(texts, found, strict=True):
        assert code in NAMES or code == ""
        assert bool(script) == any(character.isalpha() for character in text)
        assert script or not code
