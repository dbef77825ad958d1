"""A second sentence, one word changed, on every lesson that draws it."""

import json

import pytest

FIRST, SECOND = "the man is a good doctor.", "the woman is a good doctor."
FIGURES = {
    "attention": ("compared_attention",),
    "layers": ("compared_spread", "compared_answers"),
    "embeddings": ("compared_spread",),
    "token_path": ("compared_spread",),
    "masked_words": ("compared_spread",),
}


def figures(lesson) -> set[str]:
    """The keys of the figures on a page."""
    return {element.proto.id.rpartition("-")[2] for element in lesson.at.get("plotly_chart")}


@pytest.mark.parametrize("name", FIGURES)
def test_the_difference_is_drawn(open_lesson, name):
    before = open_lesson(name, text=FIRST).sound()
    assert not set(FIGURES[name]) & figures(before)
    lesson = open_lesson(name, text=FIRST, other=SECOND).sound()
    assert set(FIGURES[name]) <= figures(lesson)
    assert lesson.at.query_params["other"] == SECOND


@pytest.mark.parametrize("name", FIGURES)
def test_equal_sentences_have_no_difference_to_draw(open_lesson, name):
    lesson = open_lesson(name, text=FIRST, other=FIRST).sound()
    assert "Both sentences are the same" in lesson.messages
    assert not set(FIGURES[name]) & figures(lesson)


def test_what_was_changed_is_named_in_the_picture(open_lesson):
    lesson = open_lesson("embeddings", text=FIRST, other=SECOND, mask="none").sound()
    drawn = [str(json.loads(spec)) for spec in lesson.charts]
    assert any("man→woman" in figure for figure in drawn)
