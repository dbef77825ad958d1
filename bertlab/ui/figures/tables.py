"""A table to look at and to take along."""

import pandas as pd
import streamlit as st

from bertlab.ui.figures.charts import csv_button

HEAD, ROW, TALLEST = 38, 35, 260  # pixels; a taller table scrolls


def downloadable(table: pd.DataFrame, *, label: str, file_name: str) -> None:
    """Draw a table with a button that saves it as a CSV safe for spreadsheet programs."""
    st.dataframe(table, hide_index=True, height=min(HEAD + ROW * len(table), TALLEST))
    csv_button(table, label=label, file_name=file_name)
