"""Pictures of pairs: numbers, scales, text alternatives, and text that stays text."""

import numpy as np
import pytest

from bertlab.inspection.pair_experiment import KINDS, KindedPair, KindResult
from bertlab.views import next_sentence
from bertlab.views.next_sentence import PairAnswer, bin_counts, wrap
from bertlab.views.shared import minimal_pairs
from bertlab.views.shared.diverging import difference_scale

EVIL = "<b>evil</b>"
ANSWERS = [
    PairAnswer("As typed", "follows", f"B: {EVIL}", EVIL, "b", 0.875),
    PairAnswer("Swapped", "swapped", "B: a", "b", EVIL, 0.25),
]


def kind(name, *probabilities):
    pairs = tuple(KindedPair(name, f"a{i}", EVIL) for i in range(len(probabilities)))
    return KindResult(name, pairs, probabilities)


RESULTS = [kind(name, 0.02, 0.5, 0.98, 1.0) for name in KINDS]


def test_all_versions_of_a_pair_stand_on_one_scale_from_0_to_100():
    figure = next_sentence.answer_bars(ANSWERS, "light", question="next sentence")
    assert list(figure.data[1].x) == [87.5, 25.0]
    assert tuple(figure.layout.xaxis.range) == (0, 100)
    assert figure.layout.title.text == "As typed: “B follows A” 87.5%"
    assert EVIL not in str(figure.to_dict())
    words = next_sentence.describe_answers(ANSWERS, question="sentence order")
    assert "in order" in words
    assert "87.5%" in words
    assert "25.0%" in words
    table = next_sentence.answers_table(ANSWERS)
    assert table["A"].tolist() == [EVIL, "b"]
    assert table["probability"].tolist() == [0.875, 0.25]


def test_histograms_count_in_steps_of_five_and_share_their_scale():
    counts = bin_counts(RESULTS[0])
    assert counts.sum() == 4
    assert counts[[0, 10, 19]].tolist() == [1, 1, 2]
    figure = next_sentence.kind_histograms(RESULTS, "dark")
    assert len(figure.data) == 4
    ranges = {tuple(figure.layout[f"yaxis{n}"].range) for n in ("", 2, 3, 4)}
    assert len(ranges) == 1
    assert "3 of 4 pass, mean 62.5%" in figure.layout.annotations[0].text
    assert next_sentence.describe_kinds(RESULTS).count("3 of 4 pass") == 4
    assert len(next_sentence.kinds_table(RESULTS)) == 16


def test_a_text_is_broken_at_blanks_or_anywhere_in_chinese():
    assert wrap("ab cd ef", 5, 2) == ["ab cd", "ef"]
    assert wrap("ab cd ef gh ij", 5, 2) == ["ab cd", "ef g…"]
    assert wrap("电影很好看", 4, 3) == ["电影", "很好", "看"]
    assert wrap("short", 10, 2) == ["short"]
    assert wrap("", 10, 2) == []


# --- minimal pairs -------------------------------------------------------------------------------

DIFFERENCE = np.array([[0.1, np.nan, -0.3], [np.nan] * 3, [0.05, np.nan, 0.2]], dtype=np.float32)
TOKENS = ("[CLS]", "he→<i>", "[SEP]")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_difference_has_the_same_range_on_both_sides_and_the_ground_in_the_middle(theme):
    figure = minimal_pairs.difference_heatmap(
        DIFFERENCE, TOKENS, title="Head 0.0", theme=theme, changed=[1]
    )
    cells = figure.data[0]
    assert (cells.zmin, cells.zmax) == pytest.approx((-30, 30))
    assert cells.z[0][2] == pytest.approx(-30)
    assert np.isnan(cells.z[1][1])
    scale = difference_scale(theme)
    ground = {"light": "rgb(255, 255, 255)", "dark": "rgb(14, 17, 23)"}[theme]
    assert scale[len(scale) // 2] == (0.5, ground)
    assert len({colour for _, colour in scale}) == len(scale)
    assert "<i>" not in str(figure.to_dict())
    assert len(figure.layout.shapes) == 2


def test_equal_sentences_do_not_blow_rounding_up():
    assert minimal_pairs.scale_top(np.full((2, 2), 1e-7)) == 0.01
    assert minimal_pairs.scale_top(np.full((2, 2), np.nan)) == 0.01


def test_differences_are_told_largest_first_and_listed_where_there_are_any():
    words = minimal_pairs.describe_difference(DIFFERENCE, TOKENS)
    assert "points: [CLS] (0) at [SEP] (2) -30.0, [SEP] (2) at [SEP] (2) +20.0" in words
    table = minimal_pairs.difference_table(DIFFERENCE, TOKENS)
    assert table["difference"].tolist() == pytest.approx([0.1, -0.3, 0.05, 0.2])


def test_the_spread_has_the_embeddings_on_top_and_names_what_moved_most():
    distances = np.array([[0, 0.5, np.nan], [0.1, 0.7, np.nan]], dtype=np.float32)
    figure = minimal_pairs.spread_heatmap(distances, TOKENS, title="t", theme="light", changed=[1])
    assert list(figure.data[0].y) == ["embeddings", "layer 0"]
    assert figure.data[0].zmin == 0
    assert figure.data[0].zmax == pytest.approx(0.7)
    assert "<i>" not in str(figure.to_dict())
    words = minimal_pairs.describe_spread(distances, TOKENS)
    assert "layer 0 he→<i> (1) 0.700" in words
    table = minimal_pairs.spread_table(distances, TOKENS)
    assert list(table) == ["position", "token", "embeddings", "layer 0"]


def test_chinese_labels_stand_upright_and_a_changed_one_goes_down():
    distances = np.zeros((2, 4), dtype=np.float32)
    figure = minimal_pairs.spread_heatmap(
        distances, ("[CLS]", "他→她", "是", "[SEP]"), title="t", theme="light", changed=[1]
    )
    assert figure.layout.xaxis.tickangle == 0
    assert figure.layout.xaxis.ticktext[1] == "他<br>↓<br>她"


def test_each_square_of_the_grid_says_which_head_it_is():
    changes = np.array([[0.01, 0.02, 0.03], [0.04, 0.05, 0.0]], dtype=np.float32)
    figure = minimal_pairs.change_grid(changes, theme="dark", chosen=(1, 0))
    squares = figure.data[0]
    assert [tuple(place) for place in squares.customdata][3] == (1, 0)
    assert list(squares.text) == ["1.0", "2.0", "3.0", "4.0", "5.0", "0.0"]
    shape = figure.layout.shapes[0]
    assert (shape.x0, shape.y0) == (-0.5, 0.5)
    words = minimal_pairs.describe_grid(changes)
    assert "least head 1.2 with 0.0 points, most head 1.1 with 5.0" in words
    assert len(minimal_pairs.grid_table(changes)) == 6
    assert "nothing" in minimal_pairs.describe_grid(np.full((1, 1), np.nan))
