"""The theme of the user's browser, as the palette that figures are drawn in."""

import streamlit as st

from bertlab.views.shared.palette import Palette, Theme, palette_of


def theme() -> Theme:
    """Dark or light, as the user's browser shows the page now."""
    return "dark" if st.context.theme.type == "dark" else "light"


def palette() -> Palette:
    """The colours of the current theme."""
    return palette_of(theme())
