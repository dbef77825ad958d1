"""Help: what BertLab can do and how it is served, from the pages that ship with the code."""

import streamlit as st

from bertlab.ui.app.lesson import open_page
from bertlab.ui.lessons.help import TOPICS, help_text
from bertlab.ui.state import url_state

open_page("Help", "What the lessons hold, and how to run BertLab for yourself or for a class.")
topic = st.segmented_control(
    "Topic", list(TOPICS), format_func=TOPICS.__getitem__, required=True,
    **url_state.option_state("topic", list(TOPICS), "lessons"),
)  # fmt: skip
st.markdown(help_text(topic))
