"""The picture of a path: what is drawn where, and that it says the same in words."""

from base64 import b64decode

import numpy as np
import pytest

from bertlab.inspection.masked_lm import Prediction
from bertlab.inspection.token_path.path import check_block, follow_token, path_answers
from bertlab.inspection.trace import run_trace
from bertlab.tokenization.encoding import encode
from bertlab.views.shared.palette import LIGHT
from bertlab.views.shared.strips import (
    colour_levels,
    columns_for,
    common_top,
    diverging_colours,
    packed_levels,
    packed_numbers,
    share_top,
)
from bertlab.views.token_path.picture import MAX_ROWS, describe_path, draw_path, shown_rows
from bertlab.views.token_path.tables import block_table, path_table
from bertlab.views.token_path.worked_formulas import (
    answers_html,
    first_values_html,
    lines_html,
    source_html,
)


@pytest.fixture(scope="module")
def followed(mini):
    encoded = encode(mini.tokenizer, "The sleepless elephant walked slowly towards the river.")
    trace = run_trace(mini, encoded, masked=[9], is_opened=True)
    path = follow_token(mini, trace, 9)
    return path, trace, path_answers(mini, path)


def drawn(followed, chosen="l0.attention", opens_all=False):
    path, trace, answers = followed
    return draw_path(path, trace, answers, chosen=chosen, opens_all=opens_all, palette=LIGHT)


# --- strips --------------------------------------------------------------------------------------


def test_levels_grow_with_the_root_and_end_at_the_top():
    levels = colour_levels(np.array([0, 1, 4, 9, -1, -4, np.nan]), top=4.0)
    assert levels.tolist() == [0, 64, 127, 127, -64, -127, 0]
    assert len(b64decode(packed_levels(np.zeros((2, 3)), 1.0))) == 6


def test_numbers_go_whole():
    packed = packed_numbers(np.array([[1.5, -2.0]]))
    assert np.frombuffer(b64decode(packed), dtype="<f4").tolist() == [1.5, -2.0]


def test_zero_is_the_ground_and_both_sides_differ():
    for theme, ground in (("light", "rgb(255, 255, 255)"), ("dark", "rgb(14, 17, 23)")):
        colours = diverging_colours(theme)
        assert len(colours) == len(set(colours)) or len(set(colours)) > 200
        assert len(colours) == 255
        assert colours[127].replace(" ", "") == ground.replace(" ", "")
        assert colours[0] != colours[-1]


def test_the_scale_is_common_and_passes_over_outliers():
    vectors = [np.full(99, 2.0), np.array([500.0])]
    assert common_top(vectors) == pytest.approx(2.0, rel=3)
    assert common_top(vectors) < 500
    assert common_top([np.zeros(4)]) > 0
    assert [columns_for(n) for n in (256, 768, 1)] == [32, 56, 2]


def test_small_shares_have_a_scale_of_their_own_that_holds_the_largest():
    tops = [share_top(np.array([0.0, largest])) for largest in (1.0, 0.51, 0.5, 0.13, 0.003, 0.0)]
    assert tops == [1.0, 1.0, 0.5, 0.2, 0.01, 0.01]
    assert share_top(np.array([1.0000001])) == 1.0, "a softmax may round past 1"


# --- the picture ---------------------------------------------------------------------------------


def test_the_open_group_shows_its_blocks_and_the_others_what_leaves_them(followed):
    picture = drawn(followed, "l2.output")
    opens = [node.opens for node in picture.nodes if node.opens]
    layer = ["l2.attention", "l2.attention_norm", "l2.feed_forward", "l2.output"]
    assert opens == [
        "piece", "words", "l0.attention", "l1.attention", *layer, "l3.attention",
        "head.transform", "head.probabilities",
    ]  # fmt: skip
    assert [node.opens for node in picture.nodes if node.is_chosen] == ["l2.output"]


def test_the_path_is_lit_as_far_as_the_open_block(followed):
    reached = {n.opens: n.is_reached for n in drawn(followed, "sum").nodes if n.opens}
    assert reached["words"]
    assert reached["sum"]
    assert not reached["norm"]
    assert not reached["l0.attention"]


@pytest.mark.parametrize("opens_all", [False, True])
def test_every_block_can_be_drawn_and_no_box_lies_on_another(followed, opens_all):
    path = followed[0]
    for name in path.names if not opens_all else ("piece",):
        picture = drawn(followed, name, opens_all)
        assert sum(node.is_chosen for node in picture.nodes) == 1, name
        boxes = [n for n in picture.nodes]
        for number, one in enumerate(boxes):
            assert one.x >= 0
            assert one.x + one.width <= picture.width
            assert one.y >= 0
            assert one.y + one.height <= picture.height
            for other in boxes[number + 1 :]:
                apart = (
                    one.x + one.width <= other.x + 0.1
                    or other.x + other.width <= one.x + 0.1
                    or one.y + one.height <= other.y + 0.1
                    or other.y + other.height <= one.y + 0.1
                )
                assert apart, (name, one, other)


def test_all_open_means_every_block(followed):
    opens = {node.opens for node in drawn(followed, opens_all=True).nodes if node.opens}
    assert opens == set(followed[0].names)


def test_the_wires_of_attention_say_the_mean_weights(followed):
    path, trace, _ = followed
    picture = drawn(followed)
    mean = trace.attention[0, :, 9].mean(axis=0)
    said = [wire.hover for wire in picture.wires if wire.hover.startswith("Layer 0:")]
    assert len(said) == 11  # all but the token itself
    assert f"Layer 0: {path.tokens[8]} gets {100 * mean[8]:.1f} % (mean of 4 heads)" in said


def test_of_many_tokens_the_ones_that_are_looked_at_most_are_drawn(mini):
    encoded = encode(mini.tokenizer, "one two three four five six seven " * 10)
    trace = run_trace(mini, encoded, is_opened=True)
    rows = shown_rows(trace, 40)
    assert len(rows) == MAX_ROWS
    assert 40 in rows
    assert list(rows) == sorted(rows)
    seen = trace.attention[:, :, 40].mean(axis=(0, 1))
    others = [i for i in range(len(trace.token_ids)) if i not in rows]
    assert min(seen[i] for i in rows if i != 40) >= max(seen[others])


def test_masked_special_and_second_sentence_have_their_colours(mini):
    encoded = encode(mini.tokenizer, "a cat", "a dog")  # [CLS] a cat [SEP] a dog [SEP]
    trace = run_trace(mini, encoded, masked=[2], is_opened=True)
    for position, fill in ((2, LIGHT.mask_fill), (1, "")):
        path = follow_token(mini, trace, position)
        picture = draw_path(path, trace, (), chosen="sum", opens_all=False, palette=LIGHT)
        assert next(node.fill for node in picture.nodes if node.opens == "piece") == fill
        inks = {label.token: label.colour for label in picture.labels if label.token is not None}
        assert inks[0] == LIGHT.muted
        assert inks[5] == LIGHT.segment_b
        assert inks[3] == LIGHT.muted
        assert position not in inks


def test_the_words_say_the_same(followed):
    path, _, answers = followed
    words = describe_path(path, answers, range(12))
    assert "“[MASK]”, token 9 of 12" in words
    assert "word embedding plus position embedding plus segment embedding" in words
    assert "4 layers" in words
    assert f"{100 * answers[0].probability:.1f} %" in words
    assert "no masked-LM head" in describe_path(path, (), range(12))


def test_without_answers_the_picture_says_where_it_ends(followed):
    path, trace, _ = followed
    picture = draw_path(path, trace, (), chosen="sum", opens_all=False, palette=LIGHT)
    assert "The path ends here:" in [label.text for label in picture.labels]
    assert not [node for node in picture.nodes if node.opens == "head.probabilities"]


# --- tables and rows -----------------------------------------------------------------------------


def test_the_tables_hold_every_number(followed):
    path = followed[0]
    checks = tuple(map(check_block, path.blocks))
    table = path_table(path, checks)
    assert table["block"].tolist() == list(path.names)
    assert table["recombines"].all()
    rows = block_table(path["l0.attention"])
    assert rows["vector"].unique().tolist() == ["came in", "query", "weights", "context", "result"]
    result = rows[rows["vector"] == "result"]
    np.testing.assert_allclose(result["value"], result["recombined"], atol=1e-4)
    weights = rows[rows["vector"] == "weights"]
    assert weights.groupby("head")["value"].sum().round(4).tolist() == [1.0] * 4


def test_the_rows_escape_what_the_user_typed(followed):
    path = followed[0]
    lines = path["l0.attention"].operation.worked(3)
    assert "number 3" in lines_html(lines)
    assert "<b>" not in source_html("<b>x</b> y", 8, 10).replace("<mark>", "")
    assert "<mark>y</mark>" in source_html("x y z", 2, 3)
    assert "the tokenizer added it" in source_html("x", 0, 0)
    evil = [Prediction("<i>", 1, 0.75, 1)]
    shown = answers_html(evil, np.array([0.0, np.log(3.0)], dtype=np.float32))
    assert "&lt;i&gt;" in shown
    assert "75.0 %" in shown
    assert "<i>" not in shown


def test_a_long_text_is_cut_around_the_piece():
    shown = source_html("a" * 500 + "HERE" + "b" * 500, 500, 504)
    assert shown.count("…") == 2
    assert "<mark>HERE</mark>" in shown
    assert len(shown) < 400


def test_the_first_values_and_the_chosen_one():
    shown = first_values_html(np.arange(20, dtype=np.float32), 15)
    assert shown.count('class="num') == 9
    assert shown.count("num result") == 1
    assert "15.00" in shown
