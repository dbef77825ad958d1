"""Pictures of the layers: every number is where it belongs, and text stays text."""

import numpy as np
import pytest

from bertlab.inspection.embeddings.neighbours import Neighbour, Neighbours
from bertlab.inspection.embeddings.positions import position_similarity
from bertlab.inspection.embeddings.projection import project
from bertlab.inspection.embeddings.separation import measure_separation
from bertlab.inspection.embeddings.similarity import Baseline
from bertlab.inspection.layers import DepthAnswer, LensGrid
from bertlab.inspection.masked_lm import Prediction
from bertlab.views.embeddings.senses import (
    describe_separation,
    map_frame,
    sense_map,
    separation_curve,
    separation_frame,
    words_overview,
)
from bertlab.views.embeddings.similarity import (
    cosine_curve,
    neighbour_bars,
    neighbours_frame,
    position_map,
    positions_frame,
)
from bertlab.views.layers import (
    answers_frame,
    answers_table,
    clicked_position,
    describe_answers,
    first_answers,
    grid_frame,
    rank_curve,
    ranks_frame,
)


def answers():
    return [
        DepthAnswer(
            depth,
            (Prediction("<b>", 7, 0.5, 1), Prediction("mat", 8, 0.25, 2)),
            Prediction("mat", 8, 0.25, 2),
        )
        for depth in range(3)
    ]


def grid():
    return LensGrid((4, 5), (("a", "<i>"), ("b", "c"), ("b", "d")), np.full((3, 2), 0.5))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_table_frames_the_watched_word_in_every_row(theme):
    figure = answers_table(answers(), title="<t>", watched=8, theme=theme)
    assert [(s["x0"] + s["x1"]) / 2 for s in figure.layout.shapes] == [1, 1, 1]
    assert figure.data[0].text[0] == "&lt;b&gt;<br>50.0%"
    assert figure.layout.title.text == "&lt;t&gt;"
    assert list(figure.layout.yaxis.ticktext) == ["embedding", "layer 0", "layer 1"]


def test_the_tables_hold_the_numbers():
    table = answers_frame(answers())
    assert len(table) == 6  # the watched one is among the answers
    assert table.loc[1].tolist() == ["embedding", 2, "mat", 8, 0.25]
    cells = grid_frame(grid(), ["x"] * 4 + ["p", "q"])
    assert cells.loc[3].tolist() == ["layer 0", 5, "q", "c", 0.5]
    assert "layer 1: <b> 50.0%, mat 25.0%" in describe_answers(answers())


def test_rank_1_is_at_the_top():
    figure = rank_curve(answers(), title="t", vocabulary=1000, theme="light")
    low, high = figure.layout.yaxis.range
    assert figure.layout.yaxis.type == "log"
    assert low > 3 > 0 > high
    assert list(figure.data[0].y) == [2, 2, 2]
    assert ranks_frame(answers()).iloc[1].tolist() == ["layer 0", "mat", 2, 0.25]


def test_a_click_on_a_cell_is_a_token_and_agreement_is_bold():
    figure = first_answers(
        grid(), ["x"] * 4 + ["p", "<q>"], title="t", chosen=5, masked=[4], theme="light"
    )
    bars = figure.data[0]
    assert list(bars.x) == [0, 1] * 3
    assert [clicked_position(grid(), i) for i in range(6)] == [4, 5] * 3
    assert list(bars.text) == ["a", "&lt;i&gt;", "<b>b</b>", "c", "<b>b</b>", "<b>d</b>"]
    (frame,) = figure.layout.shapes
    assert (frame["x0"] + frame["x1"]) / 2 == 1


def found():
    vectors = np.random.default_rng(0).normal(size=(3, 6, 4))
    return project(vectors), measure_separation(vectors, list("aaabbb"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_has_a_frame_for_each_depth_and_a_shape_for_each_sense(theme):
    projection, _ = found()
    senses, sentences = ["<a>"] * 3 + ["b"] * 3, [f"sentence <{i}>" for i in range(6)]
    figure = sense_map(projection, 1, senses, sentences, word="<w>", theme=theme)
    assert [trace.name for trace in figure.data] == ["&lt;a&gt;", "b"]
    assert [trace.marker.symbol for trace in figure.data] == ["circle", "diamond"]
    assert list(figure.data[1].x) == projection.points[1, 3:, 0].tolist()
    assert figure.data[1].text[0] == "sentence &lt;3&gt;"
    assert len(figure.frames) == 3
    assert projection.reach < figure.layout.xaxis.range[1]
    assert "&lt;w&gt;" in figure.frames[0].layout.title.text
    assert len(map_frame(projection, senses, sentences)) == 18


def test_the_curve_lies_over_the_shuffles_band():
    _, separation = found()
    figure = separation_curve(separation, 2, word="w", theme="light")
    band, line = figure.data
    assert list(line.y) == separation.silhouettes.tolist()
    assert list(band.y) == [*separation.high, *separation.low[::-1]]
    assert figure.layout.title.text == "“w”: no clear separation by context"
    assert separation_frame(separation)["p_value_corrected"].tolist() == (
        separation.corrected.tolist()
    )
    assert "layer 1" in describe_separation(separation)
    overview = words_overview({"w": separation}, theme="light")
    assert overview.layout.title.text == "Context separates the senses of 0 of 1 words"
    assert (overview.data[0].zmin, overview.data[0].zmax) == (-1, 1)


def test_the_cosine_stands_beside_random_pairs():
    baseline = Baseline(np.array([0.1, 0.2]), np.array([-0.5, 0]), np.array([0.5, 0.6]), 10, 2)
    figure = cosine_curve(np.array([0.3, 0.9]), baseline, 1, title="t", theme="dark")
    assert list(figure.data[2].y) == [0.3, 0.9]
    assert figure.layout.yaxis.range[0] < -0.5
    assert figure.layout.yaxis.range[1] > 1


def test_neighbours_are_bars_with_chance_beside_them():
    near = Neighbours("w", 1, (Neighbour("<x>", 2, 0.6), Neighbour("y", 3, 0.4)), 0.1, 0.3, 9)
    figure = neighbour_bars(near, theme="light")
    assert list(figure.data[0].x) == [0.4, 0.6]  # the first bar stands lowest
    assert list(figure.layout.yaxis.ticktext) == ["y", "&lt;x&gt;"]
    assert figure.layout.shapes[0]["x0"] == pytest.approx(0.4)
    assert neighbours_frame(near)["token"].tolist() == ["<x>", "y"]


@pytest.mark.parametrize(("trained", "lines"), [(None, 0), (20, 2), (40, 0)])
def test_positions_that_were_not_trained_lie_behind_a_line(trained, lines):
    similarity = position_similarity(np.eye(40))
    figure = position_map(similarity, title="t", trained=trained, theme="light")
    assert len(figure.layout.shapes) == lines
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1, 1)
    assert positions_frame(similarity).shape == (40, 41)
