"""Our own components: each is a script and a style sheet in `components/`, with what they share."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import streamlit as st

SAVES_SVG = ("save_button.css", "save_svg.js")  # shared by what saves a drawing

_ASSETS = Path(__file__).parent / "components"


def own_component(name: str, html: str, *, shared: Sequence[str] = ()) -> Callable[..., object]:
    """Register the component of `components/<name>.js` and `components/<name>.css`.

    Args:
        name: Of its files.
        html: What stands in it before its script has run.
        shared: Files of `components/` that stand before its own, scripts and style sheets.
    """
    files = (*shared, f"{name}.css", f"{name}.js")
    css, js = (
        "".join((_ASSETS / file).read_text(encoding="utf-8") for file in files if ends(file))
        for ends in (lambda file: file.endswith(".css"), lambda file: file.endswith(".js"))
    )
    return st.components.v2.component(f"bertlab_{name}", html=html, css=css, js=js)


def save_button(kind: Literal["SVG", "PNG"], *, of: str = "") -> str:
    """The button below a figure that saves it; `of` tells it from another for a screen reader.

    It looks like `bertlab.ui.charts.csv_button`, which stands beside it.
    """
    label = f' aria-label="Picture ({kind}) of {of}"' if of else ""
    return f'<button class="save" type="button"{label}>Picture ({kind})</button>'
