"""Plotly figures on a page: a text alternative always, downloads, no upload button, no logo."""

from collections.abc import Callable
from html import escape, unescape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from bertlab.ui.figures import changes
from bertlab.ui.figures.component import own_component, save_button
from bertlab.ui.state.theme import palette
from bertlab.views.shared.tables import to_csv

_picture = own_component("plotly_picture", save_button("SVG"), shared=("save_button.css",))
NUMBERS = "Numbers (CSV)"
NARROWEST = 5 / 6  # of a figure's own width; Streamlit would squeeze it without end
TITLE_EDGE, TITLE_LINE = 8, 22  # px that a title takes at the top of a figure, and each line of it


def plot(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    table: Callable[[], pd.DataFrame],
    is_stretched: bool = True,
    on_click: Callable[[int], None] | None = None,
) -> None:
    """Draw a figure that has its own colours, with buttons that save it as SVG and as CSV.

    Args:
        figure: From `bertlab.views`.
        key: The element's key, prefixed by its page.
        alt: What the figure shows, in words.
        table: Makes the figure's numbers as a table, for the button that saves them as CSV.
        is_stretched: Whether it is as wide as its column; else it has its own width, may lose a
            sixth of it to its column, and scrolls inside its frame on anything narrower. Its title
            then stands above the frame, where it wraps.
        on_click: Called with the number of a point or a bar of the first trace that was clicked,
            before the page reruns. (Cells of a Plotly heatmap report nothing.)
    """
    changes.note(key, figure.to_json())
    chart, report = (key, None) if on_click is None else _clickable(key, on_click)
    if not is_stretched:
        _keep_width(figure, key)
    with st.container(key=f"{key}_frame"):
        st.plotly_chart(
            on_ground(figure),
            key=chart,
            theme=None,
            config=chart_config(key),
            alt=alt,
            width="stretch" if is_stretched else "content",
            on_select=report or "ignore",
            selection_mode="points",
        )
    save_buttons(table, key=key)


def on_ground(figure: go.Figure) -> go.Figure:
    """Give a figure the page's ground: where it is saved its letters are read on nothing else."""
    figure.layout.paper_bgcolor = palette().ground
    return figure


def save_buttons(table: Callable[[], pd.DataFrame], *, key: str) -> None:
    """Offer the Plotly figure in the frame of `key` as a picture, and its numbers.

    Plotly's own bar shows itself to a mouse alone.
    """
    with st.container(horizontal=True, gap="medium"):
        _picture(key=f"{key}_svg", data={"frame": f"{key}_frame"}, width="content")
        csv_button(table, key=key)


def figure_title(text: str, *, key: str) -> None:
    """Say above a figure what is to be seen in it, as plain text that wraps; `key` is its key."""
    st.html(f'<div class="bl-figure-title" data-figure="{key}">{escape(text)}</div>')


def _keep_width(figure: go.Figure, key: str) -> None:
    """Let a figure scroll in its frame rather than shrink, and say its title above the frame.

    The figure keeps its own title for the picture that is saved; on the page the strip that holds
    it lies above the frame's edge, out of sight. A figure that plays changes its title as it does
    so, and goes on saying it itself.
    """
    rules = f"min-width: {round(NARROWEST * figure.layout.width)}px;"
    title = figure.layout.title.text
    hidden = ""
    if title and not figure.frames:
        lines = title.split("<br>")
        figure_title(unescape(" ".join(lines)), key=key)
        room = TITLE_EDGE + TITLE_LINE * len(lines)
        rules += f" margin-top: -{room}px;"
        hidden = (
            f".st-key-{key}_frame .gtitle {{ display: none; }}"
            f".st-key-{key}_frame .modebar-container {{ top: {room}px !important; }}"
        )
    st.html(f"<style>.st-key-{key}_frame > div {{ {rules} }}{hidden}</style>")


def _clickable(key: str, on_click: Callable[[int], None]) -> tuple[str, Callable[[], None]]:
    """Give a chart's own key, and what reads a click on it.

    After each click the chart is a new one: on the old one a second click on the same point would
    only take the selection back.
    """
    clicks = f"_{key}_clicks"
    chart = f"{key}_{st.session_state.get(clicks, 0)}"

    def report() -> None:
        points = st.session_state[chart]["selection"]["points"]
        if points:
            st.session_state[clicks] = st.session_state.get(clicks, 0) + 1
            on_click(int(points[0]["point_index"]))

    return chart, report


def csv_button(
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    *,
    key: str | None = None,
    label: str = NUMBERS,
    file_name: str | None = None,
) -> None:
    """Offer a table as a CSV file safe for spreadsheet programs, written when it is asked for.

    Args:
        table: The table, or what makes it.
        key: The figure's key; the file is called after it.
        label: What the button says, where a figure has two.
        file_name: What the file is called where there is no key.
    """
    st.download_button(
        label,
        lambda: to_csv(table() if callable(table) else table),
        file_name=file_name or f"{key}.csv",
        mime="text/csv",
        key=key and f"{key}_csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def chart_config(key: str) -> dict[str, Any]:
    """Plotly's own bar holds one button: save as SVG, made in the browser.

    `save_buttons` presses it.
    """
    return {
        "displaylogo": False,
        "showSendToCloud": False,
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "svg", "filename": key},
    }
