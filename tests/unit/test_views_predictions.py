"""Bars of answers: what is drawn, in which order and colour."""

from bertlab.inspection.masked_lm import Blank, Prediction
from bertlab.inspection.minimal_pairs import ComparedAnswer
from bertlab.views.fine_tuning.regression import histogram_table
from bertlab.views.masked_words import (
    answer_table,
    compared_bars,
    describe_bars,
    describe_comparison,
    prediction_bars,
)
from bertlab.views.shared.palette import LIGHT

SEA, RIVER = Prediction("sea", 11, 0.5, 1), Prediction("river", 12, 0.25, 2)
HILL = Prediction("hill", 13, 0.001, 1234)


def test_the_best_answer_stands_on_top_with_number_and_rank():
    bars = prediction_bars(Blank(4, (SEA, RIVER), None), LIGHT, title="t").data[0]
    assert list(bars.y) == ["2. river", "1. sea"]  # Plotly draws the first bar lowest
    assert list(bars.x) == [0.25, 0.5]
    assert list(bars.text) == ["25.0%", "50.0%"]
    assert list(bars.customdata) == [12, 11]


def test_the_hidden_word_is_added_in_green_and_the_guess_in_orange():
    bars = prediction_bars(Blank(4, (SEA,), HILL), LIGHT, title="t", guess=RIVER).data[0]
    assert list(bars.y) == ["2. river", "1,234. hill", "1. sea"]
    assert list(bars.marker.color) == [LIGHT.key, LIGHT.value, LIGHT.query]


def test_a_hidden_word_or_guess_among_the_answers_is_not_drawn_twice():
    bars = prediction_bars(Blank(4, (SEA, RIVER), SEA), LIGHT, title="t", guess=SEA).data[0]
    assert list(bars.y) == ["2. river", "1. sea"]
    assert list(bars.marker.color) == [LIGHT.query, LIGHT.value]


def test_both_sentences_share_one_picture_and_one_scale():
    answers = (ComparedAnswer("sea", 0.5, 0.1), ComparedAnswer("hill", 0.2, 0.4))
    figure = compared_bars(answers, LIGHT, names=("one", "two"), title="t")
    second, first = figure.data
    assert (first.name, list(first.y), list(first.x)) == ("one", ["hill", "sea"], [0.2, 0.5])
    assert (second.name, list(second.x)) == ("two", [0.4, 0.1])
    assert figure.layout.xaxis.range == (0, 0.65)  # 1.3 times the largest, room for its number


def test_a_sure_answer_leaves_room_for_its_number():
    figure = prediction_bars(Blank(4, (Prediction("x", 1, 1.0, 1),), None), LIGHT, title="t")
    assert figure.layout.xaxis.range == (0, 1.18)


def test_markup_in_pieces_is_shown_as_text():
    evil = Prediction("<b>x</b>", 1, 0.5, 1)
    bars = prediction_bars(Blank(4, (evil,), None), LIGHT, title="<i>t</i>")
    assert list(bars.data[0].y) == ["1. &lt;b&gt;x&lt;/b&gt;"]
    assert bars.layout.title.text == "&lt;i&gt;t&lt;/i&gt;"
    both = compared_bars((ComparedAnswer("<b>", 0.5, 0.1),), LIGHT, names=("<i>", "b"), title="t")
    assert list(both.data[0].y) == ["&lt;b&gt;"]
    assert [trace.name for trace in both.data] == ["b", "&lt;i&gt;"]


def test_the_same_in_words():
    assert describe_bars(Blank(4, (SEA, RIVER), None)) == (
        "Answers for position 4: sea 50.0%, river 25.0%."
    )
    assert describe_comparison([ComparedAnswer("sea", 0.5, 0.125)]) == (
        "Probabilities in the first and the second sentence: sea 50.0% and 12.5%."
    )


def test_pictures_that_are_compared_share_their_scale():
    blanks = [Blank(4, (Prediction("sea", 1, share, 1),), None) for share in (0.5, 0.1)]
    ranges = [
        prediction_bars(blank, LIGHT, title="t", top=0.5).layout.xaxis.range for blank in blanks
    ]
    assert ranges == [(0, 0.65), (0, 0.65)]


def test_a_classifiers_answer_and_the_numbers_learned_from_can_be_taken_along():
    assert answer_table({"neg": 0.25, "pos": 0.75}).values.tolist() == [
        ["pos", 0.75],
        ["neg", 0.25],
    ]
    table = histogram_table([1.0, 2.0, 2.0])
    assert table.values.tolist() == [[1.0, 1.5, 1.0], [1.5, 2.0, 2.0]]
