"""The histogram of lengths."""

import pytest

from bertlab.finetuning.planning.lengths import Lengths
from bertlab.views.fine_tuning.lengths import (
    bar_width,
    describe_lengths,
    describe_windows,
    histogram,
    histogram_table,
    length_histogram,
)
from bertlab.views.shared.palette import LIGHT


def test_bars_are_counted_by_their_lower_end():
    assert histogram((4, 5, 9, 9), 4) == {1: 1, 5: 1, 9: 2}


@pytest.mark.parametrize(
    ("longest", "width"), [(39, 1), (40, 2), (128, 4), (512, 16), (10**6, 16384)]
)
def test_there_are_forty_bars_at_most(longest, width):
    assert bar_width(longest) == width


def test_the_bars_can_be_taken_along():
    table = histogram_table(Lengths((4, 5, 9, 9), examples=4), max_length=128)
    assert table.values.tolist() == [[1, 4, 1], [5, 8, 1], [9, 12, 2]]


def test_what_is_cut_stands_in_another_colour_and_is_told():
    lengths = Lengths((10, 20, 30, 140), examples=8)
    figure = length_histogram(lengths, LIGHT, max_length=128)
    colours = figure.data[0].marker.color
    assert colours == (LIGHT.query,) * 32 + (LIGHT.key,) * 3  # 1 to 128 and 129 to 140, by 4
    assert sum(figure.data[0].y) == 4
    words = describe_lengths(lengths, 128)
    assert words.startswith("Of 4 texts (a sample of 8) 1 (25.0%) have more than 128 tokens")
    assert "loses 6.0% of all tokens" in words  # 12 of 200
    assert "140 tokens are enough for 95 %" in words
    assert "nothing is cut; the longest has 140" in describe_lengths(lengths, 200)


def test_what_lies_beyond_the_last_window_is_told():
    # windows of 8 tokens, 10 with [CLS] and [SEP]; each begins 6 behind the one before: 32 hold 194
    inside, beyond = Lengths((12, 196), 2), Lengths((12, 197), 2)
    assert (inside.beyond_windows(10), beyond.beyond_windows(10)) == (0, 1)
    assert "not read" not in describe_windows(inside, 10)
    assert "1 have more than 32 windows; what follows is not read" in describe_windows(beyond, 10)
    assert "a sample of 9" in describe_windows(Lengths((12,), 9), 10)
