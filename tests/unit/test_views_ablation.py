"""The pictures of ablation hold the numbers they were given, on shared scales."""

from dataclasses import replace

import numpy as np
import pytest

from bertlab.inspection.ablation.attribution import Integrated
from bertlab.inspection.ablation.explanations import METHODS, Explanations
from bertlab.inspection.ablation.prediction_shift import Moved
from bertlab.inspection.minimal_pairs import ComparedAnswer
from bertlab.views.ablation.explanations import (
    attribution_rows,
    attribution_table,
    correlation_grid,
    correlation_table,
    describe_attributions,
    describe_correlation,
)
from bertlab.views.ablation.importance import (
    describe_importance,
    importance_grid,
    importance_table,
    scale_top,
    switch_cells,
)
from bertlab.views.ablation.prediction_shift import describe_moved, moved_bars, moved_table
from bertlab.views.shared.diverging import difference_colour, difference_scale, signed

ANSWERS = (ComparedAnswer("<b>tea", 0.5, 0.1), ComparedAnswer("milk", 0.2, 0.25))
MOVED = Moved(ANSWERS, ANSWERS[0], 0.45)
CHANGE = np.array([[-1.5, 0.25], [0.0, -0.004]])


@pytest.fixture
def found():
    values = {
        "occlusion": np.array([1.0, -2.0, 0.0, 0.5]),
        "gradients": np.array([0.1, 0.1, 0.1, 0.1]),
        "integrated": np.array([3.0, -1.0, 0.0, 1.0]),
        "rollout": np.array([0.1, 0.2, 0.3, 0.4]),
    }
    table = np.array([[1, 0.5, np.nan, -0.5]] * 4)
    return Explanations(values, Integrated(values["integrated"], 3.0, 32), (0, 1, 3), table)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_difference_is_the_ground_and_signs_are_told_apart(theme):
    ground = {"light": "rgb(255, 255, 255)", "dark": "rgb(14, 17, 23)"}[theme]
    scale = difference_scale(theme)
    assert difference_colour(0.0, 1.0, theme)[0] == ground
    assert dict(scale)[0.5] == ground
    assert [place for place, _ in scale] == sorted(place for place, _ in scale)
    assert difference_colour(-1.0, 1.0, theme)[0] == scale[0][1]
    assert difference_colour(2.0, 1.0, theme)[0] == scale[-1][1]  # past the end: the end
    below, above = (difference_colour(v, 1.0, theme)[0] for v in (-0.6, 0.6))
    red, _, blue = eval(below.removeprefix("rgb"))
    assert red > blue
    assert eval(above.removeprefix("rgb"))[2] > eval(above.removeprefix("rgb"))[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_can_be_read_on_every_colour(theme):
    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    for value in np.linspace(-1, 1, 21):
        fill, ink = difference_colour(value, 1.0, theme)
        fill = [part / 255 for part in eval(fill.removeprefix("rgb"))]
        ink = [int(ink[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, value


def test_before_and_after_share_their_scale():
    figure = moved_bars(MOVED, title="t", names=("before", "after"), theme="light")
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    low, high = figure.layout.xaxis3.range
    assert low == -high
    first, second, change = figure.data
    assert list(first.x) == [0.2, 0.5]
    assert list(second.x) == [0.25, 0.1]
    assert list(change.x) == pytest.approx([0.05, -0.4])
    assert list(change.text) == ["+5.0", "−40.0"]
    assert first.y[1] == "&lt;b&gt;tea"
    assert first.marker.color[1] != first.marker.color[0]  # the watched word is green
    assert describe_moved(MOVED).endswith("<b>tea 50.0% and 10.0%, milk 20.0% and 25.0%.")
    assert moved_table(MOVED).change.tolist() == pytest.approx([-0.4, 0.05])


def test_nothing_moved_is_drawn_too():
    same = (ComparedAnswer("a", 0.5, 0.5),)
    figure = moved_bars(Moved(same, same[0], 0.0), title="", names=("", ""), theme="dark")
    assert figure.data[2].x == (0.0,)
    assert figure.data[2].text == ("0.0",), "nothing has no sign"


def test_signs_of_changes():
    assert [signed(v) for v in (-0.497, 0.2, -0.001, 0.0)] == ["−0.50", "+0.20", "0.00", "0.00"]
    assert signed(-1.4969, 3) == "−1.497"


def test_switches_carry_number_and_colour():
    cells = switch_cells(CHANGE, 1.5, "light")
    assert [(c.layer, c.head, c.text) for c in cells] == [
        (0, 0, "−1.50"), (0, 1, "+0.25"), (1, 0, "0.00"), (1, 1, "0.00"),
    ]  # fmt: skip
    assert cells[0].fill == difference_scale("light")[0][1]
    assert scale_top(CHANGE, CHANGE / 2) == 1.5
    assert scale_top(np.zeros((2, 2))) == 0.1  # noise is not blown up


def test_the_grid_is_centred_on_zero():
    figure = importance_grid(CHANGE, title="<t>", top=2.0, theme="light", chosen=(1, 0))
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-2.0, 2.0)
    assert [note.text for note in figure.layout.annotations] == ["−1.50", "+0.25", "0.00", "0.00"]
    shape = figure.layout.shapes[0]
    assert (shape.x0, shape.y0) == (-0.5, 0.5)
    wide = importance_grid(np.zeros((2, 20)), title="", top=1.0, theme="dark")
    assert not wide.layout.annotations
    assert "Lowest: -1.500 nats, head 0.0; highest: 0.250 nats, head 0.1" in describe_importance(
        CHANGE, "tea"
    )
    table = importance_table(change=CHANGE)
    assert table.iloc[1].tolist() == [0, 1, 0.25]


def test_each_row_of_bars_is_on_its_own_largest(found):
    tokens = ["[CLS]", "<i>", "[MASK]", "[SEP]"]
    figure = attribution_rows(found, tokens, position=2, title="t", theme="light")
    assert [max(abs(v) for v in bars.y) for bars in figure.data] == [1.0] * 4
    assert tuple(figure.data[0].y) == (0.5, -1.0, 0.0, 0.25)
    assert figure.data[0].customdata[1] == "&lt;i&gt; (1): -2.000 nats"
    assert figure.data[3].customdata[3] == "[SEP] (3): 40.0%"
    assert figure.layout.yaxis.range == pytest.approx((-1.12, 0.62))  # what -1 to 0.5 needs
    assert figure.layout.yaxis4.range == (0, 1.08)
    assert figure.layout.shapes[0].x0 == 1.5
    assert "Token ablation: <i> (1) -2.000 nats, [CLS] (0)" in describe_attributions(found, tokens)
    assert attribution_table(found, tokens).shape == (4, 6)


@pytest.mark.parametrize(
    ("row", "ends"),
    [([0.5, 2.0], (0, 1.08)), ([-1.0, -4.0], (-1.08, 0)), ([0.0, 0.0], (0, 0.08))],
)
def test_a_row_of_bars_leaves_no_room_where_it_has_none(found, row, ends):
    alike = replace(found, values=dict.fromkeys(METHODS, np.array(row)))
    figure = attribution_rows(alike, ["a", "b"], position=0, title="t", theme="light")
    assert figure.layout.yaxis.range == pytest.approx(ends)


def test_the_correlations_show_what_is_not_known(found):
    figure = correlation_grid(found, title="t", theme="dark")
    assert [note.text for note in figure.layout.annotations][:4] == ["1.00", "0.50", "–", "−0.50"]
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1, 1)
    assert describe_correlation(found).count(",") == 5
    assert correlation_table(found).shape == (len(METHODS), len(METHODS) + 1)
