"""Which model a text is sent to."""

import pytest

from bertlab.models.recommendation import fitting_models, is_han


def names(*texts, besides="bertlab-mini-en"):
    return [model.name for model in fitting_models(texts, besides=besides)]


def test_chinese_is_sent_to_the_chinese_model_that_is_here_then_to_a_larger_one():
    assert names("房间 ok", "很好") == ["bertlab-mini-zh", "bert-base-chinese"]


def test_the_model_in_hand_is_not_offered():
    assert "bertlab-mini-zh" not in names("很好", besides="bertlab-mini-zh")


def test_another_script_is_sent_to_the_multilingual_model():
    assert names("добрый день") == ["bert-base-multilingual-cased"]


@pytest.mark.parametrize("text", ["", "👍🏽👍", "naïve café", "12 345 !!!"])
def test_signs_and_latin_letters_are_sent_nowhere(text):
    assert names(text) == []


def test_han():
    assert [is_han(c) for c in "好龥a あ"] == [True, True, False, False, False]
