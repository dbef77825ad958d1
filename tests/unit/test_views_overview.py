"""The home page's small pictures: real numbers, and user text as text."""

import re

import numpy as np

from bertlab.doctor import Check
from bertlab.inspection.masked_lm import Blank, Prediction
from bertlab.views import home


def test_pieces_with_their_ids():
    html = home.pieces_html(["[CLS]", "<b>"], [2, 17])
    assert "<span>[CLS]<small>2</small></span><span>&lt;b&gt;<small>17</small></span>" in html


def test_no_more_pieces_than_the_card_holds():
    html = home.pieces_html(["a"] * 40, [1] * 40)
    assert html.count("<span>") == home.SHOWN_PIECES


def test_bars_stand_on_a_common_scale():
    answers = (Prediction("sea", 1, 0.4, 1), Prediction("<i>", 2, 0.1, 2))
    html = home.answers_html([Blank(3, answers, Prediction("river", 9, 0.01, 9))], has_head=True)
    assert re.findall(r"width:(\d+)%", html) == ["100", "25"]
    assert "40.0%" in html
    assert "10.0%" in html
    assert "river" in html
    assert "&lt;i&gt;" in html


def test_a_model_without_a_head_says_so():
    assert "no masked-LM head" in home.answers_html([], has_head=False)
    assert "No word is hidden" in home.answers_html([], has_head=True)


def test_a_cell_for_each_weight_never_quite_invisible():
    html = home.heat_html(np.array([[1.0, 0.0], [0.25, 0.75]]), ["<a>", "b"])
    assert re.findall(r"opacity:([\d.]+)", html) == ["1.00", "0.06", "0.25", "0.75"]
    assert "repeat(2,1fr)" in html
    large = home.heat_html(np.ones((30, 30)), ["x"] * 30)
    assert large.count("<i ") == home.SHOWN_CELLS**2


def test_rows_are_text():
    html = home.table_html([("<script>", "good")])
    assert "&lt;script&gt;" in html
    assert "good" in html


def test_checks_are_plain_text_and_advice_stands_only_where_something_is_amiss():
    html = home.checks_html(
        [
            Check("hub", "ok", "https://huggingface.co", "unused"),
            Check("disk", "problem", "<full>", "Delete runs."),
        ],
        is_here=True,
    )
    assert "<a" not in html
    assert "<dd>https://huggingface.co</dd>" in html
    assert "unused" not in html
    assert "&lt;full&gt;<small>Delete runs.</small>" in html
    assert "✓" in html
    assert "✗" in html


def test_folders_and_addresses_are_for_those_at_the_machine():
    checks = [Check("runs", "ok", "/home/ann/runs, 3 GB free", abroad="3 GB free")]
    assert "/home/ann" in home.checks_html(checks, is_here=True)
    abroad = home.checks_html(checks, is_here=False)
    assert "/home/ann" not in abroad
    assert "<dd>3 GB free</dd>" in abroad
