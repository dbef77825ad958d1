"""Numbers in cells can be read whatever the cell's colour."""

import numpy as np
import pytest
from plotly.colors import hex_to_rgb

from bertlab.views.shared.contrast import cell_colours, cell_texts, contrast, ink_on, luminance
from bertlab.views.shared.heatmap import attention_scale


def test_by_hand():
    assert luminance((0, 0, 0)) == 0
    assert luminance((1, 1, 1)) == pytest.approx(1)
    assert contrast(0, 1) == pytest.approx(21)
    assert ink_on((1, 0.9, 0.2)) == "#000000"
    assert ink_on((0, 0.1, 0.3)) == "#FFFFFF"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_number_has_a_contrast_of_four_and_a_half(theme):
    """Over the whole scale: Plotly's own choice is grey on yellow in dark."""
    scale, grid = attention_scale(theme), np.linspace(0, 100, 101)[None]
    texts = cell_texts(grid, [[f"{z:.0f} %" for z in grid[0]]], scale=scale, top=100.0)
    grounds = cell_colours(grid[0] / 100, scale)
    for text, ground in zip(texts, grounds, strict=True):
        ink = [part / 255 for part in hex_to_rgb(text["font"]["color"])]
        assert contrast(luminance(ink), luminance(ground)) >= 4.5, text["text"]
