import numpy as np
import pytest

from bertlab.inspection.attention import HeadStatistics
from bertlab.views.shared.heatmap import (
    STATISTICS,
    attention_scale,
    describe_grid,
    describe_heatmap,
    grid_heatmap,
    head_heatmap,
    label_step,
    statistic_grid,
)
from bertlab.views.shared.palette import palette_of

PAIR = np.array([[0.9, 0.1], [0.3, 0.7]])


def statistics_of(values: list[list[float]]) -> list[HeadStatistics]:
    return [
        HeadStatistics(layer, head, value, 2 * value, 0, 0, value, 0, 0)
        for layer, row in enumerate(values)
        for head, value in enumerate(row)
    ]


def test_cells_labels_and_hover_of_a_head() -> None:
    figure = head_heatmap(PAIR, ["the", "the"], title="Head 0.1", positions=[1, 4])
    cells = figure.data[0]
    np.testing.assert_allclose(cells.z, [[90, 10], [30, 70]], rtol=1e-6)  # per cent
    assert (cells.zmin, cells.zmax) == (0, 100)
    assert cells.hovertemplate == "%{y} looks at %{x}: %{z:.1f} %<extra></extra>"
    layout = figure.layout
    assert layout.xaxis.ticktext == ("the (1)", "the (4)")  # what hovering names
    assert layout.xaxis.tickvals == (0, 1)
    assert layout.xaxis2.ticktext == ("the", "the")  # what is written
    assert tuple(layout.yaxis.range) == (1.5, -0.5)  # the first query on top
    assert layout.title.text == "Head 0.1"


def test_chinese_columns_stand_upright_and_words_on_their_side():
    layout = head_heatmap(np.eye(4), ["[CLS]", "好", "。", "ok"], title="t").layout
    assert (layout.xaxis2.ticktext, layout.xaxis2.tickvals) == (("[CLS]", "ok"), (0, 3))
    assert (layout.xaxis3.ticktext, layout.xaxis3.tickvals) == (("好", "。"), (1, 2))
    assert (layout.xaxis2.tickangle, layout.xaxis3.tickangle) == (-90, 0)
    assert layout.yaxis2.ticktext == ("[CLS]", "好", "。", "ok")


def test_columns_of_chinese_alone_need_one_axis():
    figure = head_heatmap(np.eye(2), ["好", "的"], title="t")
    assert figure.layout.xaxis2.tickangle == 0
    assert "xaxis3" not in figure.layout.to_plotly_json()


def test_pictures_that_are_compared_share_a_scale() -> None:
    figure = head_heatmap(PAIR, ["a", "b"], title="", top=0.5)
    assert figure.data[0].zmax == 50


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_zero_is_the_ground_and_strength_stands_out(theme) -> None:
    colours = palette_of(theme)
    ground = tuple(int(colours.ground[i : i + 2], 16) for i in (1, 3, 5))
    scale = attention_scale(theme)
    assert scale[0] == (0.0, "rgb({}, {}, {})".format(*ground))
    light = [sum(int(part) for part in colour[4:-1].split(",")) for _, colour in scale]
    ordered = sorted(light, reverse=theme == "light")
    assert light == ordered  # ever further away from the ground
    figure = head_heatmap(PAIR, ["a", "b"], title="x", theme=theme)
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color == colours.text


@pytest.mark.parametrize(
    ("count", "step", "labels"), [(1, 1, 1), (64, 1, 64), (65, 2, 33), (128, 2, 64), (512, 8, 64)]
)
def test_labels_are_thinned_past_64_tokens(count: int, step: int, labels: int) -> None:
    tokens = [f"t{i}" for i in range(count)]
    figure = head_heatmap(np.full((count, count), 1 / count), tokens, title="")
    assert label_step(count) == step
    assert len(figure.layout.xaxis2.ticktext) == len(figure.layout.yaxis2.ticktext) == labels
    assert len(figure.layout.xaxis.ticktext) == count  # hovering still names each
    assert figure.layout.yaxis2.ticktext[-1] == f"t{(labels - 1) * step}"
    assert figure.layout.width <= 1200


def test_markup_is_text() -> None:
    figure = head_heatmap(PAIR, ["<b>", "&amp;"], title="Head <i>0</i>")
    assert figure.layout.xaxis2.ticktext == ("&lt;b&gt;", "&amp;amp;")
    assert figure.layout.xaxis.ticktext[0] == "&lt;b&gt; (0)"
    assert figure.layout.title.text == "Head &lt;i&gt;0&lt;/i&gt;"


def test_no_button_uploads_the_figure() -> None:
    figure = head_heatmap(PAIR, ["a", "b"], title="")
    assert "sendChartToCloud" in figure.layout.modebar.remove


def test_a_long_token_is_cut_in_the_label_only() -> None:
    figure = head_heatmap(PAIR, ["a" * 40, "b"], title="")
    assert figure.layout.yaxis2.ticktext[0] == "a" * 15 + "…"
    assert figure.layout.yaxis.ticktext[0] == "a" * 40 + " (0)"


def test_a_long_title_is_broken_into_lines() -> None:
    figure = head_heatmap(PAIR, ["a", "b"], title="word " * 20)
    assert figure.layout.title.text.count("<br>") >= 2
    assert figure.layout.margin.t > head_heatmap(PAIR, ["a", "b"], title="word").layout.margin.t


def test_grid_of_a_share() -> None:
    statistics = statistics_of([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    assert statistic_grid(statistics, "mean_distance").tolist() == [
        [0.2, 0.4, 0.6],
        [0.8, 1.0, 1.2],
    ]
    figure = grid_heatmap(statistics, "previous_share", title="Shares", chosen=(1, 2))
    np.testing.assert_allclose(figure.data[0].z, [[10, 20, 30], [40, 50, 60]])
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 100)
    outline = figure.layout.shapes[0]
    assert (outline.x0, outline.x1, outline.y0, outline.y1) == (1.5, 2.5, 0.5, 1.5)
    assert "Head %{y}.%{x}: share on the previous token" in figure.data[0].hovertemplate


def test_grid_of_entropy_ends_at_its_largest_value() -> None:
    figure = grid_heatmap(statistics_of([[0.5, 1.5]]), "entropy", title="")
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 1.5)
    assert not figure.layout.shapes


def test_every_statistic_is_a_field() -> None:
    measured = statistics_of([[1.0]])[0]
    assert all(hasattr(measured, entry.field) for entry in STATISTICS)


def test_words_for_a_head() -> None:
    weights = np.array([[0.4, 0.6], [0.1, 0.9]])
    assert describe_heatmap(weights, ["a", "b"]) == (
        "Heatmap of 2 by 2 tokens. Each token's strongest weight: "
        '"b" (1) to "b" (1) 90.0 %; "a" (0) to "b" (1) 60.0 %.'
    )
    assert '"b" (7) to "b" (7)' in describe_heatmap(PAIR, ["a", "b"], positions=[3, 7])


def test_words_for_a_long_head_stay_short() -> None:
    weights = np.diag(np.linspace(0.1, 0.9, 100))
    words = describe_heatmap(weights, [f"t{i}" for i in range(100)])
    assert words.count(" to ") == 10
    assert 'The ten strongest: "t99" (99) to "t99" (99) 90.0 %; "t98"' in words


def test_words_for_the_grid() -> None:
    words = describe_grid(statistics_of([[0.1, 0.2], [0.9, 0.4]]), "previous_share")
    assert words == (
        "Grid of 4 heads, share on the previous token: the lowest is 10.0 % in head 0.0, "
        "the highest 90.0 % in head 1.0."
    )
