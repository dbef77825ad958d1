"""Our own components: each is a script and a style sheet in `components/`, with what they share."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import streamlit as st

from bertlab.ui.figures import changes
from bertlab.ui.figures.assets import joined

REDRAWS = ("rove.js", "press.js")  # shared by what draws its elements anew: focus and clicks stay
SAVES_SVG = ("save_button.css", "save_svg.js")  # shared by what saves a drawing
SCROLLS = ("frame.css", "sight.js")  # shared by what is wider than a phone


def own_component(name: str, html: str, *, shared: Sequence[str] = ()) -> Callable[..., object]:
    """Register the component of `components/<name>.js` and `components/<name>.css`.

    What it is told to draw is noted, so that a suggestion can show what it changed.

    Args:
        name: Of its files.
        html: What stands in it before its script has run.
        shared: Files of `components/` that stand before its own, scripts and style sheets.
    """
    files = (*shared, f"{name}.css", f"{name}.js")
    css, js = (
        joined(*(file for file in files if file.endswith(ending))) for ending in (".css", ".js")
    )
    component = st.components.v2.component(f"bertlab_{name}", html=html, css=css, js=js)

    def draw(*, key: str, data: object, **options: Any) -> object:
        changes.note(key, data)
        return component(key=key, data=data, **options)

    return draw


def save_button(kind: Literal["SVG", "PNG"], *, of: str = "") -> str:
    """The button below a figure that saves it; `of` tells it from another for a screen reader.

    It looks like `bertlab.ui.figures.charts.csv_button`, which stands beside it.
    """
    label = f' aria-label="Picture ({kind}) of {of}"' if of else ""
    return f'<button class="save" type="button"{label}>Picture ({kind})</button>'
