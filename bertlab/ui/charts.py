"""Plotly figures on a page: no upload button, no logo, a text alternative always."""

import plotly.graph_objects as go
import streamlit as st

CONFIG = {"displaylogo": False, "showSendToCloud": False, "displayModeBar": False}
NARROWEST = 5 / 6  # of a figure's own width; Streamlit would squeeze it without end


def plot(figure: go.Figure, *, key: str, alt: str, is_stretched: bool = True) -> None:
    """Draw a figure that has its own colours.

    Args:
        figure: From `bertlab.views`.
        key: The element's key, prefixed by its page.
        alt: What the figure shows, in words.
        is_stretched: Whether it is as wide as its column; else it has its own width, may lose a
            sixth of it to its column, and scrolls inside its frame on anything narrower.
    """
    if not is_stretched:
        narrowest = round(NARROWEST * figure.layout.width)
        st.html(f"<style>.st-key-{key}_frame > div {{ min-width: {narrowest}px; }}</style>")
    with st.container(key=f"{key}_frame"):
        st.plotly_chart(
            figure,
            key=key,
            theme=None,
            config=CONFIG,
            alt=alt,
            width="stretch" if is_stretched else "content",
        )
