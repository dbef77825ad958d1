"""WordPiece's steps as HTML: every attempt, every change, and user text as text."""

import re

import pytest

from bertlab.tokenization.wordpiece import WordPieceOptions, trace_wordpiece
from bertlab.views import tokenization as draw

TOY = WordPieceOptions(vocabulary={"un": 0, "##aff": 1, "##able": 2, "!": 3, "<": 4, ">": 5})


def attempts_in(html: str) -> list[list[str]]:
    rungs = html.split('<div class="wp-rung">')[1:]
    return [re.findall(r"([✓✗] [^<]+)<", rung) for rung in rungs]


def test_a_column_ends_where_a_piece_was_found():
    (word, _) = trace_wordpiece("unaff!", TOY).words
    assert attempts_in(draw.ladder_html(word)) == [
        ["✗ unaff", "✗ unaf", "✗ una", "✓ un"],
        ["✓ ##aff"],
    ]


def test_a_lost_word_says_so_below_its_failures():
    (word,) = trace_wordpiece("unx", TOY).words
    html = draw.ladder_html(word)
    assert attempts_in(html) == [["✗ unx", "✓ un"], ["✗ ##x"]]
    assert "the whole word is lost" in html


def test_attempts_that_are_left_out_are_counted():
    (word,) = trace_wordpiece("x" * 90, TOY).words  # 90 failures: x...x, one letter less each
    html = draw.ladder_html(word)
    assert sum(map(len, attempts_in(html))) == draw.SHOWN_ATTEMPTS == 80
    assert "… and 10 more attempts." in html


def test_a_word_beyond_the_limit_is_not_searched():
    (word,) = trace_wordpiece("x" * 101, TOY).words
    assert "Longer than the limit" in draw.ladder_html(word)


def test_changes_show_before_after_and_place():
    steps = trace_wordpiece("aÉ\x07", TOY).steps
    html = draw.steps_html(steps)
    assert "U+0007" in html
    assert "removed" in html
    assert '<span class="wp-from">É</span>' in html.replace("É", "É")
    assert "<small>at 1</small>" in html
    assert "<small>at 2</small>" in html
    assert "nothing to change here" in html  # no Chinese characters


def test_a_step_that_the_model_leaves_out_says_so():
    cased = WordPieceOptions(vocabulary={}, lowercase=False, strip_accents=False)
    assert draw.steps_html(trace_wordpiece("É", cased).steps).count("this model leaves it out") == 2


def test_words_show_their_offsets_and_the_rest_is_counted():
    html = draw.words_html(trace_wordpiece("un !", TOY).words)
    assert "un<small>0–2</small>" in html
    assert "!<small>3–4</small>" in html
    many = draw.words_html(trace_wordpiece("! " * 125, TOY).words)
    assert many.count("wp-chip") - 1 == draw.SHOWN_WORDS  # one is in the frame's class
    assert "and 5 more words" in many


@pytest.mark.parametrize(
    ("text", "seen"), [("a \x07", "a␣U+0007"), ("\u200b", "U+200B"), ("é", "é")]
)
def test_what_cannot_be_seen_gets_a_face(text, seen):
    assert draw.visible(text) == seen


def test_user_text_never_becomes_markup():
    trace = trace_wordpiece("<IMG src=x onerror=alert(1)>", TOY)
    html = draw.steps_html(trace.steps) + draw.words_html(trace.words)
    html += "".join(draw.ladder_html(word) for word in trace.words)
    assert "<img" not in html.lower()
    assert "&lt;" in html
