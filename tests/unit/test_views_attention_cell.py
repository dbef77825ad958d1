"""The picture of one attention cell and its words, on numbers worked out by hand."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from test_attention_cell import opened, two_tokens

from bertlab.inspection.attention_cell import (
    ShownKeys,
    open_cell,
    sharing_head,
    strongest_keys,
)
from bertlab.inspection.trace import run_trace
from bertlab.observations.attention_cell import cell_notices
from bertlab.tokenization.encoding import encode
from bertlab.views.attention_cell.formulas import (
    cell_title,
    context_formula,
    describe_cell,
    dot_formula,
    formulas_html,
    large,
    number,
    percent,
    plain,
    products_table,
    row_table,
    score_formula,
    softmax_formula,
)
from bertlab.views.attention_cell.picture import STEPS, draw_cell, step_name
from bertlab.views.shared.palette import palette_of

BOTH = ShownKeys((0, 1), ())
EVIL = "</svg><script>window.hacked=1</script>"


def test_numbers_are_written_for_people():
    assert [number(value) for value in (-0.7214, 4.184, 0.0, -12.345)] == [
        *("−0.721", "4.18", "0.000", "−12.35"),
    ]
    assert percent(0.1234) == "12.3 %"
    assert [large(value) for value in (3.72, 1484.1, 8.47e7)] == ["3.72", "1,484", "8.47 × 10^7"]


def test_the_formulas_are_the_numbers_worked_out_by_hand():
    cell = opened()
    assert plain(dot_formula(cell)) == ("1.00 × 2.00 + 0.000 × 0.000 + 1.00 × 0.000 + … = 2.00")
    assert plain(score_formula(cell)) == "2.00 / √4 = 2.00 / 2.00 = 1.00"
    assert plain(softmax_formula(cell)) == (
        "e^1.00 / (the same of all 2 keys, added up) = 2.72 / 3.72 = 73.1 %"
    )
    assert plain(context_formula(cell)) == "73.1 % × 1.00 + 26.9 % × 0.000 = 0.731"
    roles = [role for text, role in dot_formula(cell) if text in ("1.00", "2.00")]
    assert roles == ["query", "key", "query"]


def test_scores_too_large_for_a_float_still_have_a_share():
    trace = two_tokens()
    trace.blocks.query *= 2000
    cell = open_cell(trace, layer=0, head=0, query=0, key=0)
    assert plain(softmax_formula(cell)).endswith("added up) = 100.0 %")


def test_the_title_claims_a_look_only_where_the_weight_is_clear():
    tokens = ("he", "ran", "far", "off", "now")
    cell = opened()
    assert cell_title(cell, ("a", "b")) == (  # 73.1 % of two keys is less than twice an even share
        "Head 0.0: “a” gives “a” 73.1 % of its weight; even weights would give 50.0 %"
    )
    assert cell_title(cell, tokens) == "Head 0.0: “he” looks at itself: 73.1 % of its weight"
    half = opened(1, 0)
    assert cell_title(half, tokens) == "Head 0.0: “ran” looks at “he”: 50.0 % of its weight"
    weak = opened(0, 1)
    assert "gives “ran” 26.9 % of its weight; even weights would give 20.0 %" in (
        cell_title(weak, tokens)
    )


def test_the_words_for_those_who_cannot_see():
    words = describe_cell(opened(), ("a", "b"), BOTH)
    assert "query “a” (0), key “a” (0)" in words
    assert "“a” (0) 73.1 %; “b” (1) 26.9 %" in words


def test_the_tables_hold_every_number():
    products, row = products_table(opened()), row_table(opened(), ("a", "b"))
    assert products["sum so far"].tolist() == [2, 2, 2, 2]
    assert len(products) == 4
    assert row["weight"].tolist() == pytest.approx([0.7310586, 0.2689414])
    assert row["key"].tolist() == ["a", "b"]


@pytest.mark.parametrize("steps", range(1, 7))
def test_each_step_adds_to_the_picture(steps):
    svg = draw_cell(opened(), ("a", "b"), BOTH, steps=steps)
    ElementTree.fromstring(svg)  # well formed: it also stands alone as a file
    names = [name for name in range(1, 7) if f">{step_name(name, 4)}</tspan>" in svg]
    assert names == list(range(1, steps + 1))
    assert svg.count('class="row"') == (2 if steps >= 5 else 0)
    assert ("weight × value" in svg) == (steps == 6)


def test_the_picture_carries_every_number():
    svg = draw_cell(opened(), ("a", "b"), BOTH)
    tips = re.findall(r'data-tip="(.*?)"', svg)
    assert tips.count("dimension 0: 1.00 × 2.00 = 2.00") == 3  # in q, in k and in their product
    assert "the first 4 products: 2.00" in tips
    assert "key “b” (1): score 0.000, weight 26.9 %" in tips
    assert "“b”: 26.9 % × value, dimension 3: −0.269" in tips
    assert "context[3] = 0.462" in tips
    assert len(re.findall(r'data-dim="2"', svg)) == 7  # four strips, two keys, the context
    assert 'aria-pressed="true"' in svg
    assert svg.count('aria-pressed="true"') == 1


def test_long_input_has_the_strongest_keys_and_one_row_for_the_rest(mini):
    encoded = encode(mini.tokenizer, "the cat sat on the mat " * 30, max_length=150)
    trace = run_trace(mini, encoded, is_opened=True)
    cell = open_cell(trace, layer=0, head=0, query=3, key=140)
    shown = strongest_keys(cell.weights, always=[140])
    svg = draw_cell(cell, encoded.tokens, shown)
    assert svg.count('class="row"') == 20
    assert 'data-key="140"' in svg
    assert "130 weaker keys" in svg
    assert percent(float(cell.weights[list(shown.hidden)].sum())) in svg
    assert len(svg) < 500_000


def test_markup_in_tokens_stays_text():
    svg = draw_cell(opened(), (EVIL, '" onload="x'), BOTH)
    ElementTree.fromstring(svg)
    assert "<script>" not in svg
    assert 'onload="x' not in svg


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_in_the_picture(theme):
    colours = palette_of(theme)
    svg = draw_cell(opened(), ("a", "b"), BOTH, theme=theme)
    assert all(c in svg for c in (colours.ground, colours.query, colours.key, colours.value))
    assert colours.query in formulas_html(opened(), colours)


def test_steps_are_named_with_the_width():
    assert len(STEPS) == 6
    assert step_name(4, 64) == "divide by √64"


# --- what to notice ------------------------------------------------------------------------------


def test_the_notices_of_two_tokens():
    notices = cell_notices(opened(), ("a", "b"))
    # e^2 / (e^2 + 1) = 88.1 % against 73.1 %; the one product is all there is, and positive
    assert notices[0].startswith(
        "Without the division by √4 the row's largest weight would be 88.1"
    )
    assert "instead of 73.1%" in notices[0]
    assert "positive products outweigh the negative ones at least three to one" in notices[-1]
    assert any(
        "Of the size of all 4 products 100.0% lies in the 1 largest." in notice
        for notice in notices
    )


def test_of_a_query_of_zeros_the_bare_numbers_are_said():
    assert cell_notices(opened(1, 0), ("a", "b")) == (
        "The division by √4 takes the row's largest weight from 50.0% to 50.0%, and the 1 largest "
        "of 4 products hold 0.0% of their size: from 10 points and 50% on that would be much.",
    )


def test_a_long_value_behind_a_small_weight_is_noticed():
    trace = two_tokens()
    trace.blocks.value[0, 0, 1] *= 10
    notices = cell_notices(open_cell(trace, layer=0, head=0, query=0, key=0), ("a", "b"))
    length = 10 * np.sqrt(2) / (np.e + 1)
    said = "“a” has the row's largest weight, yet “b” brings the longest part of the context: "
    assert any(notice.startswith(f"{said}{length:.2f}") for notice in notices)


def test_the_first_head_shares_its_rows(mini):
    trace = run_trace(mini, encode(mini.tokenizer, "The cat sat on the mat."))
    layer, head = sharing_head(trace)
    means = trace.attention.max(-1).mean(-1)
    assert abs(means[layer, head] - 0.5) == np.abs(means - 0.5).min()
