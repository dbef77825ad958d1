"""Texts that nobody expects: the lessons stay whole and say what is wrong."""

import pytest

from bertlab.runs.text_store import LONGEST

PAGES = ("home", "tokenization", "masked_words", "attention")
INSIDE = PAGES[1:]
EMPTY = "Type a sentence above, or take one of the examples."
EVIL = "</script><img src=x onerror=window.hacked=1>"


TEXTS = ["😀😀👍🏽", "\x00\x07\x1b\u200b\ufeff", "\u202e right to left", "！？ＡＢＣ　全角", EVIL,
         "$x^2$ **bold** :red[x] [a](http://x) `code`", "[CLS] [SEP] [PAD] [UNK]", "[MASK]" * 12,
         "x" * 299, "a\nb\tc", "ﷺ ǅ ß İ", "."]  # fmt: skip


def hold_texts(lesson, texts):
    """Type one after the other into the same page; none breaks it."""
    for text in texts:
        assert "<img" not in lesson.type(text).sound().html, text


@pytest.mark.parametrize("number", range(len(PAGES)))
def test_no_text_breaks_a_page(open_lesson, number):
    """Each text on one page of the four; an empty box says what to do."""
    lesson = open_lesson(PAGES[number]).sound()
    hold_texts(lesson, TEXTS[number :: len(PAGES)])
    assert lesson.type(("", "   ", "\t", "")[number]).sound().messages == EMPTY
    lesson.click("An elephant").sound()
    assert "Type a sentence" not in lesson.messages
    lesson.type("word " * 10_000).sound()
    assert "is too long: the last 9,490 tokens, from character 2,550 on, are cut off" in (
        lesson.messages
    )
    assert set(lesson.at.query_params) == {"text_id"}


def test_a_text_beyond_all_reason_is_refused_with_numbers(open_lesson):
    lesson = open_lesson("tokenization").type("x" * (LONGEST + 1)).sound()
    assert "100,001 characters; the lessons take at most 100,000" in lesson.messages
    assert "text_id" not in lesson.at.query_params


def test_a_second_sentence_that_is_too_long_is_named(open_lesson):
    lesson = open_lesson("attention").type("word " * 1000, label="Second sentence (optional)")
    assert "The second sentence is too long" in lesson.sound().messages


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", PAGES)
def test_no_text_breaks_any_page(open_lesson, name):
    lesson = open_lesson(name).sound()
    hold_texts(lesson, TEXTS)
    for text in ("", "   ", "\t"):
        assert lesson.type(text).sound().messages == EMPTY


@pytest.mark.parametrize("name", INSIDE)
def test_chinese_with_the_english_model_warns_and_offers_one_that_fits(open_lesson, name):
    lesson = open_lesson(name).sound()
    assert not lesson.at.warning, "English draws none"
    lesson.type("我们明天去公园玩，然后回家吃饭。").sound()
    (warning,) = [box.value for box in lesson.at.warning]
    assert "of the tokens are" in warning
    assert "bertlab-mini-en does not know" in warning
    assert any(label.startswith("Use bert-base-chinese") for label in lesson.buttons)
    lesson.click("Use bertlab-mini-zh").sound()
    assert lesson.at.query_params["model"] == "bertlab-mini-zh"
    assert "of the tokens are" not in lesson.messages


def test_guesses_that_one_blank_cannot_hold_are_explained(open_lesson):
    lesson = open_lesson("masked_words", masked_guess="true").sound()
    assert not lesson.charts, "no answer before the reveal"
    hidden = [i for i, chip in enumerate(lesson.strip["chips"]) if chip["piece"] == "[MASK]"]
    assert {lesson.strip["chips"][i]["note"] for i in hidden} == {"?"}
    guess = f"Your guess for position {hidden[0]}"
    lesson.type("<b>two words</b>", label=guess).sound()
    assert any("a blank holds one piece" in c.value for c in lesson.at.caption)
    lesson.type("sea", label=guess).sound()
    assert not lesson.charts
    lesson.click("Reveal").sound()
    assert any("Your guess" in c.value and "sea" in c.value for c in lesson.at.caption)
    lesson.type("Another sentence here.").sound()
    assert not lesson.charts, "a new sentence hides the answers again"


def test_a_second_sentence_without_its_blank_is_explained(open_lesson):
    lesson = open_lesson("masked_words").type("Short.", label="Second sentence").sound()
    assert "Type [MASK] where it should be" in lesson.messages.replace("\\", "")


def test_nothing_but_special_tokens_cannot_be_hidden(open_lesson):
    lesson = open_lesson("attention", text="[CLS]", attention_hide="true").sound()
    assert "nothing but special tokens" in lesson.messages


def test_a_few_chinese_words_are_enough_to_be_offered_a_model_for_chinese(open_lesson):
    lesson = open_lesson("tokenization", text="Ça va? NAÏVE café", pair="你好吗").sound()
    offers = [label for label in lesson.buttons if label.startswith("Use ")]
    assert offers[0] == "Use bertlab-mini-zh"


def test_nobody_is_sent_from_one_model_that_does_not_know_the_text_to_another(open_lesson):
    lesson = open_lesson("tokenization", text="😀 👍🏽 🎉").sound()
    assert "of the tokens are" in lesson.messages
    assert "Use all-MiniLM-L6-v2" not in lesson.buttons


def test_while_a_student_guesses_nothing_shows_the_hidden_word(open_lesson):
    sentence = "The cat drank the whole bottle of milk."
    lesson = open_lesson("masked_words", text=sentence, masked_guess="1").sound()
    box = next(one for one in lesson.at.text_input if one.label == "Sentence")
    assert box.value == "The cat drank the whole bottle of [MASK]."
    assert box.disabled
    assert all("milk" not in str(one.proto) for one in lesson.at.get("button"))
    assert "milk" not in lesson.html + str(lesson.component("token_strip").json)
    lesson.click("Reveal").sound()
    assert next(one for one in lesson.at.text_input if one.label == "Sentence").value == sentence
    assert lesson.type("Another sentence here.").sound().at.query_params["masked_guess"]
    box = next(one for one in lesson.at.text_input if one.label == "Sentence")
    assert box.value == "Another sentence [MASK]."
