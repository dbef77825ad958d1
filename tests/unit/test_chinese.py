"""Traditional characters become simplified ones, and it is said which."""

import pytest

from bertlab.models import load_tokenizer
from bertlab.tokenization.chinese import changed_characters, to_simplified, traditional_lost


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("這是電腦，我們喜歡看電視。", "这是电脑，我们喜欢看电视。"),
        ("頭髮乾淨，皇后在後面。", "头发干净，皇后在后面。"),  # by the word, not the character
        ("已经是简体", "已经是简体"),
        ("a cat 👍", "a cat 👍"),
        ("", ""),
    ],
)
def test_traditional_characters_become_simplified(traditional, simplified):
    assert to_simplified(traditional) == simplified


def test_what_was_changed_is_listed_once():
    assert changed_characters("這電這", "这电这") == [("這", "这"), ("電", "电")]


def test_only_what_the_vocabulary_lacks_is_offered():
    vocabulary = load_tokenizer("bertlab-mini-zh").get_vocab()
    assert traditional_lost(vocabulary, "這電們") == [("這", "这"), ("電", "电"), ("們", "们")]
    assert traditional_lost(vocabulary, "这电们") == []
    assert traditional_lost({"這": 0, "这": 1}, "這") == []  # it is known as it is
    assert traditional_lost(load_tokenizer("bertlab-mini-en").get_vocab(), "hello") == []
