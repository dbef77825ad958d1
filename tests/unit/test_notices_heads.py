"""What the lesson on heads says follows from its numbers, and what it draws says the same."""

from dataclasses import replace

import numpy as np
import pytest

from bertlab.inspection.heads.entropy import LayerEntropy
from bertlab.inspection.heads.roles import RoleScores
from bertlab.inspection.heads.targets import ROLES
from bertlab.observations.heads import (
    Rule,
    entropy_title,
    grid_title,
    head_detail,
    head_title,
    role_names,
    role_notices,
    too_little,
)
from bertlab.views.heads.entropy import describe_entropy, entropy_figure, entropy_table
from bertlab.views.heads.role_bars import bars_table, describe_bars, role_bars
from bertlab.views.heads.role_grid import describe_roles, role_cells, role_legend, roles_table
from bertlab.views.heads.rollout import (
    describe_rollout,
    rollout_heatmap,
    rollout_table,
    rollout_title,
)
from bertlab.views.shared.palette import DARK, LIGHT

RULE = Rule(role_names("<s>", "</s>"), 0.2)


@pytest.fixture
def scores() -> RoleScores:
    """One layer of three heads: previous token at 80 %, rest on <s> at 70 %, nothing."""
    score = np.full((len(ROLES), 1, 3), 0.1)
    score[ROLES.index("previous"), 0, 0] = 0.8
    score[ROLES.index("cls"), 0, 1] = 0.7
    low = np.full_like(score, 0.1)
    words, asked = np.full((1, 3), 0.5), np.full(len(ROLES), 100)
    spread = np.full_like(score, 0.02)
    return RoleScores(score, spread, low + 0.1, low, low, words, asked, 200)


def test_titles_by_hand(scores):
    titles = [head_title(scores, 0, head, RULE) for head in range(3)]
    assert titles == [
        "Head 0.0 looks at the previous token: 80.0 % of its weight",
        "Head 0.1 rests on <s>: 70.0 % of its weight",
        "Head 0.2: no simple pattern over these 200 sentences",
    ]
    assert grid_title(scores, RULE) == (
        "Of 3 heads, 1 looks at a place among the words, 1 rests on a special token, "
        "1 shows no simple pattern"
    )


def test_the_detail_names_all_that_is_compared(scores):
    assert head_detail(scores, 0, 0, RULE) == (
        "80.0 % of its weight lies on the previous token; even weights up to 2 places away would "
        "give 20.0 %, the head with random weights gives 10.0 %. A role needs 20 points more than "
        "both. This head knows position alone: from token to token the share varies by 2.0 points "
        "(standard deviation), whatever the token is."
    )
    assert head_detail(scores, 0, 2, RULE).startswith("No role is stated. What comes nearest: ")
    aside = replace(scores, is_aside=True, words=np.full((1, 3), 0.05))
    assert "5.0 % of the head's weight lies on words: under 10 % no role" in head_detail(
        aside, 0, 0, RULE
    )


def test_notices_by_hand(scores):
    assert role_notices(scores, RULE) == [
        "Heads by what they look at first: the previous token 1, <s> 1, no simple pattern 1.",
        "The clearest: Head 0.0 looks at the previous token: 80.0 % of its weight, 60.0 points "
        "above even weights up to 2 places away and random weights. It knows position alone, no "
        "word.",
        "The rule put to the test: of the random twin's 3 heads, which learned nothing, 0 would "
        "have a role.",
    ]
    nothing = replace(scores, score=np.full_like(scores.score, 0.1))
    assert role_notices(nothing, RULE)[0].startswith("No head shows a simple pattern")
    assert grid_title(nothing, RULE) == "None of the 3 heads shows a simple pattern"


def test_a_place_is_not_said_to_be_more_than_a_place(scores):
    """An offset explains "the next token" whole; only what varies with the tokens is more."""
    assert scores.knows_place_alone("previous", 0, 0)
    assert scores.knows_place_alone("cls", 0, 1)
    assert not scores.knows_place_alone("same", 0, 0)  # compared with position alone already
    moody = replace(scores, spread=np.full_like(scores.score, 0.3))
    assert not moody.knows_place_alone("previous", 0, 0)
    assert (
        "The place is not all that it goes by: from token to token the share varies by 30.0"
        in head_detail(moody, 0, 0, RULE)
    )
    assert "position alone" not in "".join(role_notices(moody, RULE))


def test_of_few_sentences_no_headline_says_that_there_is_no_pattern(scores):
    few = replace(scores, inputs=3)
    score = few.score.copy()
    score[ROLES.index("next"), 0, 2] = 0.96
    few = replace(few, score=score)
    assert grid_title(few, RULE) == (
        "3 sentences are too few for a habit: from 5 on a role may be stated"
    )
    assert head_title(few, 0, 2, RULE) == "Head 0.2: 3 sentences are too few to state a role"
    assert head_detail(few, 0, 2, RULE).startswith("No role is stated. What comes nearest: 96.0 %")
    assert role_notices(few, RULE) == [
        "3 sentences are too few for a habit: from 5 on a role may be stated.",
        "The largest share in them: 96.0 % of its weight in head 0.2 lies on the next token.",
    ]
    assert role_notices(replace(few, asked=np.full(len(ROLES), 7)), RULE) == [
        "3 sentences are too few for a habit: from 5 on a role may be stated."
    ]
    assert [one.name for one in role_legend(few, RULE, colours=DARK)] == ["too few sentences"]
    assert "no simple pattern" in head_title(replace(scores, inputs=5), 0, 2, RULE)


def test_what_was_asked_too_seldom_is_named(scores):
    assert too_little(scores, RULE) == ""
    asked = np.array([100, 100, 100, 7, 100, 100, 100])
    assert "the same word elsewhere (7)" in too_little(replace(scores, asked=asked), RULE)
    assert "too few for a habit" in too_little(replace(scores, inputs=3), RULE)


def test_the_grid_tells_roles_apart_without_colour(scores):
    cells = role_cells(scores, RULE, colours=LIGHT)
    assert [cell.sign for cell in cells] == ["←", "C", "·"]
    assert [cell.number for cell in cells] == ["80 %", "70 %", ""]
    assert [cell.is_strong for cell in cells] == [True, False, False]
    legend = role_legend(scores, RULE, colours=DARK)
    assert [(entry.name, entry.count) for entry in legend] == [
        ("the previous token", 1), ("<s>", 1), ("no simple pattern", 1)
    ]  # fmt: skip
    assert "Head 0.0 looks at the previous token" in describe_roles(cells, "Title")
    table = roles_table(scores, RULE)
    assert len(table) == 3 * len(ROLES)
    assert table["is a role"].sum() == 2


def test_the_bars_carry_the_numbers_and_the_mark_to_be_passed(scores):
    figure = role_bars(scores, 0, 0, RULE, title="A <b> title", theme="dark")
    head, position, twin, needed = figure.data
    assert figure.layout.xaxis.ticktext[0] == "0 %"
    assert figure.layout.xaxis.title.text
    assert head.x[0] == pytest.approx(80)
    assert position.x[0] == pytest.approx(20)
    assert twin.x[0] == pytest.approx(10)
    assert needed.x[0] == pytest.approx(40)
    assert "&lt;s&gt;" in head.y
    assert "&lt;b&gt;" in figure.layout.title.text
    assert "the previous token 80.0 %, even weights up to 2 places away 20.0 %" in describe_bars(
        scores, 0, 0, RULE
    )
    row = bars_table(scores, 0, 0, RULE).set_index("looks at").loc["the previous token"]
    assert row["head 0.0"] == 0.8
    assert row["comparison"] == 0.2
    assert row["needed"] == pytest.approx(figure.data[-1].x[0] / 100)


def layers(*shares: float) -> LayerEntropy:
    share = np.array(shares)
    return LayerEntropy(2 * share, share, share - 0.1, share + 0.1, share[:, None])


def test_entropy_is_a_claim_only_beside_the_twin():
    even = layers(0.99, 0.98)
    assert entropy_title(layers(0.9, 0.3), even).startswith("Layer 1 is the most focused: ")
    assert "30.0 %" in entropy_title(layers(0.9, 0.3), even)
    assert entropy_title(even, even).startswith("Nearly even weights in every layer: at least 98.0")
    assert entropy_title(layers(0.9, 0.9), layers(0.92, 0.92)) == "Attention entropy by layer"


def test_entropy_in_picture_table_and_words_agree():
    parts = layers(0.9, 0.3), layers(0.99, 0.98)
    figure = entropy_figure(*parts, title="A title", theme="light")
    assert list(figure.data[-1].y) == pytest.approx([90, 30])
    assert entropy_table(*parts)["share of ln n %"].tolist() == [90, 30]
    assert "layer 1 30.0 % (0.60 nats; random weights 98.0 %)" in describe_entropy(*parts)


@pytest.mark.parametrize(("count", "widest"), [(2, 440), (4, 440), (12, 700), (24, 1000)])
def test_the_entropy_figure_is_as_wide_as_its_layers_need(count, widest):
    parts = layers(*[0.5] * count), layers(*[0.9] * count)
    width = entropy_figure(*parts, title="A title", theme="light").layout.width
    assert widest - 110 <= width <= widest  # on a phone 440 px lose a sixth, and fit


def test_rollout_in_picture_table_and_words_agree():
    shares, tokens = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1]]), ("[CLS]", "猫", "[SEP]")
    title = rollout_title(shares, tokens, 1, is_followed=True)
    assert (
        title == "Rollout into “猫” (1), last layer: 60.0 % from “猫” (1), 30.0 % from “[CLS]” (0)"
    )
    assert "Mean attention of" in rollout_title(shares, tokens, 1, is_followed=False)
    figure = rollout_heatmap(shares, tokens, title=title, top=0.7)
    assert figure.data[0].zmax == pytest.approx(70)
    assert figure.data[0].zmin == 0
    assert list(figure.layout.xaxis.ticktext) == ["猫"]
    assert figure.layout.xaxis.tickangle == 0
    assert rollout_table(shares, tokens)["share %"].sum() == pytest.approx(200)
    assert 'layer 1: "猫" (1) 60.0 %' in describe_rollout(shares, tokens, title)
