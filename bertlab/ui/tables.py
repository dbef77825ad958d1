"""A table to look at and to take along."""

import pandas as pd
import streamlit as st

from bertlab.views.results import to_csv

HEAD, ROW, TALLEST = 38, 35, 260  # pixels; a taller table scrolls


def downloadable(table: pd.DataFrame, *, label: str, file_name: str) -> None:
    """Draw a table with a button that saves it as a CSV safe for spreadsheet programs."""
    st.dataframe(table, hide_index=True, height=min(HEAD + ROW * len(table), TALLEST))
    csv_button(table, label=label, file_name=file_name)


def csv_button(table: pd.DataFrame, *, label: str, file_name: str) -> None:
    """Offer a table that is drawn in another way as a CSV; it is written when it is asked for."""
    st.download_button(
        label,
        lambda: to_csv(table),
        file_name,
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
