"""Plotly figures on a page: no upload button, no logo, a text alternative always."""

import plotly.graph_objects as go
import streamlit as st

CONFIG = {"displaylogo": False, "showSendToCloud": False, "displayModeBar": False}


def plot(figure: go.Figure, *, key: str, alt: str, is_stretched: bool = True) -> None:
    """Draw a figure that has its own colours.

    Args:
        figure: From `bertlab.views`.
        key: The element's key, prefixed by its page.
        alt: What the figure shows, in words.
        is_stretched: Whether it is as wide as its column; else it scrolls inside its frame.
    """
    with st.container(key=f"{key}_frame"):
        st.plotly_chart(
            figure,
            key=key,
            theme=None,
            config=CONFIG,
            alt=alt,
            width="stretch" if is_stretched else "content",
        )
